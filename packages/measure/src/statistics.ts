/** The figures of a set of repeated measurements. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The middle value, or the mean of the two in the middle. Throws a RangeError for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0)
    throw new RangeError('Expected at least one value to take the median of, got none');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Median and range: no mean, because one disturbed run on a shared machine would carry it off. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
    count: values.length,
  };
}

/**
 * How many times `of` is `over`: the ratio of the medians, with the range of the ratios round by round. Rounds are interleaved,
 * so that both sides of one such ratio were measured moments apart and shared whatever else the machine was doing.
 */
export function ratio(of: readonly number[], over: readonly number[]): Summary {
  const pairs = Math.min(of.length, over.length);
  const rounds = Array.from({ length: pairs }, (_, round) => (of[round] as number) / (over[round] as number));
  return { ...summarize(rounds), median: median(of) / median(over) };
}
