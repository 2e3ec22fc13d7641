import { ERROR, PENDING, TimedWait, type Wait } from '@switchyard/hub/core';
import { BlockingIOError, type Socket as Wire, TimeoutError } from '@switchyard/select';
import { title } from './inbound.ts';

/** The wait until a socket is connected, with a limit of its own. @internal */
export class Connect extends TimedWait<void> {
  private readonly wire: Wire;
  private connecting: Wait<void>;

  constructor(wire: Wire, connecting: Wait<void>, limit: number) {
    super(limit);
    this.wire = wire;
    this.connecting = connecting;
  }

  /** @internal */
  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    this.resume(kind, outcome);
  }

  override expire(): void {
    this.connecting.abandon();
    this.resume(
      ERROR,
      new TimeoutError('ETIMEDOUT', `${this.describe()} was not done within ${this.limit} ms`),
    );
  }

  override describe(): string {
    return `Socket.connect of ${title(this.wire)}`;
  }

  protected override begin(): void | typeof PENDING {
    if (this.connecting.startFor(this) !== PENDING) return;
    if (this.limit === 0) {
      this.connecting.abandon();
      throw new BlockingIOError('EINPROGRESS', `${this.describe()} would have to wait`);
    }
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.connecting.abandon();
  }

  protected override renew(): void {
    super.renew();
    this.connecting = this.connecting.copy();
  }
}
