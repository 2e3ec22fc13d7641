import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive, RuntimeError, share, Shareable } from '@switchyard/remote';
import { Pickler, Unpickler } from '@switchyard/remote/core';
import { collect, deposit } from './keeper.ts';
import { mustNotBeMain, Parking } from './parking.ts';
import { Empty, Full, ShutDown } from './queue-errors.ts';
import type { Parcel, Store, Writable } from './queue-store.ts';
import { BUSY, Get, Join, NONE, Put, type Waited } from './queue-waits.ts';
import { DONE, ITEMS, newQueueWords, QueueWords, ROOM } from './queue-words.ts';
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

// How long, in milliseconds, the queue's lock is waited for before one parks, and before one who cannot park gives up. It is
// only held that long by a thread that has ended in the middle, which its starter has not been told yet.
const MOMENT = 2;
const ANXIOUS = 1000;

const MOST = 2 ** 31 - 1;

const pickler = new Pickler();
const unpickler = new Unpickler();

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
export class Queue<T = unknown> extends Shareable implements Waited<T> {
  /** How many items it holds at most; null for no limit. */
  readonly maxsize: number | null;
  /** @internal */
  readonly items: Parking;
  /** @internal */
  readonly room: Parking;
  /** @internal */
  readonly done: Parking;
  private readonly words: QueueWords;
  private readonly store: Store;

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
    this.words = new QueueWords(words);
    this.store = this.makeStore(state?.memory);
    this.maxsize = this.words.maxsize === 0 ? null : this.words.maxsize;
    this.items = new Parking(words, ITEMS);
    this.room = new Parking(words, ROOM);
    this.done = new Parking(words, DONE);
  }

  /** How many items it holds. Others may change that at any time. */
  qsize(): number {
    return this.words.size;
  }

  /** Whether it holds nothing. */
  empty(): boolean {
    return this.words.size === 0;
  }

  /** Whether there is no room. */
  full(): boolean {
    return this.maxsize !== null && this.words.size >= this.maxsize;
  }

  /** How many items have been put and not been reported with `taskDone()`. */
  get unfinishedTasks(): number {
    return this.words.unfinishedTasks;
  }

  /** Whether `shutdown()` has been called. */
  get isShutdown(): boolean {
    return this.words.isClosed;
  }

  /**
   * Adds a copy of an item, waiting for room if need be.
   *
   * @throws Full when the timeout (in ms) comes first, or at once with `block: false`; ShutDown after `shutdown()`;
   *   CloneError when it cannot be copied; RangeError when the queue would hold more than 1 GB
   */
  put(item: T, options?: QueueOptions): Waitable<void> {
    return new Put<T>(this, item, checkTimeout(options, 'Queue.put'), options?.block !== false);
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
    const parcel = this.parcel(item);
    if (this.attemptPut(parcel, false, MOMENT) === undefined) return;
    new Put<T>(this, item, limit, true, this.kept(parcel)).block();
  }

  /** Adds a copy of an item now. @throws Full when there is no room; otherwise as `put` */
  putNowait(item: T): void {
    const parcel = this.parcel(item);
    const outcome = this.attemptPut(parcel, false, ANXIOUS);
    if (outcome === undefined) return;
    this.dropped(parcel);
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
    return new Get<T>(this, checkTimeout(options, 'Queue.get'), options?.block !== false);
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
    const item = this.attemptTake(false, MOMENT);
    return item === NONE || item === BUSY ? new Get<T>(this, limit, true).block() : item;
  }

  /** Takes the next item now. @throws Empty when there is none; otherwise as `get` */
  getNowait(): T {
    const item = this.attemptTake(false, ANXIOUS);
    if (item === BUSY) throw stuck('get()');
    if (item === NONE) throw new Empty('the queue holds nothing');
    return item;
  }

  /** Reports that an item that was taken has been dealt with. @throws RangeError when that was said of all already */
  taskDone(): void {
    const { words } = this;
    if (!this.enter(ANXIOUS)) throw stuck('join()');
    if (words.unfinished === 0) {
      words.leave();
      throw new RangeError('taskDone() called too many times: all items that were put have been reported');
    }
    words.unfinished--;
    words.commit();
    const wakes = words.unfinished === 0 && words.unflag(DONE);
    words.leave();
    if (wakes) this.done.wake();
  }

  /**
   * Waits until all items have been reported with `taskDone()`; at once when none is left.
   *
   * @returns true, or false when the timeout (in ms) came first
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    return new Join<T>(this, checkTimeout(options, 'Queue.join'));
  }

  /** As `join`, but stops the whole thread while it waits. For worker threads only. @throws RuntimeError on the main thread */
  joinSync(options?: TimeoutOption): boolean {
    const limit = checkTimeout(options, 'Queue.joinSync');
    if (limit !== 0) mustNotBeMain('Queue.join');
    return new Join<T>(this, limit).block();
  }

  /**
   * Closes the queue: no more can be put, and those who wait for room get `ShutDown`. What it holds can still be taken,
   * unless `immediate`, which discards it; then those who want more get `ShutDown`, and loops over the queue end.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    const { words } = this;
    if (!this.enter(ANXIOUS)) throw stuck('get()');
    words.closed = 1;
    words.commit();
    const tokens: number[] = [];
    while (immediate && words.count > 0) {
      words.unfinished--;
      tokens.push(this.store.take(words, unpickler));
    }
    unpickler.clear();
    words.unflag(ITEMS);
    words.unflag(ROOM);
    if (words.unfinished === 0) words.unflag(DONE);
    words.leave();
    for (const token of tokens) if (token !== 0) collect(token);
    this.items.wake();
    this.room.wake();
    this.done.wake();
  }

  /** Takes items until the queue has been shut down and is empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
      yield item;
    }
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
    return { ...stateOf(this.words.words), memory: this.store.memory };
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

  // For the waits.

  /** @internal */
  get seen(): number {
    return this.words.seen;
  }

  /** @internal */
  tryTake(waits: boolean): T | typeof NONE | typeof BUSY {
    return this.attemptTake(waits, MOMENT);
  }

  /** @internal */
  tryPut(parcel: Parcel, waits: boolean): void | typeof NONE | typeof BUSY {
    return this.attemptPut(parcel, waits, MOMENT);
  }

  /** @internal */
  tryJoin(): boolean | typeof BUSY {
    const { words } = this;
    if (words.unfinishedTasks === 0) return true;
    if (!this.enter(MOMENT)) return BUSY;
    const done = words.unfinished === 0;
    if (!done) words.flag(DONE);
    words.leave();
    return done;
  }

  /** @internal */
  parcel(item: T): Parcel {
    const rank = this.rank(item);
    pickler.take(item);
    const { buffers } = pickler;
    return { bytes: pickler, token: buffers.length === 0 ? 0 : deposit(buffers), rank };
  }

  /** @internal */
  kept(parcel: Parcel): Parcel {
    const { bytes } = pickler.pickled();
    pickler.clear();
    const kept: Writable = { size: bytes.length, write: (target, at) => void target.set(bytes, at) };
    return { bytes: kept, token: parcel.token, rank: parcel.rank };
  }

  /** @internal */
  dropped({ bytes, token }: Parcel): void {
    if (bytes === pickler) pickler.clear();
    if (token !== 0) collect(token);
  }

  private attemptTake(waits: boolean, patience: number): T | typeof NONE | typeof BUSY {
    const { words } = this;
    if (!this.enter(patience)) return BUSY;
    if (words.count === 0) {
      const closed = words.closed !== 0;
      if (waits && !closed) words.flag(ITEMS);
      words.leave();
      if (closed) throw new ShutDown('the queue has been shut down and holds nothing more');
      return NONE;
    }
    const token = this.store.take(words, unpickler);
    const wakes = words.unflag(ROOM);
    // It may have been woken on behalf of others who wait as well.
    if (waits) words.flag(ITEMS);
    const more = waits && words.count > 0;
    words.leave();
    if (wakes) this.room.wake(1);
    if (more) this.items.wake(1);
    return unpickler.value(token === 0 ? undefined : collect(token)) as T;
  }

  private attemptPut(parcel: Parcel, waits: boolean, patience: number): void | typeof NONE | typeof BUSY {
    const { words } = this;
    if (!this.enter(patience)) return BUSY;
    const closed = words.closed !== 0;
    if (closed || (words.maxsize !== 0 && words.count >= words.maxsize)) {
      if (waits && !closed) words.flag(ROOM);
      words.leave();
      if (!closed) return NONE;
      this.dropped(parcel);
      throw new ShutDown('the queue has been shut down: nothing more can be put');
    }
    try {
      this.store.put(words, parcel);
    } catch (error) {
      words.leave();
      this.dropped(parcel);
      throw error;
    }
    const wakes = words.unflag(ITEMS);
    if (waits) words.flag(ROOM);
    const more = waits && words.maxsize !== 0 && words.count < words.maxsize;
    words.leave();
    if (parcel.bytes === pickler) pickler.clear();
    if (wakes) this.items.wake(1);
    if (more) this.room.wake(1);
  }

  private enter(patience: number): boolean {
    const { words } = this;
    if (!words.enter(patience)) return false;
    if (words.abandoned) this.store.repair(words);
    return true;
  }
}

function stuck(call: string): RuntimeError {
  return new RuntimeError(
    `A thread has ended in the middle of using the queue, which is only known once this thread's event loop has turned: ` +
      `write await queue.${call}`,
  );
}

register(import.meta, Queue);
