import { stripVTControlCharacters } from 'node:util';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { analyse } from '../src/compare/analysis/analyse.ts';
import type { Comparison } from '../src/compare/result.ts';
import { BEST, made, SETTINGS } from './made-comparison.ts';

// Whether a terminal can show colours is asked once, when the module is loaded.
delete process.env['NO_COLOR'];
process.env['FORCE_COLOR'] = '1';
const { textReport } = await import('../src/compare/report/text.ts');

const report = (comparison: Comparison, width: number, color = false): string =>
  textReport(comparison, analyse(comparison), { color, width });

const grid = made({ latencies: [10, 50], works: ['0ms', '1ms', '16ms'], settings: [...SETTINGS, ...BEST] });

const ESCAPE = '\u001b';

const text = suite('the report in a terminal');

for (const width of [80, 100, 120])
  text(`fits into ${width} columns`, () => {
    const long = report(grid, width)
      .split('\n')
      .filter((line) => line.length > width);
    assert.equal(long, []);
  });

text('begins with the verdict, and has a row for each engine at each point', () => {
  const lines = report(grid, 120).split('\n');
  assert.match(lines[0]!, /^Use (greenlets|select) where a page needs little work/);
  for (const { id } of [...SETTINGS, ...BEST])
    assert.is(
      lines.filter((line) => new RegExp(`^[ \\d]* ${id.replace(/[()]/g, '.')} +\\d`).test(line)).length,
      6,
      id,
    );
});

text('has no colours unless they are wanted', () => {
  assert.not.ok(report(grid, 100).includes(ESCAPE));
});

text('says the same words with colours', () => {
  const painted = report(grid, 100, true);
  assert.ok(painted.includes(ESCAPE));
  assert.is(stripVTControlCharacters(painted), report(grid, 100));
});

text('says what failed and what is doubtful', () => {
  const one = made();
  const cells = one.cells.map((cell) =>
    cell.setting.id === 'processes' ? { ...cell, runs: [], failed: 'fork failed' } : cell,
  );
  const shown = report({ ...one, cells, capacity: 1_500, warnings: ['The clock jumped.'] }, 80);
  assert.match(shown, /processes could not be measured: fork failed/);
  assert.match(shown, /! The clock jumped\./);
  assert.match(shown, /! The server can answer 1,500 requests a second/);
});

text('says once why nothing was measured', () => {
  const one = made();
  const cells = one.cells.map((cell) => ({ ...cell, runs: [], failed: 'stopped' }));
  const shown = report({ ...one, cells }, 120);
  assert.match(shown, /^Nothing could be measured\.\n/);
  assert.match(
    shown,
    /\nserial, greenlet, select, threads, processes and hybrid could not be measured: stopped\n/,
  );
  assert.not.match(shown, /pages\/s|The wrong choice/);
});

text('keeps a figure and its unit on one line', () => {
  const lines = report(grid, 80).split('\n');
  assert.equal(
    lines.filter((line) => /^\s*(ms|%|MB)\b/.test(line)),
    [],
  );
});

text.run();
