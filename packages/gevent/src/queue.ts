import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import {
  checkTimeout,
  Drawn,
  ERROR,
  hub,
  Line,
  PENDING,
  type Queued,
  Ring,
  TimedWait,
  type TimeoutOption,
  VALUE,
} from '@switchyard/hub/core';

/** How many are served before timers and sockets may get their turn. */
const BATCH = 256;

/** A queue had nothing to get. Python: `queue.Empty`. */
export class Empty extends Error {
  static {
    this.prototype.name = 'Empty';
  }
}

/** A queue had no room to put. Python: `queue.Full`. */
export class Full extends Error {
  static {
    this.prototype.name = 'Full';
  }
}

/** A queue has been shut down. Python: `queue.ShutDown`. */
export class ShutDown extends Error {
  static {
    this.prototype.name = 'ShutDown';
  }
}

/** How to put and get. */
export interface QueueOptions extends TimeoutOption {
  /** False to fail with `Full` or `Empty` at once instead of waiting. */
  block?: boolean;
}

/**
 * A first-in first-out queue between greenlets. With a size it pushes back: who puts waits for room. Those who wait are
 * served in the order in which they came; one who is killed or timed out takes nothing with it.
 *
 * Python: `gevent.queue.Queue`.
 */
export class Queue<T = unknown> implements Queued {
  /** How many items it holds at most; null for no limit. */
  readonly maxsize: number | null;
  /** @internal */
  readonly getters: Line<Get<T>>;
  /** @internal */
  readonly putters: Line<Put<T>>;
  protected readonly items: Ring<T>;
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
    this.items = new Ring<T>();
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
    return this.qsize() === 0;
  }

  /** Whether there is no room. */
  full(): boolean {
    return this.maxsize !== null && this.qsize() >= this.maxsize;
  }

  /**
   * Adds an item, waiting for room if need be.
   *
   * @throws Full when the timeout (in ms) comes first, or at once with `block: false`; ShutDown after `shutdown()`
   */
  put(item: T, options?: QueueOptions): Waitable<void> {
    return new Put<T>(this, item, checkTimeout(options, 'Queue.put'), options?.block !== false);
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
    return new Get<T>(this, checkTimeout(options, 'Queue.get'), options?.block !== false, false);
  }

  /** Takes the next item now. @throws Empty when there is none; ShutDown when there will be none */
  getNowait(): T {
    this.checkLeft();
    const item = this.fetch();
    if (this.putters.length > 0) this.unlockSoon();
    return item;
  }

  /** As `get`, but leaves the item where it is. */
  peek(options?: QueueOptions): Waitable<T> {
    return new Get<T>(this, checkTimeout(options, 'Queue.peek'), options?.block !== false, true);
  }

  /** As `getNowait`, but leaves the item where it is. */
  peekNowait(): T {
    this.checkLeft();
    return this.look();
  }

  /**
   * Closes the queue: no more can be put, and those who wait for room get `ShutDown`. What it holds can still be taken,
   * unless `immediate`, which discards it; then those who want more get `ShutDown`, and loops over the queue end.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.closed = true;
    if (immediate) while (this.qsize() > 0) this.discard(this.fetch());
    const refused = [...this.putters];
    const ended = this.qsize() === 0 ? [...this.getters] : [];
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
        const putter = this.putters.shift() as Put<T>;
        this.store(putter.item);
        putter.resume(VALUE, undefined);
        served = true;
      }
      if (this.getters.length > 0 && this.qsize() > 0) {
        const getter = this.getters.shift() as Get<T>;
        getter.resume(VALUE, getter.peeks ? this.look() : this.fetch());
        served = true;
      }
      if (!served) break;
    }
    this.unlocking = false;
    if (this.closed && this.qsize() === 0) {
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
    if (this.qsize() > 0) return;
    if (this.closed) throw new ShutDown('the queue has been shut down and holds nothing more');
    throw new Empty('the queue holds nothing');
  }

  /** @internal */
  get drained(): boolean {
    return this.closed && this.qsize() === 0;
  }

  // What a queue of another order overrides.

  /** @internal */
  store(item: T): void {
    this.items.push(item);
  }

  /** @internal */
  fetch(): T {
    return this.items.shift();
  }

  /** @internal */
  look(): T {
    return this.items.first as T;
  }

  /** @internal */
  discard(_item: T): void {}
}

class Put<T> extends TimedWait<void> {
  readonly item: T;
  private readonly queue: Queue<T>;
  private readonly blocks: boolean;

  constructor(queue: Queue<T>, item: T, limit: number, blocks: boolean) {
    super(limit);
    this.queue = queue;
    this.item = item;
    this.blocks = blocks;
  }

  override expire(): void {
    this.queue.putters.remove(this);
    this.resume(ERROR, new Full(`no room in the queue within ${this.limit} ms`));
  }

  refuse(error: Error): void {
    this.queue.putters.remove(this);
    this.resume(ERROR, error);
  }

  override describe(): string {
    return `${this.queue.constructor.name}.put`;
  }

  protected override begin(): void | typeof PENDING {
    const { queue } = this;
    if (!this.blocks || !queue.full()) {
      queue.putNowait(this.item);
      return;
    }
    queue.checkOpen();
    queue.putters.push(this);
    if (queue.getters.length > 0) queue.unlockSoon();
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.queue.putters.remove(this);
  }
}

class Get<T> extends TimedWait<T> {
  readonly peeks: boolean;
  private readonly queue: Queue<T>;
  private readonly blocks: boolean;

  constructor(queue: Queue<T>, limit: number, blocks: boolean, peeks: boolean) {
    super(limit);
    this.queue = queue;
    this.blocks = blocks;
    this.peeks = peeks;
  }

  override expire(): void {
    this.queue.getters.remove(this);
    this.resume(ERROR, new Empty(`nothing in the queue within ${this.limit} ms`));
  }

  refuse(error: Error): void {
    this.queue.getters.remove(this);
    this.resume(ERROR, error);
  }

  override describe(): string {
    return `${this.queue.constructor.name}.${this.peeks ? 'peek' : 'get'}`;
  }

  protected override begin(): T | typeof PENDING {
    const { queue } = this;
    if (!this.blocks || queue.qsize() > 0 || queue.drained)
      return this.peeks ? queue.peekNowait() : queue.getNowait();
    queue.getters.push(this);
    if (queue.putters.length > 0) queue.unlockSoon();
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.queue.getters.remove(this);
  }
}
