import { Empty, ERROR, Full, PENDING, TimedWait } from '@switchyard/hub/core';
import type { SimpleQueue } from './simple-queue.ts';

/** The wait for room. @internal */
export class Put<T> extends TimedWait<void> {
  readonly item: T;
  private readonly queue: SimpleQueue<T>;
  private readonly blocks: boolean;

  constructor(queue: SimpleQueue<T>, item: T, limit: number, blocks: boolean) {
    super(limit);
    this.queue = queue;
    this.item = item;
    this.blocks = blocks;
  }

  override expire(): void {
    this.refuse(new Full(`no room in the queue within ${this.limit} ms`));
  }

  /** Ends it with an error. To be called in the hub only. */
  refuse(error: unknown): void {
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
    queue.checkItem(this.item);
    queue.putters.push(this);
    if (queue.getters.length > 0) queue.unlockSoon();
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.queue.putters.remove(this);
  }
}

/** The wait for an item. @internal */
export class Get<T> extends TimedWait<T> {
  /** Whether it leaves the item where it is. */
  readonly peeks: boolean;
  private readonly queue: SimpleQueue<T>;
  private readonly blocks: boolean;

  constructor(queue: SimpleQueue<T>, limit: number, blocks: boolean, peeks: boolean) {
    super(limit);
    this.queue = queue;
    this.blocks = blocks;
    this.peeks = peeks;
  }

  override expire(): void {
    this.refuse(new Empty(`nothing in the queue within ${this.limit} ms`));
  }

  /** Ends it with an error. To be called in the hub only. */
  refuse(error: unknown): void {
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
