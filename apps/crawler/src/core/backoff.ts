/** Waits between attempts, in milliseconds. */
export interface BackoffRules {
  /** The first wait; it doubles from there. */
  readonly base: number;
  /** The longest wait that we choose ourselves. */
  readonly max: number;
  /** The longest wait a server's `Retry-After` can make us keep. */
  readonly maxRetryAfter: number;
  /** Seed of the jitter: the same crawl waits the same. */
  readonly seed: number;
}

export const DEFAULT_BACKOFF: BackoffRules = { base: 500, max: 60_000, maxRetryAfter: 120_000, seed: 1 };

/**
 * How long to wait after the `level`-th failure in a row (from 1 and up): exponential, between half of the step and the
 * whole of it. `salt` tells one waiter from another, so that many do not come back at the same instant.
 */
export function backoff(rules: BackoffRules, level: number, salt: string): number {
  const step = Math.min(rules.max, rules.base * 2 ** Math.min(level - 1, 30));
  return Math.round(step * (0.5 + 0.5 * fraction(`${rules.seed} ${level} ${salt}`)));
}

/**
 * The wait that a `Retry-After` header asks for: seconds or an HTTP date.
 *
 * @param now wall-clock time in milliseconds since 1970
 * @returns milliseconds, never negative; `undefined` when there is no header or it cannot be read.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // A date has a month's name in it; Date.parse alone would also take "-1" or "3.5" for a year.
  if (!/[a-z]{3}/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** The wait after a 429 or 503: what the server asks for, up to a limit, and never less than our own back-off. */
export function throttleWait(
  rules: BackoffRules,
  level: number,
  salt: string,
  asked: number | undefined,
): number {
  return Math.max(backoff(rules, level, salt), Math.min(asked ?? 0, rules.maxRetryAfter));
}

/** A number in [0, 1) that depends on `text` alone: independent of the order in which pages fail. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x100000000;
}
