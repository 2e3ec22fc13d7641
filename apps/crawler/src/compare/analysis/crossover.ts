import type { Cell, Comparison } from '../result.ts';
import {
  cellsAt,
  clearlyFaster,
  isOneThread,
  isPool,
  MATERIAL,
  measured,
  most,
  pointsOf,
  workOf,
} from './points.ts';
import { predict, type Prediction } from './prediction.ts';

/** Where a pool overtakes the coroutines of one thread, at one latency. Works are milliseconds a page. */
export interface Crossover {
  readonly latency: number | null;
  /** Id of the setting on one thread, and of the pool. */
  readonly one: string;
  readonly pool: string;
  /**
   * `found`: between two measured works; `always`: the pool was faster from the least work on; `never`: it was not clearly faster
   * at the most work.
   */
  readonly kind: 'found' | 'always' | 'never';
  /** From where on the pool is faster by enough to matter, read off between the measured points. */
  readonly at: number | null;
  /** What the 95 % intervals leave open of it. */
  readonly range: readonly [low: number, high: number] | null;
  /** The measured works that it lies between: the pool was not clearly faster at the first, and was at the second. */
  readonly between: readonly [low: number, high: number] | null;
  /** Least and most work measured. */
  readonly over: readonly [least: number, most: number];
  /** How many times as fast the pool is at the most work. */
  readonly gain: number;
  readonly prediction: Prediction;
}

interface Pair {
  readonly work: number;
  readonly one: Cell;
  readonly pool: Cell;
}

/** Every pool against the best engine of one thread, latency by latency, where at least two amounts of work were measured. */
export function crossovers(comparison: Comparison): Crossover[] {
  const found: Crossover[] = [];
  // Of tasks nobody knows how much of their time is work.
  if (comparison.kind === 'tasks') return found;
  const one = usualOneThread(comparison);
  if (one === undefined) return found;
  const latencies = new Set(pointsOf(comparison).map(({ latency }) => latency));
  for (const latency of latencies) {
    const rows = rowsAt(comparison, latency);
    const pools = new Set(rows.flatMap(({ cells }) => cells.filter(isPool).map(({ setting }) => setting.id)));
    for (const pool of pools) {
      const pairs = pairsOf(rows, one, pool);
      if (pairs.length > 1) found.push(crossover(comparison, latency, pairs));
    }
  }
  return found;
}

/** The pool that needs least work to be worth it. */
export function firstPool(found: readonly Crossover[]): Crossover | undefined {
  const order = ({ kind, at }: Crossover): number =>
    kind === 'always' ? -1 : kind === 'never' ? Number.MAX_VALUE : (at ?? Number.MAX_VALUE);
  return [...found].sort((a, b) => order(a) - order(b) || b.gain - a.gain)[0];
}

/**
 * The engine of one thread that pools are held against, the same everywhere: the one that no other of its kind is clearly faster
 * than at most points; `greenlet` where that is a draw, as it is what one would use.
 */
function usualOneThread(comparison: Comparison): string | undefined {
  const wins = new Map<string, number>();
  for (const point of pointsOf(comparison)) {
    const cells = cellsAt(comparison, point).filter(
      (cell) => measured(cell) && cell.setting.terms === 'equal' && isOneThread(cell),
    );
    for (const cell of cells) {
      const beaten = cells.some((other) => clearlyFaster(other, cell));
      wins.set(cell.setting.id, (wins.get(cell.setting.id) ?? 0) + (beaten ? 0 : 1));
    }
  }
  const ids = [...wins.keys()].sort((a, b) => Number(b === 'greenlet') - Number(a === 'greenlet'));
  return most(ids, (id) => wins.get(id) ?? 0);
}

interface Row {
  readonly work: number;
  readonly cells: readonly Cell[];
}

function rowsAt(comparison: Comparison, latency: number | null): Row[] {
  const rows = new Map<number, Row>();
  for (const point of pointsOf(comparison)) {
    const work = workOf(point);
    if (point.latency !== latency || work === null || rows.has(work)) continue;
    const cells = cellsAt(comparison, point).filter(
      (cell) => measured(cell) && cell.setting.terms === 'equal',
    );
    rows.set(work, { work, cells });
  }
  return [...rows.values()].sort((a, b) => a.work - b.work);
}

function pairsOf(rows: readonly Row[], one: string, pool: string): Pair[] {
  return rows.flatMap(({ work, cells }) => {
    const first = cells.find(({ setting }) => setting.id === one);
    const second = cells.find(({ setting }) => setting.id === pool);
    return first === undefined || second === undefined ? [] : [{ work, one: first, pool: second }];
  });
}

function crossover(comparison: Comparison, latency: number | null, pairs: readonly Pair[]): Crossover {
  const [first, last] = [pairs[0] as Pair, pairs.at(-1) as Pair];
  const faster = pairs.map(({ one, pool }) => clearlyFaster(pool, one));
  // From here on the pool is faster by enough to matter, at every work that was measured.
  const from = faster.lastIndexOf(false) + 1;
  const prediction = predict(comparison, latency, first);
  const common = {
    latency,
    one: first.one.setting.id,
    pool: first.pool.setting.id,
    over: [first.work, last.work],
    gain: last.pool.summary.pagesPerSecond.median / last.one.summary.pagesPerSecond.median,
    prediction,
  } as const;
  const [before, after] = [pairs[from - 1], pairs[from]];
  if (before === undefined || after === undefined)
    return { ...common, kind: from === 0 ? 'always' : 'never', at: null, range: null, between: null };
  const meet = (one: End, pool: End): number => meeting(before, after, one, pool, prediction.cores);
  const at = meet('median', 'median');
  return {
    ...common,
    kind: 'found',
    at,
    range: [Math.min(at, meet('low', 'high')), Math.max(at, meet('high', 'low'))],
    between: [before.work, after.work],
  };
}

/** What of an estimate of pages a second is held against that of another. */
type End = 'low' | 'median' | 'high';

function timeAPage({ summary: { pagesPerSecond } }: Cell, end: End): number {
  const { median, interval } = pagesPerSecond;
  return 1000 / (end === 'median' ? median : interval[end === 'low' ? 0 : 1]);
}

/**
 * The time a page takes between two measured works. While cores are free it is what latency makes it, and does not grow; once
 * they are full it grows by `slope` with the work. A straight line between the points would miss that bend, and put the crossover
 * far too low.
 */
function bent(
  before: readonly [number, number],
  after: readonly [number, number],
  slope: number,
): (work: number) => number {
  const [[workBefore, timeBefore], [workAfter, timeAfter]] = [before, after];
  const steepest = Math.max(slope, (timeAfter - timeBefore) / (workAfter - workBefore));
  return (work) => Math.max(Math.min(timeBefore, timeAfter), timeAfter - steepest * (workAfter - work));
}

const STEPS = 2_000;

/** The work from which on the pool needs so much less time that it matters. */
function meeting(before: Pair, after: Pair, one: End, pool: End, cores: number): number {
  const timesOf = (kind: 'one' | 'pool', end: End, slope: number): ((work: number) => number) =>
    bent([before.work, timeAPage(before[kind], end)], [after.work, timeAPage(after[kind], end)], slope);
  const ones = timesOf('one', one, 1);
  const pools = timesOf('pool', pool, 1 / cores);
  for (let step = STEPS; step > 0; step--) {
    const work = before.work + ((after.work - before.work) * step) / STEPS;
    if (ones(work) < pools(work) * (1 + MATERIAL)) return work;
  }
  return before.work;
}
