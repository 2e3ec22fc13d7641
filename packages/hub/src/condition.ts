import type { Coroutine } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { follow } from './follow.ts';
import { hub } from './hub.ts';
import { RuntimeError } from './lock-errors.ts';
import type { Outcome } from './waitable.ts';

// What the Condition of greenlets, of threads and of processes have in common: all but who waits and how they are woken.

/** @throws TypeError when it is no function @internal */
export function checkPredicate(verb: string, predicate: unknown): void {
  if (typeof predicate === 'function') return;
  throw new TypeError(`Expected a function as the predicate of ${verb}, got ${show(predicate)}`);
}

/** How many are to be notified. @throws RangeError when it is not a whole number from 0 up @internal */
export function checkNotified(n: number): void {
  if (Number.isInteger(n) && n >= 0) return;
  throw new RangeError(`Expected a whole number from 0 up for Condition.notify, got ${show(n)}`);
}

/** @throws RuntimeError when the lock is not `held` by the one that calls `verb` @internal */
export function mustHold(held: boolean, verb: string): void {
  if (held) return;
  throw new RuntimeError(
    `Condition.${verb} needs the lock: write using held = yield* condition.hold() (or await) around it`,
  );
}

/**
 * Asks the predicate now, and each time that `wait` is over, until what it says is true or the limit (in ms, -1 for none) is
 * over; gives what it said last.
 *
 * @internal
 */
export function* untilTrue<R>(
  predicate: () => R,
  limit: number,
  wait: (left: number) => Coroutine<unknown>,
): Coroutine<Outcome<R>> {
  const end = limit < 0 ? Infinity : hub.now() + limit;
  for (let left = limit; ; left = limit < 0 ? -1 : end - hub.now()) {
    const result = yield* follow(predicate);
    if (result || (limit >= 0 && left <= 0)) return result;
    yield* wait(left);
  }
}
