import type { Coroutine } from '@switchyard/greenlet';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, ERROR, hub, inStrand, Line, Ring, VALUE } from '@switchyard/hub/core';
import { CancelledError, TimeoutError } from './errors.ts';
import { checkCount, type ExecutorMapOptions } from './executor-options.ts';
import type { Future } from './future.ts';
import type { Listener, Place } from './future-listener.ts';
import type { Chunk } from './map-results-chunk.ts';
import { type Eater, type Feed, feedOf, type ItemSource, sizeOf } from './map-results-feed.ts';
import { NextResult, type ResultSource } from './next-result.ts';

/** What a map has to know of its executor. @internal */
export interface MapExecutor {
  submit(target: (item: never) => unknown, item: never): Future<unknown>;
  submitChunk(target: (item: never) => unknown, items: unknown[]): Future<Chunk>;
  chunksizeFor(count: number | null, asked: number | undefined): number;
}

/**
 * The results of a map in the order of its items: `for await (const result of pool.map(fn, items))` in async code,
 * `yield* it.next()` in a coroutine, which gives `{ done, value }`; or those that have not been taken yet all at once,
 * with `await` or `yield*` of the whole.
 *
 * The first error, in order, is thrown in its place and ends it. That, and leaving early (break, `using`, `return()`, a
 * kill of the one who waits for all), cancels the tasks that have not begun; errors of those that run on after an error
 * was thrown are not reported any more.
 *
 * Python: what `Executor.map` returns.
 */
export class MapResults<T>
  implements AsyncIterableIterator<T, undefined>, Waitable<T[]>, Listener, Eater, ResultSource<T>
{
  /** @internal */
  readonly chunksize: number;
  private readonly executor: MapExecutor;
  private readonly target: (item: never) => unknown;
  private readonly buffersize: number;
  private readonly limit: number;
  private readonly deadline: number;
  private readonly feed: Feed;
  /** The tasks whose results have not been taken, in order. */
  private readonly tasks: Ring<Future<unknown>>;
  /** The chunk whose values are being given, and the next of them. */
  private chunk: Chunk | null;
  private at: number;
  /** Whether all items have been submitted, and what their source failed with. */
  private isFed: boolean;
  private sourceFailure: { error: unknown } | null;
  private readonly waiting: Line<NextResult<T>>;
  /** The task that whoever waits is waiting for. */
  private watched: Future<unknown> | null;
  private place: Place | null;
  /** For those who wait for all of them. */
  private readonly collected: T[];
  private collectors: number;
  private closed: boolean;
  /** What it ended with before its last result. */
  private failure: { error: unknown } | null;

  /** @internal */
  constructor(
    executor: MapExecutor,
    target: (item: never) => unknown,
    items: ItemSource<unknown>,
    options: ExecutorMapOptions,
  ) {
    this.limit = checkTimeout(options, 'map');
    const { chunksize, buffersize } = options;
    this.buffersize = buffersize == null ? Infinity : checkCount(buffersize, 'the buffersize of map');
    if (chunksize !== undefined) checkCount(chunksize, 'the chunksize of map');
    this.chunksize = executor.chunksizeFor(sizeOf(items), chunksize);
    this.deadline = this.limit < 0 ? Infinity : hub.now() + this.limit;
    this.executor = executor;
    this.target = target;
    this.tasks = new Ring();
    this.chunk = null;
    this.at = 0;
    this.isFed = false;
    this.sourceFailure = null;
    this.waiting = new Line();
    this.watched = null;
    this.place = null;
    this.collected = [];
    this.collectors = 0;
    this.closed = false;
    this.failure = null;
    this.feed = feedOf(items, this);
    this.feed.refill();
    // As what is thrown by a call that takes its arguments from a generator.
    const failed = this.sourceFailure as { error: unknown } | null;
    if (failed === null) return;
    this.close(failed);
    throw failed.error;
  }

  /**
   * Waits for the next result: `{ done: false, value }`, or `{ done: true }` behind the last one.
   *
   * @throws the error of the item, or of the source of the items, in its place; TimeoutError when the result is not there
   *   within `timeout` ms of the call of map. Either is the end
   */
  next(): Waitable<IteratorResult<T, undefined>> & Promise<IteratorResult<T, undefined>> {
    const limit = this.deadline === Infinity ? -1 : Math.max(0, this.deadline - hub.now());
    // An async iterator must give a promise; whoever awaits a waitable cannot tell it from one.
    return new NextResult<T>(this, limit, 'the next result of map') as unknown as Waitable<
      IteratorResult<T, undefined>
    > &
      Promise<IteratorResult<T, undefined>>;
  }

  /** Ends it: tasks that have not begun are cancelled. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.close(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close(null);
  }

  [Symbol.iterator](): ReturnType<Waitable<T[]>[typeof Symbol.iterator]> {
    return this.collect();
  }

  then<A = T[], B = never>(
    fulfilled?: ((value: T[]) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return inStrand('the results of map', () => this.collect()).then(fulfilled, rejected);
  }

  // For whoever waits for the next one.

  /** The next result if it is there, otherwise the wait gets in line. @internal */
  take(wait: NextResult<T>): IteratorResult<T, undefined> | null {
    const result = this.waiting.length === 0 ? this.ready() : null;
    if (result !== null) return result;
    this.waiting.push(wait);
    this.watch();
    return null;
  }

  /** @internal */
  leave(wait: NextResult<T>): void {
    this.waiting.remove(wait);
    if (this.waiting.length === 0) this.unwatch();
  }

  /** @internal */
  giveUp(): TimeoutError {
    const error = new TimeoutError(`the next result of map is not there within ${this.limit} ms of the call`);
    this.close({ error });
    return error;
  }

  /** @internal */
  get shared(): boolean {
    return true;
  }

  /** The task that was waited for is done. @internal */
  notify(): void {
    this.watched = null;
    this.place = null;
    this.serve();
  }

  // For the feed.

  /** @internal */
  get hungry(): boolean {
    return !this.closed && this.tasks.length < this.buffersize;
  }

  /** @internal */
  eat(items: unknown[]): void {
    if (this.chunksize > 1) this.tasks.push(this.executor.submitChunk(this.target, items));
    else this.tasks.push(this.executor.submit(this.target, items[0] as never));
    this.come();
  }

  /** @internal */
  fed(failure: { error: unknown } | null): void {
    this.isFed = true;
    this.sourceFailure = failure;
    this.come();
  }

  /** Something has come that those who wait may have been waiting for. */
  private come(): void {
    if (this.waiting.length > 0 && this.watched === null) hub.schedule({ turn: () => this.serve() });
  }

  /** Gives those who wait what is there. In the hub only. */
  private serve(): void {
    while (this.waiting.length > 0) {
      let result: IteratorResult<T, undefined> | null;
      try {
        result = this.ready();
      } catch (error) {
        this.waiting.shift()?.resume(ERROR, error);
        continue;
      }
      if (result === null) break;
      this.waiting.shift()?.resume(VALUE, result);
    }
    this.watch();
  }

  /** The next result; null when it is not there yet. */
  private ready(): IteratorResult<T, undefined> | null {
    for (;;) {
      const { chunk } = this;
      if (chunk !== null) {
        if (this.at < chunk.values.length) return { done: false, value: chunk.values[this.at++] as T };
        this.chunk = null;
        if (chunk.failure !== null) throw this.fail(chunk.failure);
      }
      const task = this.tasks.first;
      if (task === undefined) {
        if (!this.isFed && !this.closed) return null;
        if (this.sourceFailure !== null && !this.closed) throw this.fail(this.sourceFailure);
        this.closed = true;
        return { done: true, value: undefined };
      }
      if (!task.done()) return null;
      void this.tasks.shift();
      const outcome = task.taken();
      if (!task.succeeded) throw this.fail({ error: outcome });
      this.feed.refill();
      if (this.chunksize === 1) return { done: false, value: outcome as T };
      this.chunk = outcome as Chunk;
      this.at = 0;
    }
  }

  private fail(failure: { error: unknown }): unknown {
    this.close(failure);
    return failure.error;
  }

  /** Ends it before its last result: with an error, or because nobody wants more. */
  private close(failure: { error: unknown } | null): void {
    if (this.closed) return;
    this.closed = true;
    const unfinished = !this.isFed || this.tasks.length > 0 || this.chunk !== null;
    if (failure !== null) this.failure = failure;
    else if (unfinished)
      this.failure = { error: new CancelledError('the results of map were left before the last') };
    this.unwatch();
    this.feed.close();
    this.chunk = null;
    while (this.tasks.length > 0) {
      const task = this.tasks.shift();
      task.cancel();
      // Whoever has got one error of this map has been told that it failed.
      if (failure !== null) task.notice();
    }
    if (this.waiting.length > 0) hub.schedule({ turn: () => this.serve() });
  }

  private watch(): void {
    const head = this.tasks.first;
    if (head === undefined || this.watched === head || this.waiting.length === 0) return;
    this.unwatch();
    this.watched = head;
    this.place = head.listen(this);
  }

  private unwatch(): void {
    this.watched?.unlisten(this, this.place);
    this.watched = null;
    this.place = null;
  }

  private *collect(): Coroutine<T[]> {
    const { collected } = this;
    this.collectors++;
    try {
      for (;;) {
        const ready = this.waiting.length === 0 ? this.ready() : null;
        const result = ready ?? ((yield* this.next()) as IteratorResult<T, undefined>);
        if (result.done === true) break;
        collected.push(result.value);
      }
    } finally {
      // Does nothing at its end; a kill of the only one who waits for all leaves the rest.
      if (--this.collectors === 0) this.close(null);
    }
    if (this.failure !== null) throw this.failure.error;
    return collected;
  }
}
