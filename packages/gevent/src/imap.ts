import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { Block, hub, OBSERVED, ShutDown } from '@switchyard/hub/core';
import { type Greenlet, spawn } from './greenlet.ts';
import { Callback } from './linkable.ts';
import { Semaphore } from './lock.ts';
import { SimpleQueue } from './simple-queue.ts';

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

/** A result that has come, or the failure of the source. */
type Entry<T> = { readonly greenlet: Greenlet<T> } | { readonly thrown: unknown };

/**
 * The results of a map, as they come: `for await (const result of pool.imap(fn, items))` in async code,
 * `yield* it.next()` in a coroutine, which gives `{ done, value }`. Leaving early (break, `using`, `return()`) kills
 * what it has started.
 *
 * Python: `gevent.pool.IMap` and `IMapUnordered`.
 */
export class IMap<T> implements AsyncIterableIterator<T, undefined> {
  private readonly feed: Feed<T>;
  /** What can be taken, in the order in which it is to be taken; shut down behind the last one. */
  private readonly results = new SimpleQueue<Entry<T>>();
  /** When in order: those that have come before their turn, by index. */
  private readonly early: Map<number, Greenlet<T>> | null;
  /** The index of the next one to become a result. */
  private due = 0;
  /** Permits to start: one is taken for each item and given back for each result that is asked for. */
  private readonly permits: Semaphore | null;
  /** How many ask for a result now, and for how many a permit has been given: one that asked in vain asks again. */
  private asking = 0;
  private granted = 0;
  private readonly running = new Set<Greenlet<T>>();
  private readonly driver: Greenlet<void>;
  private fed = false;
  private failure: { readonly thrown: unknown } | null = null;
  private closed = false;

  /** @internal */
  constructor(ordered: boolean, options: MapOptions | undefined, feed: () => Feed<T>) {
    const maxsize = options?.maxsize ?? null;
    if (maxsize !== null && (!Number.isInteger(maxsize) || maxsize < 1)) {
      throw new RangeError(
        `Expected a whole number from 1 up, or null for no limit, as maxsize, got ${show(maxsize)}`,
      );
    }
    this.early = ordered ? new Map() : null;
    this.feed = feed();
    this.permits = maxsize === null ? null : new Semaphore(maxsize);
    this.driver = spawn(() => this.drive()) as unknown as Greenlet<void>;
    this.driver.name = ordered ? 'imap' : 'imapUnordered';
  }

  /**
   * Waits for the next result: `{ done: false, value }`, or `{ done: true }` after the last one. A kill or a timeout that
   * comes meanwhile takes no result away.
   *
   * @throws the error of the item whose turn it is; the next call goes on behind it. The error of the source itself comes
   *   after the results of the items before it
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
    this.driver.kill({ block: false });
    this.feed.close();
    // Nobody will ask for these any more: what has failed, or fails in its cleanup, is reported.
    for (const greenlet of this.running) {
      greenlet.overlook();
      greenlet.kill({ block: false });
    }
    for (const greenlet of this.early?.values() ?? []) greenlet.overlook();
    while (!this.results.empty()) {
      const entry = this.results.getNowait();
      if ('greenlet' in entry) entry.greenlet.overlook();
      else hub.reports.report(entry.thrown, null);
    }
    this.results.shutdown();
  }

  private *drive(): Coroutine<void> {
    try {
      for (let index = 0; ; index++) {
        const next = yield* this.feed.next();
        if (next.done === true) break;
        if (this.permits !== null) yield* this.permits.acquire();
        const greenlet = yield* this.feed.start(next.value);
        greenlet.flags |= OBSERVED;
        this.running.add(greenlet);
        greenlet.enqueue(new Callback<unknown>(() => this.arrived(index, greenlet), false));
      }
    } catch (error) {
      if (this.closed) throw error;
      this.failure = { thrown: error };
    }
    this.fed = true;
    this.finish();
  }

  /** One of those started has ended. */
  private arrived(index: number, greenlet: Greenlet<T>): void {
    this.running.delete(greenlet);
    if (this.closed) return;
    if (this.early === null) this.results.putNowait({ greenlet });
    else {
      this.early.set(index, greenlet);
      for (let next = this.early.get(this.due); next !== undefined; next = this.early.get(this.due)) {
        this.early.delete(this.due++);
        this.results.putNowait({ greenlet: next });
      }
    }
    this.finish();
  }

  private finish(): void {
    if (!this.fed || this.running.size > 0) return;
    if (this.failure !== null) this.results.putNowait(this.failure);
    this.results.shutdown();
  }

  private *take(): Coroutine<IteratorResult<T, undefined>> {
    if (++this.asking > this.granted) {
      this.granted++;
      this.permits?.release();
    }
    let entry: Entry<T>;
    try {
      entry = yield* this.results.get();
      this.granted--;
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error;
      this.closed = true;
      return { done: true, value: undefined };
    } finally {
      this.asking--;
    }
    if ('thrown' in entry) throw entry.thrown;
    const { greenlet } = entry;
    if (!greenlet.successful()) throw greenlet.exception;
    const { value } = greenlet;
    if (value instanceof GreenletExit) throw value;
    return { done: false, value: value as T };
  }
}
