import { ERROR, hub, PENDING, type Queued, TimedWait, VALUE, type Wait } from '@switchyard/hub/core';
import { BlockingIOError, OSError, select, TimeoutError } from '@switchyard/select';
import { title } from './inbound.ts';
import type { Outbound, Writer } from './outbound.ts';

/** Less than that is copied, and sent together with what else is sent in the same turn. */
const SMALL = 4096;

/**
 * Sends all of it, waiting for room as often as need be. As its owner may change it afterwards, what is large is sent without a
 * copy until the kernel has taken all of it, which nearly always is at once. @internal
 */
export class Send extends TimedWait<void> implements Writer, Queued {
  /** What has not been sent. */
  rest: Uint8Array;
  private readonly outbound: Outbound;
  private readonly data: Uint8Array;
  /** The wait for room. */
  private room: Wait<unknown> | null;
  /** Whether the bytes are the owner's, who may change them when this has ended. */
  private readonly lent: boolean;
  /** Which wait for the kernel counts; those that were given up call back all the same. */
  private round: number;
  /** What has become of that: null until it is over. */
  private taken: { readonly broken: boolean } | null;
  /** Whether some of it was sent as it is. */
  private uncopied: boolean;

  constructor(outbound: Outbound, data: Uint8Array, limit: number, own = false) {
    super(limit);
    this.outbound = outbound;
    this.data = data;
    this.rest = data;
    this.room = null;
    this.lent = !own && outbound.copies;
    this.round = 0;
    this.taken = null;
    this.uncopied = false;
  }

  closed(): void {
    // Who waits for room hears of that by itself.
    if (this.room === null) hub.schedule(this);
  }

  turn(): void {
    if (!this.parked) return;
    if (this.outbound.wire.closed) {
      this.finish(ERROR, new OSError('EBADF', `${this.describe()}, which another has closed`));
      return;
    }
    const { taken } = this;
    if (taken === null) return;
    try {
      // Why it was not taken, the connection knows.
      if (taken.broken) this.outbound.wire.trySend(NONE);
    } catch (error) {
      this.finish(ERROR, error);
      return;
    }
    this.finish(VALUE, undefined);
  }

  /** @internal */
  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    if (kind === ERROR) {
      this.finish(ERROR, outcome);
      return;
    }
    try {
      if (this.push() === PENDING) return;
    } catch (error) {
      this.finish(ERROR, error);
      return;
    }
    this.finish(VALUE, undefined);
  }

  override expire(): void {
    this.giveUp();
    const sent = this.data.length - this.rest.length;
    this.finish(
      ERROR,
      new TimeoutError('ETIMEDOUT', `${this.describe()}: ${sent} were sent within ${this.limit} ms`),
    );
  }

  override describe(): string {
    return `Socket.sendall of ${this.data.length} bytes on ${title(this.outbound.wire)}`;
  }

  protected override begin(): void | typeof PENDING {
    const { outbound } = this;
    if (outbound.writer !== null) outbound.checkFree(this as Wait<unknown>);
    this.rest = this.data;
    this.uncopied = false;
    if (this.push() !== PENDING) return;
    if (this.limit === 0) {
      const sent = this.rest.length === 0;
      this.giveUp();
      // It is sent, only not taken: whoever never waits has to let it be.
      if (sent) return;
      throw new BlockingIOError(
        'EAGAIN',
        `${this.describe()} would have to wait for room for ${this.rest.length} of them`,
      );
    }
    outbound.writer = this as unknown as Wait<unknown> & Writer;
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.outbound.writer = null;
    this.giveUp();
  }

  protected override renew(): void {
    super.renew();
    this.room = null;
  }

  private push(): void | typeof PENDING {
    const { wire } = this.outbound;
    this.room = null;
    do {
      const { rest } = this;
      // It does not leave before the end of this turn.
      const copied = this.lent && rest.length < SMALL;
      if (!copied) this.uncopied = true;
      const size = wire.trySend(copied ? Buffer.from(rest) : rest);
      if (size === null) {
        this.room = select([], [wire], []) as unknown as Wait<unknown>;
        // It looks again in a later turn of the loop, and so is never there at once.
        this.room.startFor(this);
        return PENDING;
      }
      this.rest = size === this.rest.length ? NONE : this.rest.subarray(size);
    } while (this.rest.length > 0);
    if (!this.lent || !this.uncopied || this.outbound.backlog === 0) return;
    const round = ++this.round;
    this.taken = null;
    this.outbound.taken((error) => {
      if (round !== this.round) return;
      this.taken = { broken: error != null };
      hub.schedule(this);
    });
    return PENDING;
  }

  private giveUp(): void {
    this.round++;
    this.room?.abandon();
  }

  private finish(kind: number, outcome: unknown): void {
    this.outbound.writer = null;
    this.resume(kind, outcome);
  }
}

const NONE = new Uint8Array(0);
