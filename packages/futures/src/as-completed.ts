import type { Waitable } from '@switchyard/hub';
import { checkTimeout, hub, Line, Ring, type TimeoutOption, VALUE } from '@switchyard/hub/core';
import { TimeoutError } from './errors.ts';
import type { Future } from './future.ts';
import type { Listener, Place } from './future-listener.ts';
import { NextResult } from './next-result.ts';
import { futuresOf } from './wait.ts';

/**
 * Gives futures as they are done: first those that are already, then the others in the order in which they end; each once,
 * also when it is given twice. In async code `for await (const future of asCompleted(futures))`; in a coroutine
 * `yield* it.next()`, which gives `{ done, value }`. Leaving early changes nothing for the tasks.
 *
 * @param options the `timeout`, in ms, counts from this call
 * @throws TypeError when it is given something else than futures; (`next`) TimeoutError when the time is up
 *
 * Python: `concurrent.futures.as_completed`.
 */
export function asCompleted<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: TimeoutOption,
): AsCompleted<F> {
  const limit = checkTimeout(options, 'asCompleted');
  return new AsCompleted<F>(futuresOf(futures, 'asCompleted'), limit);
}

/** Futures as they are done. */
export class AsCompleted<F extends Future<unknown>> implements AsyncIterableIterator<F, undefined>, Listener {
  /** Those not done, with their places in lines where others stand too. A future that was given is let go. */
  private readonly left: Map<F, Place | null>;
  private readonly found: Ring<F>;
  private readonly waiting: Line<NextResult<F>>;
  private readonly total: number;
  private readonly deadline: number;

  /** @internal */
  constructor(futures: Set<F>, limit: number) {
    this.left = new Map();
    this.found = new Ring<F>();
    this.waiting = new Line();
    this.total = futures.size;
    this.deadline = limit < 0 ? Infinity : hub.now() + limit;
    for (const future of futures) {
      if (future.done()) {
        future.notice();
        this.found.push(future);
      } else this.left.set(future, future.listen(this));
    }
  }

  /**
   * Waits for the next future that is done: `{ done: false, value }`, or `{ done: true }` behind the last.
   *
   * @throws TimeoutError when the time is up before; that is the end
   */
  next(): Waitable<IteratorResult<F, undefined>> & Promise<IteratorResult<F, undefined>> {
    const limit = this.deadline === Infinity ? -1 : Math.max(0, this.deadline - hub.now());
    // An async iterator must give a promise; whoever awaits a waitable cannot tell it from one.
    return new NextResult<F>(this, limit, 'the next of asCompleted') as unknown as Waitable<
      IteratorResult<F, undefined>
    > &
      Promise<IteratorResult<F, undefined>>;
  }

  /** Ends it. */
  return(): Promise<IteratorResult<F, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  get shared(): boolean {
    return true;
  }

  /** @internal */
  notify(future: unknown): void {
    if (!this.left.delete(future as F)) return;
    const waiting = this.waiting.shift();
    if (waiting === null) this.found.push(future as F);
    else waiting.resume(VALUE, { done: false, value: future as F });
    if (this.left.size === 0) this.endWaits();
  }

  /** @internal */
  take(wait: NextResult<F>): IteratorResult<F, undefined> | null {
    if (this.found.length > 0) return { done: false, value: this.found.shift() };
    if (this.left.size === 0) return { done: true, value: undefined };
    this.waiting.push(wait);
    return null;
  }

  /** @internal */
  leave(wait: NextResult<F>): void {
    this.waiting.remove(wait);
  }

  /** The time is up. @internal */
  giveUp(): TimeoutError {
    const error = new TimeoutError(`${this.left.size} (of ${this.total}) futures unfinished`);
    this.close();
    return error;
  }

  private close(): void {
    for (const [future, place] of this.left) future.unlisten(this, place);
    this.left.clear();
    while (this.found.length > 0) void this.found.shift();
    if (this.waiting.length > 0) hub.schedule({ turn: () => this.endWaits() });
  }

  private endWaits(): void {
    for (let wait = this.waiting.shift(); wait !== null; wait = this.waiting.shift()) {
      wait.resume(VALUE, { done: true, value: undefined });
    }
  }
}
