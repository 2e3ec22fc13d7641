import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import {
  checkTimeout,
  Drawn,
  Empty,
  Full,
  hub,
  Line,
  type Queued,
  Ring,
  ShutDown,
  type TimeoutOption,
  VALUE,
} from '@switchyard/hub/core';
import { Get, Put } from './queue-waits.ts';

/** How many are served before timers and sockets may get their turn. */
const BATCH = 256;

/** How to put and get. */
export interface QueueOptions extends TimeoutOption {
  /** False to fail with `Full` or `Empty` at once instead of waiting. */
  block?: boolean;
}

/** What a queue keeps its items in, which decides about their order. @internal */
export interface Store<T> extends Iterable<T> {
  readonly length: number;
  /** The item that comes next, and stays. */
  readonly first: T | undefined;
  push(item: T): void;
  /** Takes out the item that comes next. There is one. */
  shift(): T;
}

/**
 * A first-in first-out queue between greenlets. With a size it pushes back: who puts waits for room. Those who wait are
 * served in the order in which they came; one who is killed or timed out takes nothing with it. `Queue` can be joined as
 * well.
 *
 * Python: `gevent.queue.SimpleQueue`.
 */
export class SimpleQueue<T = unknown> implements Queued {
  /** How many items it holds at most; null for no limit. */
  readonly maxsize: number | null;
  /** @internal */
  readonly getters: Line<Get<T>>;
  /** @internal */
  readonly putters: Line<Put<T>>;
  protected readonly items: Store<T>;
  private unlocking: boolean;
  private closed: boolean;

  /**
   * @param maxsize how many items it holds at most; null, 0 or left out for no limit
   * @param items what it holds to begin with
   * @throws RangeError when `maxsize` is not a whole number from 0 up
   */
  constructor(maxsize?: number | null, items: Iterable<T> = []) {
    if (maxsize !== undefined && maxsize !== null && (!Number.isInteger(maxsize) || maxsize < 0)) {
      throw new RangeError(
        `Expected a whole number from 0 up, or null for no limit, as the size of a ${this.constructor.name}, got ${show(maxsize)}`,
      );
    }
    this.maxsize = maxsize ? maxsize : null;
    this.getters = new Line();
    this.putters = new Line();
    this.items = this.makeStore();
    this.unlocking = false;
    this.closed = false;
    for (const item of items) this.store(item);
  }

  /** How many items it holds. */
  qsize(): number {
    return this.items.length;
  }

  /** Whether it holds nothing. */
  empty(): boolean {
    return this.items.length === 0;
  }

  /** Whether there is no room. */
  full(): boolean {
    return this.maxsize !== null && this.items.length >= this.maxsize;
  }

  /**
   * Adds an item, waiting for room if need be.
   *
   * @throws Full when the timeout (in ms) comes first, or at once with `block: false`; ShutDown after `shutdown()`
   */
  put(item: T, options?: QueueOptions): Waitable<void> {
    return new Put<T>(this, item, this.limit(options, 'put'), options?.block !== false);
  }

  /** Adds an item now. @throws Full when there is no room; ShutDown after `shutdown()` */
  putNowait(item: T): void {
    this.checkOpen();
    if (this.full()) throw new Full(`the queue holds its ${this.maxsize} items`);
    this.store(item);
    if (this.getters.length > 0) this.unlockSoon();
  }

  /**
   * Takes the next item, waiting for one if need be.
   *
   * @throws Empty when the timeout (in ms) comes first, or at once with `block: false`; ShutDown when it has been shut
   *   down and holds nothing more
   */
  get(options?: QueueOptions): Waitable<T> {
    return new Get<T>(this, this.limit(options, 'get'), options?.block !== false, false);
  }

  /** Takes the next item now. @throws Empty when there is none; ShutDown when there will be none */
  getNowait(): T {
    this.checkLeft();
    const item = this.items.shift();
    if (this.putters.length > 0) this.unlockSoon();
    return item;
  }

  /** As `get`, but leaves the item where it is. */
  peek(options?: QueueOptions): Waitable<T> {
    return new Get<T>(this, this.limit(options, 'peek'), options?.block !== false, true);
  }

  /** As `getNowait`, but leaves the item where it is. */
  peekNowait(): T {
    this.checkLeft();
    return this.items.first as T;
  }

  /** A queue of the same kind and size, which holds the same items. */
  copy(): this {
    return new (this.constructor as new (maxsize: number | null, items: Iterable<T>) => this)(
      this.maxsize,
      this.items,
    );
  }

  /**
   * Closes the queue: no more can be put, and those who wait for room get `ShutDown`. What it holds can still be taken,
   * unless `immediate`, which discards it; then those who want more get `ShutDown`, and loops over the queue end.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.closed = true;
    if (immediate) while (this.items.length > 0) this.discard(this.items.shift());
    const refused = [...this.putters];
    const ended = this.items.length === 0 ? [...this.getters] : [];
    hub.schedule({
      turn: () => {
        for (const wait of refused) wait.refuse(new ShutDown('the queue has been shut down'));
        for (const wait of ended) wait.refuse(new ShutDown('the queue has been shut down'));
      },
    });
  }

  /** Whether `shutdown()` has been called. */
  get isShutdown(): boolean {
    return this.closed;
  }

  /** Takes items until the queue has been shut down and is empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new Drawn<T>(
      () => new Get<T>(this, -1, true, false),
      (error) => error instanceof ShutDown,
    );
  }

  /** Serves those who wait, one putter and one getter in turn, in the hub. @internal */
  turn(): void {
    for (let rounds = 0; ; rounds++) {
      if (rounds === BATCH) {
        hub.again(this);
        return;
      }
      let served = false;
      if (this.putters.length > 0 && !this.closed && !this.full()) {
        this.admit(this.putters.shift() as Put<T>);
        served = true;
      }
      if (this.getters.length > 0 && this.items.length > 0) {
        const getter = this.getters.shift() as Get<T>;
        getter.resume(VALUE, getter.peeks ? this.items.first : this.items.shift());
        served = true;
      }
      if (!served) break;
    }
    this.unlocking = false;
    if (this.closed && this.items.length === 0) {
      for (let getter = this.getters.first; getter !== null; getter = this.getters.first) {
        getter.refuse(new ShutDown('the queue has been shut down'));
      }
    }
  }

  /** @internal */
  unlockSoon(): void {
    if (this.unlocking) return;
    this.unlocking = true;
    hub.schedule(this);
  }

  /** @internal */
  checkOpen(): void {
    if (this.closed) throw new ShutDown('the queue has been shut down: nothing more can be put');
  }

  /** @internal */
  checkLeft(): void {
    if (this.items.length > 0) return;
    if (this.closed) throw new ShutDown('the queue has been shut down and holds nothing more');
    throw new Empty('the queue holds nothing');
  }

  /** @internal */
  get drained(): boolean {
    return this.closed && this.items.length === 0;
  }

  // What other kinds of queues override.

  /** Makes what the items are kept in. The constructor calls it. @internal */
  protected makeStore(): Store<T> {
    return new Ring<T>();
  }

  /** Refuses an item that could not be kept. @internal */
  checkItem(_item: T): void {}

  /** @internal */
  protected store(item: T): void {
    this.items.push(item);
  }

  /** @internal */
  protected discard(_item: T): void {}

  private admit(putter: Put<T>): void {
    try {
      this.store(putter.item);
    } catch (error) {
      putter.refuse(error);
      return;
    }
    putter.resume(VALUE, undefined);
  }

  private limit(options: QueueOptions | undefined, verb: string): number {
    return options === undefined ? -1 : checkTimeout(options, `${this.constructor.name}.${verb}`);
  }
}
