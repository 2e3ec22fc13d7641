import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import {
  checkTimeout,
  Drawn,
  Empty,
  ERROR,
  Full,
  hub,
  Line,
  type Node,
  PENDING,
  type Queued,
  ShutDown,
  TimedWait,
  VALUE,
} from '@switchyard/hub/core';
import type { QueueOptions } from './simple-queue.ts';

/** How many meet before timers and sockets may get their turn. */
const BATCH = 256;

/** An item that somebody wants to hand over: a `Put` who waits for that, or what `putNowait` has left for a getter. */
interface Offer<T> extends Node {
  readonly item: T;
}

/**
 * A queue that holds nothing: who puts waits until somebody takes the item out of his hands, and who gets until
 * somebody comes with one. Of the two the one who gets goes on first. Both are served in the order in which they came; one
 * who is killed or timed out has neither given nor taken.
 *
 * Python: `gevent.queue.Channel`.
 */
export class Channel<T = unknown> implements Queued {
  /** @internal */
  readonly getters: Line<Get<T>>;
  /** @internal */
  readonly offers: Line<Offer<T>>;
  private meeting: boolean;
  private closed: boolean;
  /** Shut down at once: not even those who have found each other exchange anything. */
  private cut: boolean;

  /**
   * @param maxsize 1, for code that makes queues of several kinds
   * @throws RangeError when it is something else
   */
  constructor(maxsize = 1) {
    if (maxsize !== 1) throw new RangeError(`Expected 1 as the size of a Channel, got ${show(maxsize)}`);
    this.getters = new Line();
    this.offers = new Line();
    this.meeting = false;
    this.closed = false;
    this.cut = false;
  }

  /** How many more wait to put than to get; less than 0 when more wait to get. */
  get balance(): number {
    return this.offers.length - this.getters.length;
  }

  /** 0: it holds nothing. */
  qsize(): number {
    return 0;
  }

  /** True: it holds nothing. */
  empty(): boolean {
    return true;
  }

  /** True: it has no room. */
  full(): boolean {
    return true;
  }

  /**
   * Hands an item over, waiting for somebody who takes it. It always waits at least for the turn of that one.
   *
   * @throws Full when the timeout (in ms) comes first; also, at once, with `block: false` when nobody waits for an item;
   *   ShutDown after `shutdown()`
   */
  put(item: T, options?: QueueOptions): Waitable<void> {
    return new Put<T>(
      this,
      item,
      options === undefined ? -1 : checkTimeout(options, 'Channel.put'),
      options?.block !== false,
    );
  }

  /** Hands an item to somebody who waits for one. @throws Full when nobody does; ShutDown after `shutdown()` */
  putNowait(item: T): void {
    this.checkOpen();
    if (this.balance >= 0) throw new Full('nobody waits for an item of the channel');
    this.offers.push({ item, before: null, after: null });
    this.meetSoon();
  }

  /**
   * Takes an item, waiting for somebody who hands one over.
   *
   * @throws Empty when the timeout (in ms) comes first, or at once with `block: false` when nobody waits to put; ShutDown
   *   after `shutdown()`
   */
  get(options?: QueueOptions): Waitable<T> {
    return new Get<T>(
      this,
      options === undefined ? -1 : checkTimeout(options, 'Channel.get'),
      options?.block !== false,
    );
  }

  /** Takes an item from somebody who waits to put one. @throws Empty when nobody does; ShutDown after `shutdown()` */
  getNowait(): T {
    // Those who wait to get have come before, and the first offers are for them.
    if (this.balance <= 0 || this.cut) {
      if (this.closed) throw new ShutDown('the channel has been shut down');
      throw new Empty('nobody waits to put an item into the channel');
    }
    const offer = this.offers.shift() as Offer<T>;
    if (offer instanceof Put) offer.takenSoon();
    return offer.item;
  }

  /**
   * Closes the channel: those who wait get `ShutDown`, as do those who come, and loops over the channel end. Those who
   * have found each other already exchange their item, unless it is `immediate`.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.closed = true;
    if (immediate) this.cut = true;
    if (this.meeting) return;
    this.meeting = true;
    hub.schedule(this);
  }

  /** Whether `shutdown()` has been called. */
  get isShutdown(): boolean {
    return this.closed;
  }

  /** Takes items until the channel has been shut down. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new Drawn<T>(
      () => new Get<T>(this, -1, true),
      (error) => error instanceof ShutDown,
    );
  }

  /** Brings those who put and those who get together, in the hub. @internal */
  turn(): void {
    for (let met = 0; this.offers.length > 0 && this.getters.length > 0 && !this.cut; met++) {
      if (met === BATCH) {
        hub.again(this);
        return;
      }
      const getter = this.getters.shift() as Get<T>;
      const offer = this.offers.shift() as Offer<T>;
      getter.resume(VALUE, offer.item);
      if (offer instanceof Put) offer.resume(VALUE, undefined);
    }
    this.meeting = false;
    if (this.closed) this.part();
  }

  /** Nobody is left for those who still wait. */
  private part(): void {
    // Those who are told run at once, and may leave one that somebody else waits on.
    const offers = [...this.offers];
    const getters = [...this.getters];
    for (const offer of offers) {
      if (offer instanceof Put) offer.refuse(new ShutDown('the channel has been shut down'));
      else if (this.cut) this.offers.remove(offer);
    }
    for (const getter of getters) getter.refuse(new ShutDown('the channel has been shut down'));
  }

  /** @internal */
  meetSoon(): void {
    if (this.meeting || this.offers.length === 0 || this.getters.length === 0) return;
    this.meeting = true;
    hub.schedule(this);
  }

  /** @internal */
  checkOpen(): void {
    if (this.closed) throw new ShutDown('the channel has been shut down: nothing more can be put');
  }

  /** Whether nothing can come any more. @internal */
  get ended(): boolean {
    return this.cut || (this.closed && this.balance <= 0);
  }
}

class Put<T> extends TimedWait<void> implements Offer<T>, Queued {
  readonly item: T;
  /** Its item has been taken, which it is about to hear: too late for anything else. */
  private given: boolean;
  private readonly channel: Channel<T>;
  private readonly blocks: boolean;

  constructor(channel: Channel<T>, item: T, limit: number, blocks: boolean) {
    super(limit);
    this.channel = channel;
    this.item = item;
    this.blocks = blocks;
    this.given = false;
  }

  /** Its item has been taken by somebody who does not wait for it to hear that. */
  takenSoon(): void {
    this.given = true;
    hub.schedule(this);
  }

  turn(): void {
    if (!this.given) return;
    this.given = false;
    this.resume(VALUE, undefined);
  }

  refuse(error: Error): void {
    if (this.given) return;
    this.channel.offers.remove(this);
    this.resume(ERROR, error);
  }

  override expire(): void {
    this.refuse(new Full(`nobody took the item from the channel within ${this.limit} ms`));
  }

  override describe(): string {
    return `${this.channel.constructor.name}.put`;
  }

  protected override begin(): void | typeof PENDING {
    const { channel } = this;
    if (!this.blocks) {
      channel.putNowait(this.item);
      return;
    }
    channel.checkOpen();
    channel.offers.push(this);
    channel.meetSoon();
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.given = false;
    this.channel.offers.remove(this);
  }
}

class Get<T> extends TimedWait<T> {
  private readonly channel: Channel<T>;
  private readonly blocks: boolean;

  constructor(channel: Channel<T>, limit: number, blocks: boolean) {
    super(limit);
    this.channel = channel;
    this.blocks = blocks;
  }

  refuse(error: Error): void {
    this.channel.getters.remove(this);
    this.resume(ERROR, error);
  }

  override expire(): void {
    this.refuse(new Empty(`nothing came through the channel within ${this.limit} ms`));
  }

  override describe(): string {
    return `${this.channel.constructor.name}.get`;
  }

  protected override begin(): T | typeof PENDING {
    const { channel } = this;
    if (!this.blocks || channel.balance > 0 || channel.ended) return channel.getNowait();
    channel.getters.push(this);
    channel.meetSoon();
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.channel.getters.remove(this);
  }
}
