import { show } from './errors.ts';
import { type Frame, isFrame } from './frame.ts';
import type { Coroutine, Suspension } from './switch.ts';

/** A nested coroutine that is about to be pushed on its greenlet's frame stack. */
export class Call<T> {
  /** @internal */
  readonly body: Frame;
  /** Whether the body has been pushed, so that the next `next` brings its result. @internal */
  pushed: boolean;
  /** Keeps `T` in the type system. */
  declare protected readonly result: T;

  /** @internal */
  constructor(body: Frame) {
    this.body = body;
    this.pushed = false;
  }

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this as unknown as Iterator<Suspension, T, unknown>;
  }

  /** @internal */
  next(value?: unknown): IteratorResult<unknown, unknown> {
    if (this.pushed) return { done: true, value };
    this.pushed = true;
    return { done: false, value: this };
  }

  /** @internal */
  throw(error: unknown): IteratorResult<unknown, unknown> {
    throw error;
  }
}

/**
 * Runs a nested coroutine on the greenlet's own frame stack: `const v = yield* call(body(args))`. A plain `yield*` costs
 * time in proportion to its depth at every resume, and overflows the native stack near depth 5,000; through `call` a
 * resume costs the same at depth 1 and 100,000. What it gives up: the callers' lines in a stack trace.
 *
 * @returns what the coroutine returns, when `yield*`ed
 * @throws what the coroutine throws; TypeError when `body` is not a coroutine
 */
export function call<T>(body: Coroutine<T>): Call<T> {
  if (!isFrame(body)) {
    throw new TypeError(`Expected a coroutine for call, as in call(body()), got ${show(body)}`);
  }
  return new Call<T>(body);
}

/** @internal */
export function isCall(value: unknown): value is Call<unknown> {
  return value instanceof Call;
}

/** A greenlet's frames, innermost last. It is driven like the one generator that it stands for. @internal */
export class FrameStack implements Frame {
  private readonly frames: Frame[];

  constructor(bottom: Frame) {
    this.frames = [bottom];
  }

  push(op: Call<unknown>): void {
    this.frames.push(op.body);
  }

  next(value?: unknown): IteratorResult<unknown, unknown> {
    return this.drive(false, value);
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    return this.drive(true, error);
  }

  private drive(failed: boolean, value: unknown): IteratorResult<unknown, unknown> {
    const frames = this.frames;
    for (;;) {
      const top = frames[frames.length - 1] as Frame;
      let result: IteratorResult<unknown, unknown>;
      try {
        result = failed ? top.throw(value) : top.next(value);
      } catch (error) {
        if (frames.length === 1) throw error;
        frames.pop();
        failed = true;
        value = error;
        continue;
      }
      if (result.done !== true) {
        const op = result.value;
        if (!(op instanceof Call)) return result;
        frames.push(op.body);
        failed = false;
        value = undefined;
        continue;
      }
      if (frames.length === 1) return result;
      frames.pop();
      failed = false;
      value = result.value;
    }
  }
}
