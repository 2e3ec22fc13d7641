import { PENDING } from '@switchyard/hub/core';
import { BUSY, type Exchange, MOMENT, NONE } from './exchange.ts';
import { WordWait } from './parking.ts';
import { Empty, Full } from '@switchyard/remote/core';
import type { Parcel } from './queue-store.ts';

/** @internal */
export class Get<T> extends WordWait<T> {
  private readonly exchange: Exchange<T>;
  private readonly once: boolean;

  constructor(exchange: Exchange<T>, limit: number, block: boolean) {
    super(exchange.items, block && limit !== 0 ? limit : -1);
    this.exchange = exchange;
    this.once = !block || limit === 0;
  }

  override attempt(): T | typeof PENDING {
    const { exchange, place } = this;
    place.seen = Atomics.load(place.words, place.index);
    const item = exchange.take(!this.once, MOMENT);
    if (item === BUSY) return PENDING;
    if (item !== NONE) return item;
    if (this.once) throw new Empty('the queue holds nothing');
    place.seen = exchange.words.seen;
    return PENDING;
  }

  override describe(): string {
    return `${this.exchange.label}.get`;
  }

  protected override first(): T | typeof PENDING {
    const item = this.exchange.take(false, MOMENT);
    return item === NONE || item === BUSY ? PENDING : item;
  }

  protected override late(): T {
    throw new Empty(`nothing in the queue within ${this.limit} ms`);
  }
}

/** @internal */
export class Put<T> extends WordWait<void> {
  private readonly exchange: Exchange<T>;
  private readonly once: boolean;
  /** Makes the parcel; null for one that has been made. */
  private readonly wrap: (() => Parcel) | null;
  /** The item while it waits for room. */
  private waiting: Parcel | null;

  constructor(
    exchange: Exchange<T>,
    wrap: (() => Parcel) | null,
    limit: number,
    block: boolean,
    waiting: Parcel | null = null,
  ) {
    super(exchange.room, block && limit !== 0 ? limit : -1);
    this.exchange = exchange;
    this.once = !block || limit === 0;
    this.wrap = wrap;
    this.waiting = waiting;
  }

  override attempt(): void | typeof PENDING {
    const { exchange, place } = this;
    const parcel = this.waiting!;
    place.seen = Atomics.load(place.words, place.index);
    this.waiting = null;
    const outcome = exchange.put(parcel, !this.once, MOMENT);
    if (outcome === undefined) return;
    this.waiting = parcel;
    if (outcome === NONE) {
      if (this.once) {
        this.drop();
        throw new Full('the queue has no room');
      }
      place.seen = exchange.words.seen;
    }
    return PENDING;
  }

  override describe(): string {
    return `${this.exchange.label}.put`;
  }

  protected override first(): void | typeof PENDING {
    const { exchange, waiting } = this;
    const parcel = waiting ?? this.wrap!();
    this.waiting = null;
    const outcome = exchange.put(parcel, false, MOMENT);
    if (outcome === undefined) return;
    this.waiting = waiting ?? exchange.kept(parcel);
    return PENDING;
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
    if (this.waiting !== null) this.exchange.dropped(this.waiting);
    this.waiting = null;
  }
}

/** @internal */
export class Join<T> extends WordWait<boolean> {
  private readonly exchange: Exchange<T>;

  constructor(exchange: Exchange<T>, limit: number) {
    super(exchange.done, limit);
    this.exchange = exchange;
  }

  override attempt(): boolean | typeof PENDING {
    const { exchange, place } = this;
    place.seen = Atomics.load(place.words, place.index);
    const done = exchange.join();
    if (done === true) return true;
    if (done === false) place.seen = exchange.words.seen;
    return PENDING;
  }

  override describe(): string {
    return `${this.exchange.label}.join`;
  }

  protected override first(): boolean | typeof PENDING {
    return this.exchange.words.unfinishedTasks === 0 ? true : PENDING;
  }

  protected override late(): boolean {
    return false;
  }
}
