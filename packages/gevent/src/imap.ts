import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { Block, OBSERVED } from '@switchyard/hub/core';
import { type Greenlet, spawn } from './greenlet.ts';
import { Callback } from './linkable.ts';
import { Semaphore } from './lock.ts';
import { Queue } from './queue.ts';

/** Whatever gives items: an iterable or an async iterable. */
export type Source<I> = Iterable<I> | AsyncIterable<I>;

/** What `imap` and `imapUnordered` take. */
export interface MapOptions {
  /** How many results may wait to be taken before no more items are started; no limit when left out. */
  maxsize?: number | null;
}

/** Where the items come from and how each is started. @internal */
export interface Feed<T> {
  next(): Coroutine<IteratorResult<unknown, unknown>>;
  start(item: unknown): Coroutine<Greenlet<T>>;
  close(): void;
}

type Entry<T> = { index: number; greenlet: Greenlet<T> } | { index: number; end: true; error?: { thrown: unknown } };

/**
 * The results of a map, as they come: `for await (const result of pool.imap(fn, items))` in async code,
 * `yield* it.next()` in a coroutine, which gives `{ done, value }`. Leaving early (break, `using`, `return()`) kills
 * what it has started.
 *
 * Python: `gevent.pool.IMap` and `IMapUnordered`.
 */
export class IMap<T> implements AsyncIterableIterator<T, undefined> {
  private readonly ordered: boolean;
  private readonly feed: Feed<T>;
  private readonly results = new Queue<Entry<T>>();
  /** Permits to start: one is taken for each item and given back for each result that is asked for. */
  private readonly permits: Semaphore | null;
  private readonly running = new Set<Greenlet<T>>();
  private readonly early = new Map<number, Entry<T>>();
  private readonly driver: Greenlet<void>;
  private taken = 0;
  private closed = false;

  /** @internal */
  constructor(ordered: boolean, options: MapOptions | undefined, feed: () => Feed<T>) {
    const maxsize = options?.maxsize ?? null;
    if (maxsize !== null && (!Number.isInteger(maxsize) || maxsize < 1)) {
      throw new RangeError(`Expected a whole number from 1 up, or null for no limit, as maxsize, got ${show(maxsize)}`);
    }
    this.ordered = ordered;
    this.feed = feed();
    this.permits = maxsize === null ? null : new Semaphore(maxsize);
    this.driver = spawn(() => this.drive()) as unknown as Greenlet<void>;
    this.driver.name = ordered ? 'imap' : 'imapUnordered';
    this.driver.flags |= OBSERVED;
  }

  /**
   * Waits for the next result: `{ done: false, value }`, or `{ done: true }` after the last one.
   *
   * @throws the error of the item whose turn it is; the next call goes on behind it
   */
  next(): Waitable<IteratorResult<T, undefined>> & Promise<IteratorResult<T, undefined>> {
    // An async iterator must give a promise; whoever awaits a waitable cannot tell it from one.
    return new Block<IteratorResult<T, undefined>>('imap', () => this.take()) as unknown as Waitable<
      IteratorResult<T, undefined>
    > &
      Promise<IteratorResult<T, undefined>>;
  }

  /** Ends it: no more items are started, and those under way are killed. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    if (!this.driver.ready()) {
      this.feed.close();
      this.driver.kill({ block: false });
    }
    for (const greenlet of this.running) greenlet.kill({ block: false });
  }

  private *drive(): Coroutine<void> {
    let index = 0;
    try {
      for (;;) {
        const next = yield* this.feed.next();
        if (next.done === true) break;
        if (this.permits !== null) yield* this.permits.acquire();
        const greenlet = yield* this.feed.start(next.value);
        const entry = { index: index++, greenlet };
        greenlet.flags |= OBSERVED;
        this.running.add(greenlet);
        greenlet.enqueue(
          new Callback<unknown>(() => {
            this.running.delete(greenlet);
            this.results.putNowait(entry);
            if (this.running.size === 0 && this.driver.ready()) this.results.putNowait({ index, end: true });
          }, false),
        );
      }
      if (this.running.size === 0) this.results.putNowait({ index, end: true });
    } catch (error) {
      this.results.putNowait({ index, end: true, error: { thrown: error } });
      throw error;
    }
  }

  private *take(): Coroutine<IteratorResult<T, undefined>> {
    if (this.closed) return { done: true, value: undefined };
    if (this.permits !== null) this.permits.release();
    const entry = yield* this.nextEntry();
    if ('end' in entry) {
      this.closed = true;
      if (entry.error !== undefined) throw entry.error.thrown;
      return { done: true, value: undefined };
    }
    const { greenlet } = entry;
    if (!greenlet.successful()) throw greenlet.exception;
    const { value } = greenlet;
    if (value instanceof GreenletExit) throw value;
    return { done: false, value: value as T };
  }

  private *nextEntry(): Coroutine<Entry<T>> {
    if (!this.ordered) return yield* this.results.get();
    const wanted = this.taken++;
    for (;;) {
      const early = this.early.get(wanted);
      if (early !== undefined) {
        this.early.delete(wanted);
        return early;
      }
      const entry = yield* this.results.get();
      this.early.set(entry.index, entry);
    }
  }
}
