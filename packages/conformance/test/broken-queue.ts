/** A plain queue of any order, with a switch for each way in which it can be wrong. */
import { type Coroutine, getHub, sleep, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout } from '@switchyard/hub/core';
import type { ClosableLike, JoinableLike, QueueAdapter, QueueWaitLike } from '@switchyard/conformance';
import { named, type Ticket, turn } from './broken.ts';

/** What can be wrong with a queue. */
export type QueueFault =
  | 'none'
  /** An item that is on its way to one that is killed is gone. */
  | 'loses the item of the dead'
  /** One that is killed while it puts has put all the same. */
  | 'puts for the dead'
  /** Holds one more than it should. */
  | 'holds too much'
  /** join() does not wait for the last one. */
  | 'joins too early'
  /** Now and then an item comes twice. */
  | 'gives twice'
  /** The other way round. */
  | 'is upside down'
  /** In the order of what they look like as text. */
  | 'sorts by text'
  /** put() with a time limit says nothing when there is no room. */
  | 'drops when full'
  /** shutdown() changes nothing for who puts. */
  | 'is open for ever'
  /** shutdown() throws what it holds away. */
  | 'forgets the rest'
  /** shutdown({ immediate }) does not. */
  | 'keeps the rest'
  /** Those who wait when it is shut down wait on. */
  | 'tells nobody'
  /** Those who have been told get their item all the same. */
  | 'puts what it refused'
  /** What is thrown away is still to be reported. */
  | 'waits for what is gone';

/** Somebody in a line who gets an item. */
interface Parcel extends Ticket {
  /** Nothing for one that is told that there will be none. */
  item?: { readonly item: unknown };
}

/** A queue in which each getter is given its item a turn before it runs, as one between threads may. */
export class BrokenQueue implements JoinableLike, ClosableLike {
  unfinishedTasks = 0;
  isShutdown = false;
  private readonly items: unknown[] = [];
  private readonly getters: Parcel[] = [];
  private readonly putters: Ticket[] = [];
  private readonly size: number;
  private readonly order: QueueAdapter['order'];
  private readonly fault: QueueFault;
  private gets = 0;

  constructor(size = 0, fault: QueueFault = 'none', order: QueueAdapter['order'] = 'fifo') {
    if (!Number.isInteger(size) || size < 0) throw new RangeError(`Expected a size, got ${size}`);
    this.size = size === 0 ? Infinity : size;
    this.fault = fault;
    this.order = order;
  }

  qsize(): number {
    return this.items.length;
  }

  empty(): boolean {
    return this.items.length === 0;
  }

  full(): boolean {
    return this.items.length >= this.size + (this.fault === 'holds too much' ? 1 : 0);
  }

  shutdown({ immediate = false } = {}): void {
    this.isShutdown = true;
    const discards = immediate ? this.fault !== 'keeps the rest' : this.fault === 'forgets the rest';
    while (discards && this.items.length > 0) {
      this.items.pop();
      if (this.fault !== 'waits for what is gone') this.unfinishedTasks--;
    }
    if (this.fault === 'tells nobody') return;
    if (this.empty()) for (const getter of this.getters.splice(0)) getter.called = true;
  }

  putNowait(item: unknown): void {
    if (this.isShutdown && this.fault !== 'is open for ever') throw named('ShutDown');
    if (this.full()) throw named('Full');
    this.unfinishedTasks++;
    this.items.push(item);
    this.serve();
  }

  getNowait(): unknown {
    if (this.empty()) throw named(this.isShutdown ? 'ShutDown' : 'Empty');
    return this.take();
  }

  put(item: unknown, options: QueueWaitLike = {}): Waitable<void> {
    const limit = checkTimeout(options, 'put');
    return new Block<void>('put', () => this.puts(item, options.block === false ? 0 : limit));
  }

  get(options: QueueWaitLike = {}): Waitable<unknown> {
    const limit = checkTimeout(options, 'get');
    return new Block('get', () => this.getting(options.block === false ? 0 : limit));
  }

  taskDone(): void {
    if (this.unfinishedTasks === 0) throw new RangeError('taskDone() called too often');
    this.unfinishedTasks--;
  }

  join(): Waitable<void> {
    const few = this.fault === 'joins too early' ? 1 : 0;
    return new Block<void>('join', this.joins.bind(this, few));
  }

  private *joins(few: number): Coroutine {
    while (this.unfinishedTasks > few) yield* sleep(1);
  }

  private take(): unknown {
    if (this.fault === 'gives twice' && ++this.gets % 10 === 0) return this.items[0];
    if (this.order === 'priority') {
      const rank = this.fault === 'sorts by text' ? String : Number;
      this.items.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
    }
    const fromEnd = (this.order === 'lifo') !== (this.fault === 'is upside down');
    return fromEnd ? this.items.pop() : this.items.shift();
  }

  private serve(): void {
    while (this.getters.length > 0 && this.items.length > 0) {
      const getter = this.getters.shift() as Parcel;
      getter.item = { item: this.take() };
      getter.called = true;
    }
  }

  private *puts(item: unknown, limit: number): Coroutine {
    const end = limit < 0 ? Infinity : getHub().now() + limit;
    const ticket: Ticket = { called: false };
    this.putters.push(ticket);
    let well = false;
    try {
      while (this.full() || this.putters[0] !== ticket) {
        if (this.isShutdown && this.fault !== 'tells nobody') {
          well = true;
          if (this.fault === 'puts what it refused') this.items.push(item);
          throw named('ShutDown');
        }
        if (getHub().now() >= end) {
          well = true;
          if (this.fault === 'drops when full') return;
          throw named('Full');
        }
        yield* sleep(Math.min(1, end - getHub().now()));
      }
      well = true;
      this.putNowait(item);
    } finally {
      this.putters.splice(this.putters.indexOf(ticket), 1);
      if (!well && this.fault === 'puts for the dead') this.items.push(item);
    }
  }

  private *getting(limit: number): Coroutine<unknown> {
    if (!this.empty()) return this.take();
    if (this.isShutdown) throw named('ShutDown');
    if (limit === 0) throw named('Empty');
    const mine: Parcel = { called: false };
    const got = yield* turn(this.getters, mine, limit, () => {
      if (!mine.called) this.getters.splice(this.getters.indexOf(mine), 1);
      else if (this.fault !== 'loses the item of the dead') {
        if (mine.item !== undefined) this.items.unshift(mine.item.item);
        this.serve();
      }
    });
    if (!got) throw named('Empty');
    if (mine.item === undefined) throw named('ShutDown');
    return mine.item.item;
  }
}
