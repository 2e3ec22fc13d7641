import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { analyse } from '../src/compare/analysis/analyse.ts';
import { htmlReport } from '../src/compare/report/html.ts';
import type { Comparison } from '../src/compare/result.ts';
import { made } from './made-comparison.ts';

const report = (comparison: Comparison): string => htmlReport(comparison, analyse(comparison));

/** The parts that are not data. */
const withoutData = (html: string): string =>
  html.replace(/<script type="application\/json"[^]*?<\/script>/g, '');

const html = suite('the report as a page');

html('is below 300 KB without its data', () => {
  const size = withoutData(report(made({ latencies: [10, 50], works: ['0ms', '4ms'] }))).length;
  assert.ok(size < 300_000, `${size} characters`);
});

html('asks for nothing that is not in it', () => {
  const page = withoutData(report(made()));
  assert.not.match(page, /<(?:script|img|link|iframe)[^>]+(?:src|href)="(?!data:)/);
  assert.not.match(page, /@import|url\((?!data:)/);
  assert.not.match(page, /\b(?:fetch|XMLHttpRequest|importScripts)\s*\(/);
  assert.match(page, /default-src 'none'/);
});

html('holds all of the data', () => {
  const comparison = made();
  const [, data] = /id="comparison">([^]*?)<\/script>/.exec(report(comparison))!;
  assert.equal(JSON.parse(data!), JSON.parse(JSON.stringify(comparison)));
});

html('says the verdict and the figures without its program', () => {
  const comparison = made({ works: ['0ms', '16ms'] });
  const page = withoutData(report(comparison)).replace(/<script>[^]*?<\/script>/g, '');
  const { headline } = analyse(comparison);
  const plain = page.replaceAll('\u00a0', ' ');
  assert.ok(plain.includes(`<h1>${headline}</h1>`), headline);
  for (const { setting } of comparison.cells) assert.ok(plain.includes(`>${setting.id}<`), setting.id);
  assert.ok(page.includes('switchyard compare --seed 7'));
});

html('lets nothing in the data be more than text', () => {
  const evil = '</script><script>globalThis.hacked = 1</script><img src=x onerror=alert(1)>"\'&';
  const one = made();
  const cells = one.cells.map((cell, index) => ({
    ...cell,
    command: evil,
    point: { ...cell.point, work: evil },
    setting: { ...cell.setting, id: `${cell.setting.id}${evil}`, engine: `${cell.setting.engine}${evil}` },
    failed: index === 0 ? evil : null,
  }));
  const page = report({
    ...one,
    cells,
    title: evil,
    subjects: [evil],
    command: evil,
    started: evil,
    warnings: [evil],
  });
  assert.not.match(page, /<script>globalThis\.hacked/);
  assert.not.match(page, /<img/);
  assert.is(page.match(/<script/g)!.length, 4, 'elements of script');
});

html.run();
