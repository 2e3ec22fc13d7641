import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, Drawn, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive, share, Shareable } from '@switchyard/remote';
import { ANXIOUS, BUSY, Exchange, MOMENT, NONE, stuck } from './exchange.ts';
import { mustNotBeMain } from './parking.ts';
import { Empty, Full, ShutDown } from '@switchyard/remote/core';
import type { Store } from './queue-store.ts';
import { Get, Join, Put } from './queue-waits.ts';
import { newQueueWords } from './queue-words.ts';
import type { Rank } from './rank.ts';
import { RingStore } from './ring-store.ts';
import { type SharedState, stateOf, wordsOf } from './shared-words.ts';

/** How to put and get. */
export interface QueueOptions extends TimeoutOption {
  /** False to fail with `Full` or `Empty` at once instead of waiting. */
  block?: boolean;
}

interface QueueState extends SharedState {
  readonly memory: readonly SharedArrayBuffer[];
}

const MOST = 2 ** 31 - 1;

/** What a queue that has been sent here is to be made of. */
let arriving: QueueState | null = null;

/**
 * A first-in first-out queue between threads, and between the greenlets of each. It may be sent to other threads in
 * arguments and in items of queues. Items are copied, whatever structured clone can copy, and shareable objects (locks,
 * events, other queues) arrive as themselves. With a size the queue pushes back: who puts waits for room. What has been put
 * stays when the thread that put it ends, however it ends; one that is killed, timed out or terminated takes nothing with it.
 *
 * Python: `queue.Queue`.
 */
export class Queue<T = unknown> extends Shareable {
  /** How many items it holds at most; null for no limit. */
  readonly maxsize: number | null;
  private readonly exchange: Exchange<T>;

  /**
   * @param maxsize how many items it holds at most; 0, null or left out for no limit
   * @throws RangeError when it is not a whole number from 0 up
   */
  constructor(maxsize?: number | null) {
    super();
    const state = arriving;
    arriving = null;
    if (
      maxsize !== undefined &&
      maxsize !== null &&
      (!Number.isInteger(maxsize) || maxsize < 0 || maxsize > MOST)
    ) {
      throw new RangeError(
        `Expected a whole number from 0 up, or null for no limit, as the size of a ${this.constructor.name}, got ${show(maxsize)}`,
      );
    }
    const words = state === null ? newQueueWords(maxsize ?? 0) : wordsOf(state);
    this.exchange = new Exchange<T>(this.constructor.name, words, this.makeStore(state?.memory));
    this.maxsize = this.exchange.words.maxsize === 0 ? null : this.exchange.words.maxsize;
  }

  /** How many items it holds. Others may change that at any time. */
  qsize(): number {
    return this.exchange.words.size;
  }

  /** Whether it holds nothing. */
  empty(): boolean {
    return this.exchange.words.size === 0;
  }

  /** Whether there is no room. */
  full(): boolean {
    return this.maxsize !== null && this.exchange.words.size >= this.maxsize;
  }

  /** How many items have been put and not been reported with `taskDone()`. */
  get unfinishedTasks(): number {
    return this.exchange.words.unfinishedTasks;
  }

  /** Whether `shutdown()` has been called. */
  get isShutdown(): boolean {
    return this.exchange.words.isClosed;
  }

  /**
   * Adds a copy of an item, waiting for room if need be.
   *
   * @throws Full when the timeout (in ms) comes first, or at once with `block: false`; ShutDown after `shutdown()`;
   *   CloneError when it cannot be copied; RangeError when the queue would hold more than 1 GB
   */
  put(item: T, options?: QueueOptions): Waitable<void> {
    return new Put<T>(
      this.exchange,
      () => this.exchange.parcel(item, this.rank(item)),
      checkTimeout(options, 'Queue.put'),
      options?.block !== false,
    );
  }

  /**
   * As `put`, but stops the whole thread while it waits. For worker threads only.
   *
   * @throws as `put`; RuntimeError on the main thread, unless `block` is false or `timeout` is 0
   */
  putSync(item: T, options?: QueueOptions): void {
    const limit = checkTimeout(options, 'Queue.putSync');
    if (options?.block === false || limit === 0) return this.putNowait(item);
    mustNotBeMain('Queue.put');
    const parcel = this.exchange.parcel(item, this.rank(item));
    if (this.exchange.put(parcel, false, MOMENT) === undefined) return;
    new Put<T>(this.exchange, null, limit, true, this.exchange.kept(parcel)).block();
  }

  /** Adds a copy of an item now. @throws Full when there is no room; otherwise as `put` */
  putNowait(item: T): void {
    const parcel = this.exchange.parcel(item, this.rank(item));
    const outcome = this.exchange.put(parcel, false, ANXIOUS);
    if (outcome === undefined) return;
    this.exchange.dropped(parcel);
    if (outcome === BUSY) throw stuck('put(item)');
    throw new Full(`the queue holds its ${this.maxsize} items`);
  }

  /**
   * Takes the next item, waiting for one if need be.
   *
   * @throws Empty when the timeout (in ms) comes first, or at once with `block: false`; ShutDown when it has been shut
   *   down and holds nothing more; TaskError when the item has a shareable object of a class whose module is not loaded here
   */
  get(options?: QueueOptions): Waitable<T> {
    return new Get<T>(this.exchange, checkTimeout(options, 'Queue.get'), options?.block !== false);
  }

  /**
   * As `get`, but stops the whole thread while it waits. For worker threads only.
   *
   * @throws as `get`; RuntimeError on the main thread, unless `block` is false or `timeout` is 0
   */
  getSync(options?: QueueOptions): T {
    const limit = checkTimeout(options, 'Queue.getSync');
    if (options?.block === false || limit === 0) return this.getNowait();
    mustNotBeMain('Queue.get');
    const item = this.exchange.take(false, MOMENT);
    return item === NONE || item === BUSY ? new Get<T>(this.exchange, limit, true).block() : item;
  }

  /** Takes the next item now. @throws Empty when there is none; otherwise as `get` */
  getNowait(): T {
    const item = this.exchange.take(false, ANXIOUS);
    if (item === BUSY) throw stuck('get()');
    if (item === NONE) throw new Empty('the queue holds nothing');
    return item;
  }

  /** Reports that an item that was taken has been dealt with. @throws RangeError when that was said of all already */
  taskDone(): void {
    this.exchange.taskDone();
  }

  /**
   * Waits until all items have been reported with `taskDone()`; at once when none is left.
   *
   * @returns true, or false when the timeout (in ms) came first
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    return new Join<T>(this.exchange, checkTimeout(options, 'Queue.join'));
  }

  /** As `join`, but stops the whole thread while it waits. For worker threads only. @throws RuntimeError on the main thread */
  joinSync(options?: TimeoutOption): boolean {
    const limit = checkTimeout(options, 'Queue.joinSync');
    if (limit !== 0) mustNotBeMain('Queue.join');
    return new Join<T>(this.exchange, limit).block();
  }

  /**
   * Closes the queue: no more can be put, and those who wait for room get `ShutDown`. What it holds can still be taken,
   * unless `immediate`, which discards it; then those who want more get `ShutDown`, and loops over the queue end.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.exchange.shutdown(immediate);
  }

  /** Takes items until the queue has been shut down and is empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new Drawn<T>(
      () => new Get<T>(this.exchange, -1, true),
      (error) => error instanceof ShutDown,
    );
  }

  /** What decides about the place of an item, in a queue where something does. */
  protected rank(_item: T): Rank | null {
    return null;
  }

  /** @param memory of a queue that has been sent here */
  protected makeStore(memory: readonly SharedArrayBuffer[] | undefined): Store {
    return new RingStore(memory);
  }

  /** @internal */
  [share](): QueueState {
    return { ...stateOf(this.exchange.words.words), memory: this.exchange.store.memory };
  }

  /** @internal */
  static [revive](state: QueueState): Queue {
    arriving = state;
    try {
      return new this();
    } finally {
      arriving = null;
    }
  }
}

register(import.meta, Queue);
