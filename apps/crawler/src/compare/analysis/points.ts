import type { Cell, Comparison, Estimate, Point } from '../result.ts';

/** Whether both are the same place. */
export function samePoint(a: Point, b: Point): boolean {
  return a.latency === b.latency && a.work === b.work;
}

/** Every place that was measured, each once, as the cells name them. */
export function pointsOf({ cells }: Comparison): Point[] {
  const points: Point[] = [];
  for (const { point } of cells) if (!points.some((known) => samePoint(known, point))) points.push(point);
  return points;
}

export function cellsAt({ cells }: Comparison, point: Point): Cell[] {
  return cells.filter((cell) => samePoint(cell.point, point));
}

/** Whether there are figures to speak of. */
export function measured(cell: Cell): boolean {
  return cell.failed === null && cell.runs.length > 0;
}

/** Milliseconds of work that were asked for on top of reading the links of a page; `null` where the name does not say. */
export function workOf({ work }: Point): number | null {
  if (work === 'links' || work === 'none') return 0;
  const [, number] = /^(\d+(?:\.\d+)?)\s*ms$/.exec(work) ?? [];
  return number === undefined ? null : Number(number);
}

/** An engine that has many pages under way on one thread. */
export function isOneThread({ setting }: Cell): boolean {
  return setting.workers === 0 && setting.inFlight > 1;
}

/** An engine with threads or processes of its own. */
export function isPool({ setting }: Cell): boolean {
  return setting.workers > 0;
}

/** Whether two figures could be the same: their 95 % intervals have a value in common. */
export function overlap(a: Estimate, b: Estimate): boolean {
  return a.interval[0] <= b.interval[1] && b.interval[0] <= a.interval[1];
}

/** 1 where `a` is more than chance could explain, -1 where it is less, 0 where there is no difference. */
export function compareEstimates(a: Estimate, b: Estimate): -1 | 0 | 1 {
  if (overlap(a, b)) return 0;
  return a.median > b.median ? 1 : -1;
}

/** A difference below this share is no reason to choose, however sure it is. */
export const MATERIAL = 0.05;

/** Whether `a` is faster than `b` beyond chance, and by enough to matter. */
export function clearlyFaster(a: Cell, b: Cell): boolean {
  const [fast, slow] = [a.summary.pagesPerSecond, b.summary.pagesPerSecond];
  return compareEstimates(fast, slow) === 1 && fast.median >= slow.median * (1 + MATERIAL);
}

/** The best by a figure, of which more is better. */
export function most<T>(items: readonly T[], figure: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (best === undefined || figure(item) > figure(best)) best = item;
  return best;
}
