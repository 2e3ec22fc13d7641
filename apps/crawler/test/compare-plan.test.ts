import { availableParallelism } from 'node:os';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { capacityOf } from '../src/compare/capacity.ts';
import { percentiles } from '../src/compare/cell.ts';
import { Gate } from '../src/compare/gate.ts';
import { pagesFor, plan, type PlanOptions } from '../src/compare/plan.ts';
import type { Run } from '../src/compare/result.ts';
import { settingsOf } from '../src/compare/settings-of.ts';
import { believed, middleRun, summarized, summaryOf } from '../src/compare/summarize.ts';
import { compareCommand } from '../src/cli/compare-command.ts';
import { type CompareSettings, compareSettings, requestsOf } from '../src/cli/compare-settings.ts';
import { DemoServer } from '../src/demo/server.ts';
import { DemoSite } from '../src/demo/site.ts';
import { ENGINES } from '../src/engines/engines.ts';
import { COMPARED } from '../src/compare/settings-of.ts';

const test = suite('the plan of a comparison');

const settings = (name: string, inFlight = 16): ReturnType<typeof settingsOf> =>
  settingsOf(ENGINES.get(name)!, inFlight);

test('all engines have the same number in flight, with a page a worker where they have one at a time', () => {
  assert.equal(
    settings('greenlet').map(({ inFlight, workers, each }) => [inFlight, workers, each]),
    [[16, 0, 16]],
  );
  assert.equal(
    settings('processes').map(({ inFlight, workers, each }) => [inFlight, workers, each]),
    [[16, 16, 1]],
  );
  assert.is(settings('serial')[0]!.inFlight, 1);
  const cores = Math.min(16, availableParallelism());
  assert.is(settings('hybrid')[0]!.workers, cores);
});

test('a pool is shown at its best, too: as many workers as cores, with coroutines in each', () => {
  const [equal, best] = settings('threads', 64);
  assert.equal([equal!.id, equal!.terms, equal!.workers], ['threads', 'equal', 64]);
  assert.equal([best!.id, best!.terms, best!.inFlight], ['threads (best)', 'best', 64]);
  assert.is(best!.workers, Math.min(64, availableParallelism()));
});

const OPTIONS: PlanOptions = {
  settings: ['serial', 'greenlet', 'threads'].flatMap((name) => settings(name)),
  latencies: [0, 200],
  works: [{ type: 'links' }, { type: 'burn', ms: 4, rounds: 1 }],
  pages: undefined,
  serialTime: 4_000,
  mostPages: 1_000,
};

test('every engine gets the same pages at a point, fewer where each takes long', () => {
  const cells = plan(OPTIONS);
  for (const { at } of cells) {
    const pages = cells.filter((cell) => cell.at.point === at.point).map((cell) => cell.at.pages);
    assert.is(new Set(pages).size, 1);
  }
  const pagesAt = (latency: number, work: string): number =>
    cells.find(({ at: { point } }) => point.latency === latency && point.work === work)!.at.pages;
  assert.ok(pagesAt(0, 'links') > pagesAt(0, '4ms'));
  assert.ok(pagesAt(0, '4ms') > pagesAt(200, '4ms'));
  assert.is(plan({ ...OPTIONS, pages: 33 })[0]!.at.pages, 33);
});

test('there is enough for all places, and not more than the most', () => {
  assert.is(pagesFor(10_000, 1, OPTIONS), 64);
  assert.is(pagesFor(0, 0.01, OPTIONS), 1_000);
});

test('what can be left out is what is not needed for an answer', () => {
  const ranks = plan(OPTIONS).map(({ at: { point }, setting, rank }) => [
    point.latency,
    point.work,
    setting.id,
    rank,
  ]);
  assert.equal(ranks[0], [0, 'links', 'serial', 0]);
  assert.equal(ranks.at(-1), [200, '4ms', 'threads (best)', 3]);
});

test('percentiles are of the values that there are', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentiles(values), { p50: 50, p90: 90, p99: 99, max: 100 });
  assert.equal(percentiles([7]), { p50: 7, p90: 7, p99: 7, max: 7 });
  assert.equal(percentiles([]), { p50: 0, p90: 0, p99: 0, max: 0 });
});

const TIMES = { p50: 1, p90: 2, p99: 3, max: 4 };

function run(wall: number, dirty = false): Run {
  return {
    order: 0,
    wall,
    startup: 100,
    cpu: { user: 30, system: 10 },
    pages: 20,
    requests: 20,
    latency: TIMES,
    fromDue: TIMES,
    loopLag: null,
    memory: { bytes: 1000, kind: 'pss' },
    switches: null,
    serverPeak: 4,
    digest: 'x',
    foreign: dirty ? 1 : 0,
    dirty,
  };
}

test('a summary is of the clean runs, and of all where none is clean', () => {
  const { pagesPerSecond, cpuPerPage, speedUp } = summaryOf(
    [run(1000), run(500), run(2000), run(9000, true)],
    [run(4000), run(4000)],
    1,
  );
  assert.equal([pagesPerSecond.median, pagesPerSecond.low, pagesPerSecond.high], [20, 10, 40]);
  assert.is(cpuPerPage.median, 2);
  assert.is(speedUp!.median, 4);
  assert.is(believed([run(1, true), run(2, true)]).length, 2);
});

test('a speed-up is over serial at the same point, and there is none without', () => {
  const cell = (id: string, latency: number, wall: number): Parameters<typeof summarized>[0][number] => ({
    point: { latency, work: 'links' },
    setting: { ...settings('serial')[0]!, id },
    runs: [run(wall)],
    timeline: null,
    command: '',
    failed: null,
  });
  const cells = summarized(
    [cell('serial', 10, 1000), cell('greenlet', 10, 250), cell('greenlet', 50, 250)],
    1,
  );
  assert.equal(
    cells.map(({ summary }) => summary.speedUp?.median ?? null),
    [1, 4, null],
  );
});

test('the picture is that of the run in the middle', () => {
  const made = [run(5), run(1), run(3), run(2, true)].map((one) => ({ run: one }));
  assert.is(middleRun(made)!.run.wall, 3);
  assert.is(middleRun([]), undefined);
});

test('a gate is answered when all have asked, and to everybody after that', async () => {
  const gate = await Gate.open();
  try {
    gate.shut(3);
    let answered = 0;
    const ask = async (): Promise<void> => {
      const response = await fetch(gate.url);
      assert.match(await response.text(), /The gate/);
      answered++;
    };
    const first = [ask(), ask()];
    while (gate.waiting < 2) await new Promise(setImmediate);
    assert.is(answered, 0);
    await Promise.all([...first, ask()]);
    assert.is(answered, 3);
    await ask();
    gate.shut(1);
    await ask();
    assert.is(answered, 5);
  } finally {
    await gate.close();
  }
});

test('the capacity of a site is what it says it has served', async () => {
  const server = new DemoServer({ pages: 20, latency: 0, pageSize: 4096, seed: 1, plain: true });
  const url = await server.listen(0, '127.0.0.1');
  try {
    const capacity = await capacityOf(url, async () => server.stats.requests);
    assert.ok(capacity > 100, `requests a second, got ${capacity}`);
    assert.ok(server.stats.requests >= capacity * 0.6 * 0.9);
  } finally {
    await server.close();
  }
});

test('a site for measuring has ordinary pages that take the time they are to take', async () => {
  const site = new DemoSite({ pages: 40, latency: 30, pageSize: 2048, seed: 3, plain: true });
  assert.is(site.linkedPages().length, 40);
  for (const path of site.linkedPages()) {
    const { status, body } = site.answer(path, 'http://x', '');
    assert.equal([status, site.latency(path)], [200, 30]);
    assert.not.match(body.toString(), /\/(?:slow|flaky|bomb|hostile|redirect)/);
  }
  assert.is(site.answer('/slow', 'http://x', '').status, 404);
});

const usage = suite('the options of compare');

async function settingsFor(...args: string[]): Promise<CompareSettings> {
  let found: CompareSettings | undefined;
  const command = compareCommand(
    async (urls, raw) => {
      found = await compareSettings(urls, raw);
    },
    async () => {},
  );
  command.exitOverride().configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return found!;
}

async function refusal(args: readonly string[]): Promise<string> {
  try {
    await settingsFor(...args);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const BAD: readonly (readonly [readonly string[], RegExp])[] = [
  [['--engines', 'warp'], /no engine "warp"; write some of serial,greenlet,.*hybrid as --engines/],
  [['--engines', 'serial,,hybrid'], /Expected names with commas between them/],
  [['--latency', '10,soon'], /Expected a time such as 250ms/],
  [
    ['--work', 'much'],
    /Expected links, dom, milliseconds such as 4ms, or the path of a module as --work, got "much"/,
  ],
  [['--in-flight', '1'], /Expected a whole number from 2 to 128/],
  [['--runs', '0'], /Expected a whole number from 1 up/],
  [
    ['--json', '/no/such/folder/x.json'],
    /Cannot write to "\/no\/such\/folder\/x\.json" .*; name a file in a folder/,
  ],
  [['--json', import.meta.dirname], /it is a folder/],
  [['http://localhost/', '--latency', '5'], /--latency is that of the demo site; leave it out/],
  [['http://localhost/', '--demo'], /write one or the other/],
  [['http://localhost/', '--full'], /--full goes through latencies/],
  [['example.com'], /write https:\/\/example\.com/],
];

usage('what cannot work is refused before anything starts', async () => {
  for (const [args, message] of BAD) assert.match(await refusal(args), message, args.join(' '));
});

usage('it is quick unless it is told what to compare', async () => {
  const quick = await settingsFor();
  assert.ok(quick.budget < 60_000);
  assert.equal([quick.raw.runs, quick.warmUps], [5, 1]);
  assert.equal(
    new Set(quick.plan.settings.map(({ engine }) => engine)),
    new Set(COMPARED.filter((n) => ENGINES.has(n))),
  );
  const full = await settingsFor('--full');
  assert.equal([full.budget, full.plan.latencies, full.plan.works.length], [Infinity, [0, 10, 50, 200], 4]);
  assert.is((await settingsFor('--latency', '5')).budget, Infinity);
  assert.is(Math.max(...full.plan.settings.map(({ inFlight }) => inFlight)), 16);
});

usage('engines, latencies and works are taken once each', async () => {
  const { plan: found } = await settingsFor(
    '--engines',
    'hybrid,serial,hybrid',
    '--latency',
    '0,10ms,0',
    '--work',
    'links,2ms,dom',
  );
  assert.equal([...new Set(found.settings.map(({ id }) => id))], ['serial', 'hybrid']);
  assert.equal(found.latencies, [0, 10]);
  assert.equal(
    found.works.map(({ type }) => type),
    ['links', 'burn', 'dom'],
  );
});

usage('sites of others get no run that does not count, and as few pages as it takes', async () => {
  const others = await settingsFor('https://example.com/', '--engines', 'serial,greenlet');
  assert.equal([others.warmUps, others.plan.pages, others.plan.latencies], [0, 10, [null]]);
  // Ten pages and a robots.txt, for two engines five times, and once to find the pages.
  assert.is(requestsOf(others), 11 * 2 * 5 + 11);
});

test.run();
usage.run();
