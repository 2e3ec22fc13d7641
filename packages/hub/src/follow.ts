import type { Coroutine, Suspension } from '@switchyard/greenlet';
import { type Frame, isFrame } from '@switchyard/greenlet/scheduler';
import { until } from './until.ts';
import { Wait } from './wait.ts';
import type { Outcome, Waitable } from './waitable.ts';

/** What a block takes: a function whose result is waited for if it can be, or something to wait for. */
export type Body<R> = (() => R) | Extract<R, Waitable<unknown> | Coroutine<unknown> | PromiseLike<unknown>>;

/** What has to be driven to wait for what a body returned, or null when it is the final value. @internal */
export function frameOf(result: unknown): Frame | null {
  if (result === null || typeof result !== 'object') return null;
  // Somebody else may wait on it already: the iterator of a wait that is in use is a copy.
  if (result instanceof Wait) return result[Symbol.iterator]() as unknown as Frame;
  if (isFrame(result)) return result;
  if (typeof (result as PromiseLike<unknown>).then !== 'function') return null;
  const iterate = (result as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (typeof iterate === 'function') return iterate.call(result) as unknown as Frame;
  return until(result as PromiseLike<unknown>) as unknown as Frame;
}

/** Runs a body in the current greenlet and waits for what it returns, if it can be waited for. @internal */
export function* follow<R>(body: Body<R>): Coroutine<Outcome<R>> {
  const result: unknown = typeof body === 'function' ? (body as () => R)() : body;
  const frame = frameOf(result);
  if (frame === null) return result as Outcome<R>;
  return yield* { [Symbol.iterator]: () => frame as Iterator<Suspension, Outcome<R>, unknown> };
}
