import { ERROR, PENDING, TimedWait, VALUE, type Wait } from '@switchyard/hub/core';
import { BlockingIOError, TimeoutError } from '@switchyard/select';
import { CHUNK, type Inbound, NOTHING } from './inbound.ts';

/**
 * A wait for something that is made of what comes over a connection. It takes nothing before all of it is there, so that one
 * who is killed or timed out leaves everything to the next. @internal
 */
export abstract class Read<T> extends TimedWait<T> {
  protected readonly inbound: Inbound;
  /** What is waited for now. */
  private receiving: Wait<Buffer> | null;

  constructor(inbound: Inbound, limit: number) {
    super(limit);
    this.inbound = inbound;
    this.receiving = null;
  }

  /** Takes what is asked for, or returns `PENDING` when not all of it is there. */
  protected abstract collect(): T | typeof PENDING;

  /** How much to receive at a time. */
  protected get portion(): number {
    return CHUNK;
  }

  /** Bytes have come: what is asked for, if it is there by now. */
  protected arrived(bytes: Buffer): T | typeof PENDING {
    this.inbound.add(bytes);
    return this.collect();
  }

  /** @internal */
  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    let result: T | typeof PENDING;
    if (kind === ERROR) {
      this.finish(ERROR, outcome);
      return;
    }
    try {
      result = this.arrived(outcome as Buffer);
      if (result === PENDING) result = this.advance();
    } catch (error) {
      this.finish(ERROR, error);
      return;
    }
    if (result !== PENDING) this.finish(VALUE, result);
  }

  override expire(): void {
    this.receiving?.abandon();
    this.finish(
      ERROR,
      new TimeoutError('ETIMEDOUT', `${this.describe()} was not done within ${this.limit} ms`),
    );
  }

  protected override begin(): T | typeof PENDING {
    const { inbound } = this;
    if (inbound.reader !== null) inbound.checkFree(this as Wait<unknown>);
    if (inbound.length > 0 || inbound.ended) {
      const ready = this.collect();
      if (ready !== PENDING) return ready;
    }
    const outcome = this.advance();
    if (outcome !== PENDING) return outcome;
    if (this.limit === 0) {
      this.receiving?.abandon();
      throw new BlockingIOError('EAGAIN', `${this.describe()} would have to wait`);
    }
    inbound.reader = this as Wait<unknown>;
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.inbound.reader = null;
    this.receiving?.abandon();
  }

  protected override renew(): void {
    super.renew();
    this.receiving = null;
  }

  /** Receives until it has what is asked for, or has to wait. */
  private advance(): T | typeof PENDING {
    const receiving = this.inbound.receive(this.portion);
    this.receiving = receiving;
    for (;;) {
      const bytes = receiving.startFor(this);
      if (bytes === PENDING) return PENDING;
      const outcome = this.arrived(bytes);
      if (outcome !== PENDING) return outcome;
    }
  }

  private finish(kind: number, outcome: unknown): void {
    this.inbound.reader = null;
    this.resume(kind, outcome);
  }
}

/** Whatever comes, up to a size. @internal */
export class Recv extends Read<Buffer> {
  private readonly size: number;

  constructor(inbound: Inbound, size: number, limit: number) {
    super(inbound, limit);
    this.size = size;
  }

  override describe(): string {
    return `Socket.recv of ${this.inbound.title}`;
  }

  protected override get portion(): number {
    return this.size;
  }

  protected override collect(): Buffer | typeof PENDING {
    return this.inbound.length > 0 ? this.inbound.take(this.size) : this.inbound.ended ? NOTHING : PENDING;
  }

  // It has asked for no more than it may have.
  protected override arrived(bytes: Buffer): Buffer {
    return bytes;
  }
}

/** Whatever comes, into a buffer of the user's. @internal */
export class RecvInto extends Read<number> {
  private readonly target: Uint8Array;

  constructor(inbound: Inbound, target: Uint8Array, limit: number) {
    super(inbound, limit);
    this.target = target;
  }

  override describe(): string {
    return `Socket.recvInto of ${this.inbound.title}`;
  }

  protected override get portion(): number {
    return this.target.length;
  }

  protected override collect(): number | typeof PENDING {
    if (this.inbound.length > 0) return this.arrived(this.inbound.take(this.target.length));
    return this.inbound.ended ? 0 : PENDING;
  }

  protected override arrived(bytes: Buffer): number {
    this.target.set(bytes);
    return bytes.length;
  }
}
