import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep, spawn } from '@switchyard/gevent';
import { inline } from '@switchyard/remote';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { taskSettings } from '../src/compare/tasks/engines.ts';
import {
  analyse,
  compare,
  type Comparison,
  htmlReport,
  parseComparison,
  type TaskWorkload,
  textReport,
} from '../src/index.ts';
import { exits, fails, hash, nap, stuck, whereabouts } from './compare-jobs.ts';
import { cli } from './run-cli.ts';

const test = suite('compare tasks');

/** Every run is a process or three, which load all of it from sources. */
const LONG = { timeout: 120_000 };
const ONCE = { runs: 1, warmups: 0, repeats: 0 };

const folder = mkdtempSync(join(tmpdir(), 'switchyard-compare-tasks-'));
test.after(() => rmSync(folder, { recursive: true }));

const cellOf = ({ cells }: Comparison, id: string, work = cells[0]!.point.work) =>
  cells.find(({ setting, point }) => setting.id === id && point.work === work)!;

test('the same task under every engine, with the report of crawls', LONG, async () => {
  const items = Array.from({ length: 24 }, (_, index) => [`${index}`, 200]);
  const engines = [
    'serial',
    'greenlet',
    { engine: 'threads', workers: 2 },
    { engine: 'processes', workers: 2 },
    { engine: 'hybrid', inFlight: 4, workers: 2 },
  ] as const;
  const seen: string[] = [];
  const comparison = await compare({ name: 'hash', task: hash, items }, engines, {
    ...ONCE,
    inFlight: 4,
    onProgress: ({ cell }) => seen.push(cell.setting.id),
  });
  assert.equal(seen.toSorted(), ['greenlet', 'hybrid', 'processes', 'serial', 'threads']);
  assert.equal([comparison.kind, comparison.subjects, comparison.pages], ['tasks', ['hash'], 24]);
  const places: Record<string, [number, number]> = {
    serial: [1, 0],
    greenlet: [4, 0],
    threads: [2, 2],
    processes: [2, 2],
    hybrid: [4, 2],
  };
  for (const [id, [inFlight, workers]] of Object.entries(places)) {
    const { failed, setting, runs, timeline } = cellOf(comparison, id);
    assert.is(failed, null, id);
    assert.equal([setting.inFlight, setting.workers], [inFlight, workers], id);
    const [run] = runs;
    assert.equal([run!.pages, run!.requests, run!.serverPeak], [24, 24, null], id);
    assert.ok(run!.wall > 0 && run!.startup > 0 && run!.memory.bytes > 1e7, id);
    assert.ok(run!.fromDue.max <= run!.wall + 1 && run!.latency.max <= run!.wall + 1, id);
    const spans = timeline!.workers.flatMap((worker) => worker.spans);
    assert.is(spans.length, 24, id);
    for (const { start, arrived, done } of spans) assert.ok(start <= arrived && arrived <= done + 0.2, id);
    const names = timeline!.workers.map(({ name }) => name);
    if (workers === 0) assert.equal(names, ['main thread'], id);
    else
      assert.ok(names.length >= 1 && names.length <= 2 && !names.includes('main thread'), `${id}: ${names}`);
    assert.is(timeline!.samples.at(-1)!.pages, 24);
  }
  assert.is(new Set(comparison.cells.flatMap(({ runs }) => runs.map(({ digest }) => digest))).size, 1);
  assert.is(cellOf(comparison, 'serial').summary.speedUp!.median, 1);

  const read = parseComparison(JSON.stringify(comparison), 'it');
  const analysis = analyse(read);
  const text = textReport(read, analysis);
  assert.match(text, /items\/s/);
  assert.match(text, /24 items a run/);
  const words = `${text}\n${JSON.stringify(analysis)}`.replaceAll('"pages', '').replaceAll('cpuPerPage', '');
  assert.not.match(words, /\bpages?\b|\ba item/);
  assert.match(htmlReport(read, analysis), /Items a second/);
});

test('a task that throws or ends its process, and results that differ, are said', LONG, async () => {
  const numbers = [1, 2, 3, 4].map((number) => [number]);
  const comparison = await compare(
    [
      { name: 'fails', task: fails, items: numbers },
      { name: 'whereabouts', task: whereabouts, items: [[], [], []] },
    ],
    ['greenlet', { engine: 'threads', workers: 1 }],
    ONCE,
  );
  for (const id of ['greenlet', 'threads'])
    assert.is(cellOf(comparison, id, 'fails').failed, 'item 2 failed: RangeError: 3 is too much', id);
  assert.ok(
    comparison.warnings.includes(
      'threads gave other results of whereabouts than greenlet: the figures are not of the same work.',
    ),
    comparison.warnings.join('\n'),
  );
  const died = await compare({ name: 'exits', task: exits, items: [[3]] }, ['serial'], ONCE);
  assert.is(cellOf(died, 'serial').failed, 'its process ended with exit code 3');
  assert.is(analyse(died).headline, 'Nothing could be measured.');
});

test('an abort or a kill ends all processes', LONG, async () => {
  for (const way of ['abort', 'kill'] as const) {
    const file = join(folder, way);
    const abort = new AbortController();
    const work = { name: 'stuck', task: stuck, items: [[file]] };
    const options = { ...ONCE, signal: abort.signal };
    const waiting = spawn(function* () {
      const engine = way === 'abort' ? ({ engine: 'processes', workers: 1 } as const) : 'serial';
      return yield* compare(work, [engine], options);
    });
    const ended = spawn(function* () {
      try {
        yield* waiting;
        return 'done';
      } catch (error) {
        return String(error);
      }
    });
    let pid = NaN;
    while (Number.isNaN(pid)) {
      await sleep(10);
      pid = Number.parseInt(textOf(file), 10);
    }
    if (way === 'abort') abort.abort(new Error('enough'));
    else await waiting.kill();
    assert.match(await ended, way === 'abort' ? /^Error: enough$/ : /done|GreenletExit/);
    while (runs(pid)) await sleep(10);
  }
});

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const work = { name: 'nap', task: nap, items: [[1]] };

test('what cannot be compared is refused before anything runs', () => {
  const refused = (...args: readonly unknown[]): string => {
    try {
      void (compare as (...all: readonly unknown[]) => unknown)(...args);
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    throw new Error(`${JSON.stringify(args)} was not refused`);
  };
  assert.match(
    refused(),
    /TypeError: Expected a workload as in \{ name, task, items \} for compare, got undefined/,
  );
  assert.match(refused([]), /RangeError: .* got an empty list/);
  assert.match(
    refused([work, work]),
    /RangeError: Expected a name of its own for each workload, got 'nap' twice/,
  );
  assert.match(
    refused({ ...work, name: '' }),
    /TypeError: Expected a text as the name of a workload, got ''/,
  );
  assert.match(refused({ ...work, task: 'nap' }), /TypeError: Expected a task as the target of compare/);
  assert.match(refused({ ...work, task: () => 1 }), /TaskError: .*export const .* = task\(import\.meta/s);
  assert.match(refused({ ...work, task: inline((n: number) => n) }), /TaskError: .*inline function/);
  assert.match(
    refused({ ...work, items: [] }),
    /RangeError: Expected at least one item as the items of the workload 'nap', got an empty list/,
  );
  assert.match(refused({ ...work, items: 'a' }), /TypeError: Expected a list of argument lists .* got 'a'/);
  assert.match(
    refused({ ...work, items: [[1], 2] }),
    /TypeError: Expected a list of arguments as item 1 of the workload 'nap', got 2: write/,
  );
  assert.match(
    refused({ ...work, items: [[1], [() => 1]] }),
    /TypeError: Expected plain data as item 1 of .* could not be cloned/,
  );
  assert.match(refused(work, []), /RangeError: Expected at least one engine of serial, greenlet/);
  assert.match(
    refused(work, ['fibers']),
    /RangeError: Expected serial, greenlet, .* as an engine of compare, got 'fibers'/,
  );
  assert.match(refused(work, 'serial'), /TypeError: Expected a list of engines .* got 'serial'/);
  assert.match(refused(work, ['serial', 'serial']), /RangeError: Expected each engine once/);
  assert.match(
    refused(work, [{ engine: 'serial', inFlight: 2 }]),
    /RangeError: serial has one item at a time/,
  );
  assert.match(refused(work, [{ engine: 'greenlet', workers: 2 }]), /RangeError: greenlet has no workers/);
  assert.match(
    refused(work, [{ engine: 'threads', inFlight: 2, workers: 3 }]),
    /RangeError: Each worker of threads/,
  );
  assert.match(
    refused(work, ['serial'], { runs: 0 }),
    /RangeError: Expected a whole number from 1 to 10000 as the runs of compare, got 0/,
  );
  assert.match(refused(work, ['serial'], { signal: 1 }), /TypeError: Expected an AbortSignal/);
});

test('items may be made, by seed', async () => {
  const making = (items: unknown) => ({ ...work, items: items as () => number[][] });
  for (const [items, message] of [
    [(seed: number) => seed, /Expected a list of argument lists as the items of the workload 'nap', got 7/],
    [() => Promise.resolve([]), /got an empty list/],
    [
      function* () {
        yield* sleep(1);
        throw new Error('no items today');
      },
      /no items today/,
    ],
  ] as const) {
    const failed = await compare(making(items), ['serial'], { seed: 7 }).then(
      () => 'none',
      (error: Error) => error.message,
    );
    assert.match(failed, message);
  }
});

test('from the command line', LONG, async () => {
  const jobs = fileURLToPath(new URL('compare-jobs.ts', import.meta.url));
  const json = join(folder, 'tasks.json');
  const asked = ['compare', '--tasks', jobs, '--engines', 'serial', '--runs', '1', '--json', json];
  const { code, stdout, stderr } = await cli(...asked);
  assert.is(code, 0, stderr);
  assert.match(stdout, /2 items a run/);
  const { kind, command, cells } = parseComparison(readFileSync(json, 'utf8'), json);
  assert.equal([kind, command.includes(' --tasks '), cells.length], ['tasks', true, 1]);
  assert.match(cells[0]!.command, /^switchyard compare --tasks .* --engines serial --runs 1 --seed 1$/);

  const refused = await cli('compare', '--tasks', jobs, '--latency', '5');
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /--tasks compares tasks and not crawls: .* leave out --latency/);
});

test('settings', () => {
  const ids = (engines: readonly unknown[]) =>
    taskSettings(engines, 8).map(({ id, inFlight, workers, each }) => [id, inFlight, workers, each]);
  assert.equal(ids(['serial', 'greenlet', 'threads', { engine: 'hybrid', workers: 2 }]), [
    ['serial', 1, 0, 1],
    ['greenlet', 8, 0, 8],
    ['threads', 8, 8, 1],
    ['hybrid', 8, 2, 4],
  ]);
  // The same engine in several settings is told apart.
  assert.equal(ids(['threads', { engine: 'threads', workers: 2 }, { engine: 'greenlet', inFlight: 64 }]), [
    ['threads (8)', 8, 8, 1],
    ['threads (2)', 2, 2, 1],
    ['greenlet', 64, 0, 64],
  ]);
});

test('a workload has the types of its task', () => {
  const typed = (): void => {
    // @ts-expect-error -- a text is no number
    void compare({ name: 'nap', task: nap, items: [['1']] });
    // @ts-expect-error -- it takes no boolean
    void compare([work, { name: 'hash', task: hash, items: [['1', true]] }]);
    void compare([work, { name: 'hash', task: hash, items: [['1', 2]] }]);
    void compare({ name: 'nap', task: nap, items: (seed) => [[seed]] });
    const several: TaskWorkload[] = [work, { name: 'hash', task: hash, items: [['1', 2]] }];
    void compare(several);
  };
  assert.type(typed, 'function');
});

test.run();
