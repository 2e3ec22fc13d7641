import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { analyse } from '../src/compare/analysis/analyse.ts';
import { crossovers } from '../src/compare/analysis/crossover.ts';
import { doubts } from '../src/compare/analysis/doubts.ts';
import { rank } from '../src/compare/analysis/ranking.ts';
import type { Cell, Comparison } from '../src/compare/result.ts';
import { atSpeed, BEST, made, SETTINGS } from './made-comparison.ts';

/** The one point of a comparison with other speeds, in pages a second; `serial` and others are left out. */
function withSpeeds(speeds: Readonly<Record<string, number>>, share = 0.02): Comparison {
  const one = made({ settings: [...SETTINGS, ...BEST] });
  const cells = one.cells
    .filter(({ setting }) => speeds[setting.id] !== undefined)
    .map((cell) => atSpeed(cell, speeds[cell.setting.id]!, share));
  return { ...one, cells };
}

const changed = (comparison: Comparison, id: string, change: (cell: Cell) => Cell): Comparison => ({
  ...comparison,
  cells: comparison.cells.map((cell) => (cell.setting.id === id ? change(cell) : cell)),
});

const ranking = suite('the ranking of engines');

ranking('puts those in one place whose intervals overlap with the first of it', () => {
  const { cells } = withSpeeds({ serial: 20, greenlet: 1000, threads: 985, hybrid: 700 });
  const places = rank(cells).map(({ cell, place }) => [cell.setting.id, place]);
  assert.equal(places, [
    ['greenlet', 1],
    ['threads', 1],
    ['hybrid', 3],
    ['serial', 4],
  ]);
});

ranking('is not carried along a chain of small differences', () => {
  // Each overlaps with the next, the first does not with the last.
  const { cells } = withSpeeds({ greenlet: 1000, threads: 970, hybrid: 940 });
  assert.equal(
    rank(cells).map(({ place }) => place),
    [1, 1, 3],
  );
});

ranking('gives no place to best settings, and puts what failed last', () => {
  const all = withSpeeds({ greenlet: 1000, threads: 500, 'threads (best)': 2000 });
  const { cells } = changed(all, 'threads', (cell) => ({ ...cell, runs: [], failed: 'out of memory' }));
  assert.equal(
    rank(cells).map(({ cell, place }) => [cell.setting.id, place]),
    [
      ['threads (best)', null],
      ['greenlet', 1],
      ['threads', null],
    ],
  );
});

ranking.run();

const verdicts = suite('the verdict');

verdicts('names the one that is clearly fastest', () => {
  const { headline, points } = analyse(withSpeeds({ serial: 20, greenlet: 1000, threads: 800 }));
  assert.is(headline, 'Use greenlets.');
  assert.match(
    points[0]!.verdict,
    /^Greenlets: 1,000 pages a second \(95 %: 980 to 1,020\), 25 % faster than threads\./,
  );
});

verdicts('says that there is no difference, and who needs less', () => {
  const { headline, points } = analyse(withSpeeds({ greenlet: 1000, hybrid: 1010 }));
  assert.is(headline, 'Use greenlets: hybrid is as fast, and needs more memory.');
  assert.match(
    points[0]!.verdict,
    /^No difference between hybrid and greenlets: about 1,010 .* Of these, greenlets need least memory \(10\d MB\) and least CPU time/,
  );
});

verdicts('does not choose by a difference that is sure and does not matter', () => {
  const comparison = withSpeeds({ greenlet: 1000, hybrid: 1020 }, 0.005);
  const { headline, points } = analyse(comparison);
  assert.is(headline, 'Use greenlets: hybrid is as fast, and needs more memory.');
  assert.match(
    points[0]!.verdict,
    /^Hybrid: 1,020 .*2 % faster than greenlets, which is too little to choose by/,
  );
});

verdicts('names what is faster when set as it is best run', () => {
  const { points } = analyse(withSpeeds({ greenlet: 1000, threads: 800, 'threads (best)': 1500 }));
  assert.match(
    points[0]!.verdict,
    /Not at equal terms, .*: threads with 64 in flight 1,500 pages a second\.$/,
  );
});

verdicts('says for what one point holds, and what would change it', () => {
  const { reach } = analyse(made());
  assert.match(
    reach,
    /^This holds for 50 ms latency, work "links", on this machine \(2 cores\), and nothing else was measured/,
  );
  assert.match(
    reach,
    /about 0\.5\d? ms more work a page would fill it, and pools would begin to win: to be measured/,
  );
});

verdicts('does not take what it cannot tell apart for equal', () => {
  const { headline, points } = analyse(withSpeeds({ greenlet: 190, hybrid: 40 }, 0.9));
  assert.is(
    headline,
    'Not decided: greenlets had the highest median, and the runs differ too much to tell them from hybrid.',
  );
  assert.match(
    points[0]!.verdict,
    /^No difference shown between greenlets and hybrid: medians of 190 and 40 pages a second, and intervals that overlap/,
  );
});

verdicts('is not sure of disturbed runs', () => {
  const quiet = withSpeeds({ greenlet: 1000, threads: 500 });
  const loud = changed(quiet, 'greenlet', (cell) => ({
    ...cell,
    runs: cell.runs.map((run) => ({ ...run, dirty: true })),
  }));
  assert.is(analyse(loud).headline, 'Not sure, as other processes disturbed the runs: Use greenlets.');
});

verdicts('is not sure of few runs', () => {
  const { headline, warnings } = analyse(made({ runs: 3 }));
  assert.match(headline, /^Not sure yet, with 3 runs each: Use /);
  assert.match(warnings.join('\n'), /Only 3 runs were counted of a cell/);
});

verdicts('says when nothing could be measured', () => {
  const failed = made().cells.map((cell) => ({ ...cell, runs: [], failed: 'no server' }));
  const analysis = analyse({ ...made(), cells: failed });
  assert.is(analysis.headline, 'Nothing could be measured.');
  assert.is(analysis.points[0]!.verdict, 'Nothing could be measured here.');
  // What failed for all is no case against any of them.
  assert.equal(
    analysis.unsuited.flatMap(({ reasons }) => reasons),
    [],
  );
});

verdicts('of tasks names the fastest of each', () => {
  const one = withSpeeds({ greenlet: 1000, threads: 500 });
  const named = (work: string): Cell[] =>
    one.cells.map((cell) => ({ ...cell, point: { latency: null, work } }));
  const two = named('hash').map((cell) => atSpeed(cell, cell.setting.id === 'threads' ? 900 : 300));
  const { headline } = analyse({ ...one, kind: 'tasks', cells: [...named('sleep'), ...two] });
  assert.is(headline, 'Fastest: sleep: greenlets; hash: threads.');
});

verdicts.run();

const crossing = suite('where pools overtake coroutines');

crossing('is found near where the one thread is full', () => {
  // A page costs the one thread 0.26 ms besides its work, and answers come every 50 / 64 = 0.78 ms.
  const found = crossovers(made({ works: ['0ms', '1ms', '4ms', '16ms'] })).find(
    ({ pool }) => pool === 'hybrid',
  )!;
  assert.is(found.kind, 'found');
  assert.is(found.one, 'greenlet');
  assert.ok(found.at! > 0.45 && found.at! < 0.75, `found at ${found.at}`);
  assert.ok(found.range![0] <= found.at! && found.at! <= found.range![1], `range ${found.range}`);
  assert.equal(found.between, [0, 1]);
  assert.ok(found.gain > 1.8 && found.gain < 2.2, `gain ${found.gain}`);
});

crossing('is predicted from latency, requests in flight, costs and cores', () => {
  const { prediction } = crossovers(made({ works: ['0ms', '4ms'] })).find(({ pool }) => pool === 'hybrid')!;
  assert.is(prediction.rule, 50 / 64);
  assert.is(prediction.cores, 2);
  assert.ok(Math.abs(prediction.refined! - (50 / 64 - prediction.costs.one)) < 1e-9, `${prediction.refined}`);
});

crossing('is not predicted for a machine with one core', () => {
  const analysis = analyse(made({ works: ['0ms', '16ms'], cores: 1 }));
  const hybrid = analysis.crossovers.find(({ pool }) => pool === 'hybrid')!;
  assert.is(hybrid.prediction.refined, null);
  assert.is(hybrid.kind, 'never');
  assert.match(analysis.crossings.join('\n'), /Predicted: never, as the pool has no second core to use/);
  assert.match(analysis.headline, /^Use greenlets: up to 16 ms of work a page.* no pool was clearly faster/);
});

crossing('is nowhere when the pool is ahead from the least work on', () => {
  const settings = SETTINGS.filter(({ id }) => ['greenlet', 'hybrid'].includes(id));
  const { crossovers: found, headline } = analyse(made({ works: ['4ms', '16ms'], settings }));
  assert.equal(
    found.map(({ kind, at }) => [kind, at]),
    [['always', null]],
  );
  assert.is(headline, 'Use hybrid: faster than greenlets at every amount of work that was measured.');
});

crossing('is in the headline, with the pools that begin to win', () => {
  const settings = SETTINGS.filter(({ id }) => ['serial', 'greenlet', 'threads'].includes(id));
  const cells = made({ works: ['0ms', '1ms', '4ms'], settings });
  assert.match(
    analyse(cells).headline,
    /^Use greenlets; threads begin to win above [23](\.\d+)? ms of work a page\.$/,
  );
});

crossing('is found at each latency', () => {
  const found = crossovers(
    made({ latencies: [50, 200], works: ['0ms', '1ms', '4ms', '16ms'], pages: 1_600 }),
  );
  const [short, long] = [50, 200].map((latency) =>
    found.find((one) => one.latency === latency && one.pool === 'hybrid')!,
  );
  assert.ok(long!.at! > short!.at! * 3, `${short!.at} at 50 ms, ${long!.at} at 200 ms`);
});

crossing('needs two amounts of work', () => {
  assert.equal(crossovers(made()), []);
  assert.equal(crossovers(made({ works: ['links', 'dom'] })), []);
});

crossing.run();

const wrong = suite('when an engine is the wrong choice');

wrong('follows from figures alone', () => {
  const { unsuited } = analyse(made({ works: ['0ms', '1ms', '16ms'] }));
  const reasons = (id: string): string => unsuited.find(({ setting }) => setting === id)!.reasons.join('\n');
  assert.match(reasons('serial'), /^for speed, at all points that were measured: .* times as fast/);
  assert.match(
    reasons('greenlet'),
    /^when a page needs more than about 0\.\d+ ms of work: at 50 ms latency, 16 ms/,
  );
  assert.match(reasons('greenlet'), /its event loop was up to \d+ ms late/);
  assert.match(reasons('threads'), /when memory is short: it took 65\d MB, 6\.\d times what select took/);
  assert.match(reasons('threads'), /for short jobs: 9\d\d ms went by until it was up/);
});

wrong('names the work from which on, or up to which, an engine loses', () => {
  const { unsuited } = analyse(made({ works: ['0ms', '1ms', '16ms'] }));
  const reasons = (id: string): string => unsuited.find(({ setting }) => setting === id)!.reasons.join('\n');
  assert.match(
    reasons('select'),
    /^when a page needs 1 ms of work or more: at 50 ms latency, 16 ms of work a page/,
  );
  const slow = made({ works: ['0ms', '16ms'] });
  const cells = slow.cells.map((cell) =>
    cell.setting.id === 'hybrid' && cell.point.work === '0ms' ? atSpeed(cell, 500) : cell,
  );
  const hybrid = analyse({ ...slow, cells }).unsuited.find(({ setting }) => setting === 'hybrid')!;
  assert.match(
    hybrid.reasons[0]!,
    /^when a page needs 0 ms of work or less: .*greenlets were 2 times as fast/,
  );
});

wrong('is nowhere claimed without evidence', () => {
  const comparison = withSpeeds({ greenlet: 1000, select: 1000 });
  assert.equal(
    analyse(comparison).unsuited.map(({ reasons }) => reasons),
    [[], []],
  );
});

wrong('names what failed', () => {
  const comparison = changed(made(), 'processes', (cell) => ({ ...cell, runs: [], failed: 'no memory' }));
  const { reasons } = analyse(comparison).unsuited.find(({ setting }) => setting === 'processes')!;
  assert.equal(reasons, [
    'until this is seen to: it could not be measured at 50 ms latency, work "links" (no memory)',
  ]);
});

wrong.run();

const beliefs = suite('what should be known before the figures are believed');

beliefs('is nothing for a good comparison', () => {
  assert.equal(doubts(made()), []);
});

beliefs('names dirty runs', () => {
  const spoilt = changed(made(), 'threads', (cell) => ({
    ...cell,
    runs: cell.runs.map((run, index) => ({ ...run, dirty: index === 0 })),
  }));
  assert.match(doubts(spoilt).join('\n'), /during 1 of 30 runs .* They are left out of the figures/);
});

beliefs('names unequal pages', () => {
  const other = changed(made(), 'hybrid', (cell) => ({
    ...cell,
    runs: cell.runs.map((run) => ({ ...run, digest: 'other' })),
  }));
  assert.match(doubts(other).join('\n'), /Not the same pages were fetched at 50 ms latency.* \| hybrid\)/);
});

beliefs('names a server near its capacity, and says so once', () => {
  const slow = { ...made(), capacity: 2_000 };
  const [first, ...others] = doubts(slow);
  assert.match(first!, /The server can answer 2,000 requests a second and was asked for up to 1,0\d\d/);
  assert.equal(others, []);
  assert.equal(doubts({ ...slow, warnings: [first!] }), [first]);
});

beliefs('names engines that never had in flight what they might', () => {
  const low = changed(made(), 'select', (cell) => ({
    ...cell,
    summary: { ...cell.summary, serverPeak: 13 },
  }));
  assert.equal(doubts(low), ['select may have 64 pages in flight, and the server never saw more than 13.']);
});

beliefs.run();
