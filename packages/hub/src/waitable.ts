import type { Coroutine, Suspension } from '@switchyard/greenlet';

/**
 * Whatever can be waited for: `yield*` it inside of a coroutine, `await` it in async code; both give the same typed
 * value. It starts when it is consumed, and one that is consumed twice acts twice; running things (greenlets, futures)
 * can be waited for any number of times.
 */
export interface Waitable<T> extends PromiseLike<T> {
  [Symbol.iterator](): Iterator<Suspension, T, unknown>;
}

/** What a body that returned `R` amounts to once it has been waited for. */
export type Outcome<R> =
  R extends Generator<infer Y, infer T, unknown>
    ? [Y] extends [Suspension]
      ? T
      : R
    : R extends Waitable<infer T>
      ? T
      : Awaited<R>;

/**
 * Whatever starts work takes one of these: a generator function, an async function, or a plain function. What it
 * returns is waited for if it can be.
 */
// eslint-disable-next-line typescript/no-explicit-any -- a target of any arguments
export type Target<A extends unknown[] = any[], T = unknown> = (
  ...args: A
) => Coroutine<T> | Waitable<T> | PromiseLike<T> | T;
