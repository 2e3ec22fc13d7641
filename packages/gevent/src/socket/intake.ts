import { ConcurrentObjectUseError } from '@switchyard/hub';
import { ERROR, hub, PENDING, type Queued, TimedWait, VALUE, type Wait } from '@switchyard/hub/core';
import { BlockingIOError, TimeoutError } from '@switchyard/select';

/** Where connections or messages come in, for one greenlet at a time. @internal */
export interface Door {
  /** Who waits for them. */
  accepting: Wait<unknown> | null;
  /** What that one does, for messages. */
  readonly doing: string;
}

/**
 * The wait for a connection or a message. It can be shut while it goes on, and then lets them wait where they are. @internal
 */
export class Intake<I, T> extends TimedWait<T> implements Queued {
  private readonly door: Door;
  private coming: Wait<I>;
  private readonly wrap: (item: I) => T;
  private shut: boolean;

  /** @param coming the wait without a limit */
  constructor(door: Door, coming: Wait<I>, wrap: (item: I) => T, limit: number) {
    super(limit);
    this.door = door;
    this.coming = coming;
    this.wrap = wrap;
    this.shut = false;
  }

  /** Takes in nothing from now on. */
  close(): void {
    this.shut = true;
    this.coming.abandon();
  }

  /** Goes on. */
  open(): void {
    this.shut = false;
    if (this.parked) hub.schedule(this);
  }

  turn(): void {
    if (!this.parked || this.shut || this.coming.parked) return;
    let outcome: T | typeof PENDING;
    try {
      outcome = this.start();
    } catch (error) {
      this.finish(ERROR, error);
      return;
    }
    if (outcome !== PENDING) this.finish(VALUE, outcome);
  }

  /** @internal */
  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    this.finish(kind, kind === ERROR ? outcome : this.wrap(outcome as I));
  }

  override expire(): void {
    this.coming.abandon();
    this.finish(ERROR, new TimeoutError('ETIMEDOUT', `${this.describe()}: nobody within ${this.limit} ms`));
  }

  override describe(): string {
    return this.door.doing;
  }

  protected override begin(): T | typeof PENDING {
    const { door } = this;
    if (door.accepting !== null) {
      throw new ConcurrentObjectUseError(
        `${this.describe()} while another greenlet waits for it: one at a time may do so`,
      );
    }
    const outcome = this.shut ? PENDING : this.start();
    if (outcome !== PENDING) return outcome;
    if (this.limit === 0) {
      this.coming.abandon();
      throw new BlockingIOError('EAGAIN', `${this.describe()} would have to wait`);
    }
    door.accepting = this as Wait<unknown>;
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.door.accepting = null;
    this.coming.abandon();
  }

  protected override renew(): void {
    super.renew();
    this.coming = this.coming.copy();
  }

  private start(): T | typeof PENDING {
    const item = this.coming.startFor(this);
    return item === PENDING ? PENDING : this.wrap(item);
  }

  private finish(kind: number, outcome: unknown): void {
    this.door.accepting = null;
    this.resume(kind, outcome);
  }
}
