import { show } from '@switchyard/greenlet/scheduler';
import type { TimeoutOption } from '@switchyard/hub/core';

/** How long to wait at most: milliseconds as they are in Python's place, or `{ timeout }` as everywhere here. */
export type Limit = number | null | TimeoutOption;

/** What a negative time means, which Python has three answers to. @internal */
export type Negative = 'never' | 'now' | 'wrong';

/**
 * Checks a time limit. @returns milliseconds, or -1 for none
 * @throws TypeError when it is not a number; RangeError when it is not one that can be waited for
 * @internal
 */
export function checkLimit(limit: Limit | undefined, verb: string, negative: Negative): number {
  const ms: unknown = limit !== null && typeof limit === 'object' ? limit.timeout : limit;
  if (ms === undefined || ms === null || ms === Infinity) return -1;
  if (typeof ms !== 'number') {
    throw new TypeError(
      `Expected milliseconds, or { timeout: milliseconds }, as the limit of ${verb}, got ${show(ms)}`,
    );
  }
  if (Number.isNaN(ms) || (ms < 0 && negative === 'wrong')) {
    throw new RangeError(`Expected milliseconds from 0 up, or null, as the limit of ${verb}, got ${ms}`);
  }
  if (ms < 0) return negative === 'now' ? 0 : -1;
  return ms;
}
