import { PENDING } from '@switchyard/hub/core';
import { Empty, Full } from './queue-errors.ts';
import { type Parking, WordWait } from './parking.ts';
import type { Parcel } from './queue-store.ts';

/** What an attempt says that has found nothing, or no room. @internal */
export const NONE: unique symbol = Symbol('none');
/** What an attempt says that could not look, because somebody else is at it. @internal */
export const BUSY: unique symbol = Symbol('busy');

/** What the waits have to know of a queue. `waits` says whether the one who asks goes on waiting if it must. @internal */
export interface Waited<T> {
  readonly items: Parking;
  readonly room: Parking;
  readonly done: Parking;
  /** The value of the word that the last attempt in vain was about. */
  readonly seen: number;
  tryTake(waits: boolean): T | typeof NONE | typeof BUSY;
  /** Returns undefined when it has been put. Then, and when it throws, the parcel is done with. */
  tryPut(parcel: Parcel, waits: boolean): void | typeof NONE | typeof BUSY;
  tryJoin(): boolean | typeof BUSY;
  /** Makes a parcel of an item, to be put at once. */
  parcel(item: T): Parcel;
  /** Makes one that can be put later. */
  kept(parcel: Parcel): Parcel;
  /** A parcel will not be put. */
  dropped(parcel: Parcel): void;
}

/** @internal */
export class Get<T> extends WordWait<T> {
  private readonly queue: Waited<T>;
  private readonly once: boolean;

  constructor(queue: Waited<T>, limit: number, block: boolean) {
    super(queue.items, block && limit !== 0 ? limit : -1);
    this.queue = queue;
    this.once = !block || limit === 0;
  }

  override attempt(): T | typeof PENDING {
    const { queue, place } = this;
    place.seen = Atomics.load(place.words, place.index);
    const item = queue.tryTake(!this.once);
    if (item === BUSY) return PENDING;
    if (item !== NONE) return item;
    if (this.once) throw new Empty('the queue holds nothing');
    place.seen = queue.seen;
    return PENDING;
  }

  override describe(): string {
    return `${this.queue.constructor.name}.get`;
  }

  protected override begin(): T | typeof PENDING {
    const item = this.queue.tryTake(false);
    return item === NONE || item === BUSY ? super.begin() : item;
  }

  protected override late(): T {
    throw new Empty(`nothing in the queue within ${this.limit} ms`);
  }
}

/** @internal */
export class Put<T> extends WordWait<void> {
  private readonly queue: Waited<T>;
  private readonly once: boolean;
  private readonly item: T;
  /** The item while it waits for room. */
  private waiting: Parcel | null;

  constructor(queue: Waited<T>, item: T, limit: number, block: boolean, waiting: Parcel | null = null) {
    super(queue.room, block && limit !== 0 ? limit : -1);
    this.queue = queue;
    this.once = !block || limit === 0;
    this.item = item;
    this.waiting = waiting;
  }

  override attempt(): void | typeof PENDING {
    const { queue, place } = this;
    const parcel = this.waiting!;
    place.seen = Atomics.load(place.words, place.index);
    this.waiting = null;
    const outcome = queue.tryPut(parcel, !this.once);
    if (outcome === undefined) return;
    this.waiting = parcel;
    if (outcome === NONE) {
      if (this.once) {
        this.drop();
        throw new Full('the queue has no room');
      }
      place.seen = queue.seen;
    }
    return PENDING;
  }

  override describe(): string {
    return `${this.queue.constructor.name}.put`;
  }

  protected override begin(): void | typeof PENDING {
    const { queue } = this;
    const parcel = queue.parcel(this.item);
    const outcome = queue.tryPut(parcel, false);
    if (outcome === undefined) return;
    this.waiting = queue.kept(parcel);
    return super.begin();
  }

  protected override detach(): void {
    super.detach();
    this.drop();
  }

  protected override late(): void {
    this.drop();
    throw new Full(`no room in the queue within ${this.limit} ms`);
  }

  protected override renew(): void {
    super.renew();
    this.waiting = null;
  }

  private drop(): void {
    if (this.waiting !== null) this.queue.dropped(this.waiting);
    this.waiting = null;
  }
}

/** @internal */
export class Join<T> extends WordWait<boolean> {
  private readonly queue: Waited<T>;

  constructor(queue: Waited<T>, limit: number) {
    super(queue.done, limit);
    this.queue = queue;
  }

  override attempt(): boolean | typeof PENDING {
    const { queue, place } = this;
    place.seen = Atomics.load(place.words, place.index);
    const done = queue.tryJoin();
    if (done === true) return true;
    if (done === false) place.seen = queue.seen;
    return PENDING;
  }

  override describe(): string {
    return `${this.queue.constructor.name}.join`;
  }

  protected override late(): boolean {
    return false;
  }
}
