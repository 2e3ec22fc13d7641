import { median, summarize, type Summary } from './statistics.ts';

/** A median with its range, and the interval that holds the true one in 95 of 100 cases. */
export interface Estimate extends Summary {
  readonly interval: readonly [low: number, high: number];
}

const RESAMPLES = 2_000;
const OUTSIDE = 0.025;

/** Numbers from 0 up to 1 that depend on nothing but the seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** The items in an order that depends on nothing but the numbers `random` gives. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/**
 * The median of repeated measurements with its bootstrap 95 % interval: how far the median moves when the same values are drawn
 * again with replacement. The same values and seed give the same interval. Few values give an honest, wide one; with one value it
 * has no width, which says nothing.
 *
 * @throws RangeError for no values
 */
export function bootstrap(values: readonly number[], seed: number): Estimate {
  const random = seededRandom(seed);
  return { ...summarize(values), interval: interval(() => median(drawn(values, random))) };
}

/**
 * How many times `of` is `over`: the ratio of the medians, the range of what single runs could make it, and the bootstrap 95 %
 * interval, both sides drawn again.
 *
 * @throws RangeError for no values on one side
 */
export function bootstrapRatio(of: readonly number[], over: readonly number[], seed: number): Estimate {
  const random = seededRandom(seed);
  return {
    median: median(of) / median(over),
    low: Math.min(...of) / Math.max(...over),
    high: Math.max(...of) / Math.min(...over),
    count: Math.min(of.length, over.length),
    interval: interval(() => median(drawn(of, random)) / median(drawn(over, random))),
  };
}

function drawn(values: readonly number[], random: () => number): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] as number);
}

function interval(draw: () => number): [number, number] {
  const draws = Float64Array.from({ length: RESAMPLES }, draw).sort();
  const at = (share: number): number => draws[Math.round(share * (RESAMPLES - 1))] as number;
  return [at(OUTSIDE), at(1 - OUTSIDE)];
}
