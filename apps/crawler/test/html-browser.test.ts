import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { skip, suite } from '@switchyard/testing';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { analyse } from '../src/compare/analysis/analyse.ts';
import { parseComparison } from '../src/compare/analysis/parse.ts';
import { htmlReport } from '../src/compare/report/html.ts';
import type { Comparison } from '../src/compare/result.ts';
import { CHROMIUM_FLAGS, findChromium } from './find-chromium.ts';
import { BEST, made, SETTINGS } from './made-comparison.ts';

const grid = made({
  latencies: [10, 50],
  works: ['0ms', '1ms', '16ms'],
  settings: [...SETTINGS, ...BEST],
  spans: 80,
});
const single = made({ spans: 80 });

const executablePath = findChromium();
let folder = '';
let browser: Browser | undefined;

const browsing = suite('the page in a browser');

browsing.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-report-'));
  for (const [name, comparison] of Object.entries({ grid, single })) write(name, comparison);
  if (executablePath !== undefined)
    browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
});

browsing.after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, comparison: Comparison): void {
  writeFileSync(join(folder, `${name}.html`), htmlReport(comparison, analyse(comparison)));
}

/** Opens a report from disk; what it complains of, or asks a network for, fails the test. */
async function open(
  name: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  if (browser === undefined) skip('there is no Chromium here: install one, or name it in CHROMIUM');
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  try {
    await context.addInitScript({ path: fileURLToPath(new URL('./page-probes.js', import.meta.url)) });
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.stack}`));
    page.on('request', (request) => {
      if (!/^(?:file|data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    await page.waitForSelector('html.drawn');
    await look(page);
  } finally {
    await context.close();
  }
  assert.equal(complaints, []);
}

/** What `probes` of page-probes.js finds. */
const ask = <T>(page: Page, probe: string): Promise<T> => page.evaluate<T>(`probes.${probe}()`);

const painted = (page: Page): Promise<{ name: string; pixels: number; colors: number }[]> =>
  ask(page, 'painted');

const LOOKS: readonly (readonly [string, BrowserContextOptions, 'screen' | 'print'])[] = [
  ['light, wide', { colorScheme: 'light' }, 'screen'],
  ['dark, wide', { colorScheme: 'dark' }, 'screen'],
  ['light, on a phone', { viewport: { width: 390, height: 844 } }, 'screen'],
  ['dark, on a phone', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }, 'screen'],
  ['on paper', { viewport: { width: 720, height: 1000 }, colorScheme: 'dark' }, 'print'],
];

for (const [name, options, media] of LOOKS)
  browsing(`draws every chart: ${name}`, async () => {
    await open('grid', options, async (page) => {
      await page.emulateMedia({ media });
      const charts = await painted(page);
      // Seven engines in flight, two of latency, two crossovers, four over time.
      assert.is(charts.length, 7 + 2 + 2 + 4, charts.map((chart) => chart.name).join(', '));
      for (const chart of charts) assert.ok(chart.pixels > 300 && chart.colors > 2, JSON.stringify(chart));
      const bars = await page.$$eval('.piece', (pieces) =>
        pieces.map((piece) => piece.getBoundingClientRect().width),
      );
      assert.is(bars.length, 7 * 4);
      assert.ok(Math.max(...bars) > 50 && Math.min(...bars) >= 1, `bars of ${bars}`);
      assert.is(await ask(page, 'overflow'), 0);
    });
  });

browsing('shows one point without what only a grid has', async () => {
  await open('single', {}, async (page) => {
    assert.is((await painted(page)).length, 6 + 2 + 4);
    assert.is(await page.locator('#crossover').count(), 0);
    assert.is(await page.locator('#points input').count(), 0);
  });
});

browsing('is dark or light as the system is, unless told', async () => {
  const paper = (page: Page): Promise<string> => ask(page, 'paper');
  await open('single', { colorScheme: 'dark' }, async (page) => {
    const dark = await paper(page);
    await page.getByRole('radio', { name: 'Light' }).check({ force: true });
    const light = await paper(page);
    assert.is.not(light, dark);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.is(await paper(page), light);
    await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
    assert.is(await paper(page), dark);
    await page.emulateMedia({ media: 'print' });
    assert.is(await paper(page), 'rgb(255, 255, 255)');
  });
});

browsing('hides an engine everywhere, and shows it again, by keyboard', async () => {
  await open('grid', {}, async (page) => {
    const button = page.getByRole('button', { name: 'threads', exact: true });
    const rows = (): Promise<number> => page.locator('[data-setting="threads"]').count();
    const before = await rows();
    assert.is(before, 4, 'a panel and three bars');
    await button.focus();
    await page.keyboard.press('Space');
    assert.is(await button.getAttribute('aria-pressed'), 'false');
    assert.is(await rows(), 0);
    await page.keyboard.press('Enter');
    assert.is(await button.getAttribute('aria-pressed'), 'true');
    assert.is(await rows(), before);
  });
});

browsing('can show no engine at all', async () => {
  await open('grid', {}, async (page) => {
    for (const button of await page.locator('button.engine').all()) await button.click();
    assert.is(await page.locator('[data-setting]').count(), 0);
  });
});

browsing('shows another point by keyboard', async () => {
  await open('grid', {}, async (page) => {
    const figure = (): Promise<string> =>
      page.locator('#throughput [data-setting="greenlet"] td').nth(1).innerText();
    const before = await figure();
    await page.locator('input[name="work a page"]').first().focus();
    await page.keyboard.press('ArrowRight');
    assert.is(await page.locator('.point-label').first().innerText(), '10 ms latency, 1 ms of work a page');
    assert.is.not(await figure(), before);
  });
});

const tip = (page: Page): Promise<string> => page.locator('.tip').innerText();

browsing('says what is under the pointer', async () => {
  await open('grid', {}, async (page) => {
    const chart = page.locator('#across-work .u-over');
    await chart.scrollIntoViewIfNeeded();
    await chart.hover({ position: { x: 20, y: 60 } });
    assert.match(await tip(page), /work a page: 0 ms[^]*greenlet\s+[\d,]+/);
    const lane = page.locator('.panel[data-setting="hybrid"] canvas');
    await lane.scrollIntoViewIfNeeded();
    await lane.hover({ position: { x: 30, y: 8 } });
    assert.match(await tip(page), /page \d+, worker 1[^]*answer took\s+[\d.]+ ms[^]*in all\s+[\d.]+ ms/);
    await page.mouse.move(2, 2);
    assert.ok(await page.locator('.tip').isHidden());
  });
});

browsing('reads charts out by keyboard', async () => {
  await open('grid', {}, async (page) => {
    await page.locator('#across-work').focus();
    await page.keyboard.press('ArrowRight');
    assert.match(await tip(page), /work a page: 0 ms/);
    await page.keyboard.press('ArrowRight');
    assert.match(await tip(page), /work a page: 1 ms/);
    await page.keyboard.press('Escape');
    assert.ok(await page.locator('.tip').isHidden());
    await page.locator('.panel[data-setting="greenlet"] canvas').focus();
    await page.keyboard.press('ArrowRight');
    assert.match(await tip(page), /^page 1\n/);
  });
});

browsing('gives all data and all runs away as files', async () => {
  await open('grid', {}, async (page) => {
    const download = async (name: string): Promise<string> => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name }).click(),
      ]);
      assert.match(file.suggestedFilename(), /^comparison-2026-03-14\.(json|csv)$/);
      return readFileSync((await file.path())!, 'utf8');
    };
    assert.equal(parseComparison(await download('JSON'), 'file'), JSON.parse(JSON.stringify(grid)));
    const lines = (await download('CSV')).trim().split('\r\n');
    assert.is(lines.length, 1 + grid.cells.flatMap(({ runs }) => runs).length);
    assert.ok(lines.every((line) => line.split(',').length === lines[0]!.split(',').length));
  });
});

browsing('can be used by those who do not see it', async () => {
  await open('grid', {}, async (page) => {
    assert.equal(await ask(page, 'faults'), []);
  });
});

for (const colorScheme of ['light', 'dark'] as const)
  browsing(`has text that stands out from what is behind it: ${colorScheme}`, async () => {
    await open('grid', { colorScheme }, async (page) => {
      assert.equal(await ask(page, 'faint'), []);
    });
  });

browsing('shows what there is where cells have failed, or none was measured', async () => {
  const failed = (cell: Comparison['cells'][number]): Comparison['cells'][number] => ({
    ...cell,
    runs: [],
    timeline: null,
    failed: 'no memory',
  });
  const some = grid.cells.map((cell) => (cell.setting.id === 'threads' ? failed(cell) : cell));
  write('some', { ...grid, cells: some });
  await open('some', {}, async (page) => {
    assert.is((await painted(page)).length, 6 + 2 + 2 + 4);
    assert.match(await page.locator('main').innerText(), /threads could not be measured: no memory/);
  });
  write('none', { ...grid, cells: grid.cells.map(failed) });
  await open('none', {}, async (page) => {
    assert.is(await page.locator('h1').innerText(), 'Nothing could be measured.');
    assert.is(await page.locator('.panel').count(), 0);
  });
});

browsing('runs nothing that stands in the data', async () => {
  const evil = '</script><script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 2">';
  const cells = single.cells.map((cell) => ({
    ...cell,
    command: evil,
    point: { ...cell.point, work: evil },
    setting: { ...cell.setting, id: `${cell.setting.id}${evil}` },
  }));
  write('evil', { ...single, cells, title: evil, subjects: [evil], command: evil, warnings: [evil] });
  await open('evil', {}, async (page) => {
    assert.is(await page.evaluate('globalThis.hacked'), undefined);
    assert.is(await page.locator('img').count(), 0);
    assert.is((await painted(page)).length, 6 + 2 + 4);
  });
});

browsing.run();
