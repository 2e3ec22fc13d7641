import type { Coroutine } from '@switchyard/greenlet';
import { isFrame } from '@switchyard/greenlet/scheduler';
import { until } from './until.ts';
import type { Outcome, Waitable } from './waitable.ts';

/** What a block takes: a function whose result is waited for if it can be, or something to wait for. */
export type Body<R> = (() => R) | Extract<R, Waitable<unknown> | Coroutine<unknown> | PromiseLike<unknown>>;

/** Runs a body in the current greenlet and waits for what it returns, if it can be waited for. @internal */
export function* follow<R>(body: Body<R>): Coroutine<Outcome<R>> {
  const result: unknown = typeof body === 'function' ? (body as () => R)() : body;
  if (result === null || typeof result !== 'object') return result as Outcome<R>;
  if (isFrame(result)) return yield* result as unknown as Coroutine<Outcome<R>>;
  if (typeof (result as PromiseLike<unknown>).then !== 'function') return result as Outcome<R>;
  if (typeof (result as Partial<Waitable<unknown>>)[Symbol.iterator] === 'function') {
    return yield* result as unknown as Coroutine<Outcome<R>>;
  }
  return (yield* until(result as PromiseLike<unknown>)) as Outcome<R>;
}
