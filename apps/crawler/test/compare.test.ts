import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pidsOfTree } from '@switchyard/measure';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { parseComparison } from '../src/compare/analysis/parse.ts';
import type { Cell, Comparison } from '../src/compare/result.ts';
import { cli, Cli } from './run-cli.ts';
import { SmallSite } from './small-site.ts';
import { links } from './worker-runs.ts';

const test = suite('compare');

/** Every run is a process or three, which load all of it from sources. */
const LONG = { timeout: 180_000 };

const folder = mkdtempSync(join(tmpdir(), 'switchyard-compare-'));
test.after(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);

function comparisonIn(name: string): Comparison {
  return parseComparison(readFileSync(file(name), 'utf8'), name);
}

function cellOf({ cells }: Comparison, id: string): Cell {
  const cell = cells.find(({ setting }) => setting.id === id);
  assert.ok(cell, `a cell of ${id}, got ${cells.map(({ setting }) => setting.id).join()}`);
  return cell!;
}

// Two are no more than there are cores: no pool is shown at its best besides.
const SMALL = ['--in-flight', '2', '--pages', '24', '--latency', '5', '--runs', '1', '--no-color'];

test('all engines do the same pages, with as many requests at once as they were given', LONG, async () => {
  const engines = ['--engines', 'serial,greenlet,threads'];
  const { code, stdout, stderr } = await cli('compare', ...engines, ...SMALL, '--json', file('a.json'));
  assert.is(code, 0, stderr);
  assert.match(stderr, /of \d+ runs, about .* left/);
  for (const id of ['serial', 'greenlet', 'threads']) assert.match(stdout, new RegExp(`\\b${id}\\b`));

  const comparison = comparisonIn('a.json');
  assert.equal([comparison.kind, comparison.subjects, comparison.pages], ['demo', ['the demo site'], 24]);
  assert.ok(comparison.capacity! > 100);
  const peaks: Record<string, number> = { serial: 1, greenlet: 2, threads: 2 };
  const digests = new Set<string>();
  for (const [id, peak] of Object.entries(peaks)) {
    const cell = cellOf(comparison, id);
    assert.is(cell.failed, null);
    const [run] = cell.runs;
    assert.equal([run!.pages, run!.requests, run!.serverPeak], [24, 24, peak], id);
    // 24 pages of 5 ms each, in so many places.
    assert.ok(run!.wall >= (24 / peak) * 5 - 1, `${id} took ${run!.wall} ms`);
    assert.ok(run!.latency.p50 >= 4 && run!.fromDue.max >= run!.latency.p50);
    assert.ok(run!.startup > 0 && run!.cpu.user + run!.cpu.system > 0 && run!.memory.bytes > 1e7);
    digests.add(run!.digest);
    const { workers, samples } = cell.timeline!;
    assert.is(
      workers.reduce((sum, { spans }) => sum + spans.length, 0),
      24,
      id,
    );
    for (const { spans } of workers) {
      for (const { start, arrived, done } of spans) assert.ok(start <= arrived && arrived <= done + 0.2);
    }
    assert.is(samples.at(-1)!.pages, 24);
  }
  assert.is(digests.size, 1);
  assert.is(cellOf(comparison, 'threads').timeline!.workers.length, 2);
  // No time is asserted: that greenlets are faster may be hidden by whatever else the machine does.
  assert.is(cellOf(comparison, 'serial').summary.speedUp!.median, 1);
  assert.ok(cellOf(comparison, 'greenlet').summary.speedUp!.median > 0);

  const { stdout: diff, code: same } = await cli('compare', 'diff', file('a.json'), file('a.json'));
  assert.equal([same, diff.includes('greenlet')], [0, true]);
});

test('an engine whose process dies says why, and the others go on', LONG, async () => {
  const deadly = file('deadly.mjs');
  writeFileSync(deadly, 'export default ({ url }) => { if (url.endsWith("/page/7")) process.exit(3); };');
  const args = ['--engines', 'greenlet,processes', '--work', deadly, '--json', file('b.json')];
  const { code, stderr } = await cli('compare', ...args, ...SMALL);
  assert.is(code, 0, stderr);
  const comparison = comparisonIn('b.json');
  const greenlet = cellOf(comparison, 'greenlet');
  assert.equal([greenlet.failed, greenlet.runs.length], ['its process ended with exit code 3', 0]);
  const processes = cellOf(comparison, 'processes');
  assert.equal([processes.failed, processes.runs[0]!.pages], [null, 24]);
  assert.ok(
    comparison.warnings.some((warning) =>
      /processes .* page that failed: .*\/page\/7: internal/.test(warning),
    ),
  );
});

test('Ctrl-C shows what there is so far, and leaves no process behind', LONG, async () => {
  const command = new Cli([
    'compare',
    '--engines',
    'greenlet,threads',
    '--latency',
    '5',
    '--pages',
    '20',
    '--in-flight',
    '2',
    '--runs',
    '1000',
    '--no-color',
    '--json',
    file('c.json'),
  ]);
  // The warm-ups are two runs, and two of the first round are behind it.
  await command.says('stderr', /\n(?:[5-9]|\d\d+) of \d+ runs/);
  const started = pidsOfTree(command.child.pid!).slice(1);
  command.child.kill('SIGINT');
  const { code, stdout, stderr } = await command.result();
  assert.is(code, 130, stderr);
  assert.match(stderr, /SIGINT: stopping/);
  assert.match(stdout, /greenlet/);
  const comparison = comparisonIn('c.json');
  const runs = comparison.cells.map((cell) => cell.runs.length);
  assert.ok(
    runs.every((count) => count >= 1 && count < 1000),
    `runs of the cells: ${runs.join()}`,
  );
  for (const pid of started) while (isAlive(pid)) await new Promise(setImmediate);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('sites of others get the pages that were found there, no more often than was said', LONG, async () => {
  let requests = 0;
  const site = await SmallSite.start(links(8), () => {
    requests++;
    return false;
  });
  try {
    const args = ['--engines', 'serial,greenlet', '--pages', '5', '--runs', '1', '--in-flight', '2'];
    const { code, stderr } = await cli('compare', site.url, ...args, '--json', file('d.json'), '--no-color');
    assert.is(code, 0, stderr);
  } finally {
    await site.stop();
  }
  const { kind, capacity, cells, warnings } = comparisonIn('d.json');
  assert.equal([kind, capacity], ['urls', null]);
  assert.equal(
    cells.map(({ runs }) => runs.map(({ pages, digest }) => [pages, digest === cells[0]!.runs[0]!.digest])),
    cells.map(() => [[5, true]]),
  );
  assert.ok(warnings.some((warning) => warning.includes('No run was made that does not count')));
  // Nobody counts the front page here, which is one of the five: four for each run, and one look around.
  // Each of the two runs may be made three times.
  assert.ok(requests <= 4 * 2 * 3 + 4, `${requests} requests, with those of runs that were disturbed`);
});

test('many requests to others need a yes', async () => {
  const { code, stdout, stderr } = await cli('compare', 'http://example.invalid/');
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /\d{3} requests at the most to example\.invalid, more than 200; pass --yes/);
});

test('what is no comparison cannot be compared', async () => {
  writeFileSync(file('not.json'), '{"format":"other"}');
  const { code, stderr } = await cli('compare', 'diff', file('not.json'), file('none.json'));
  assert.is(code, 2);
  assert.match(stderr, /not\.json is not a comparison/);
});

test.run();
