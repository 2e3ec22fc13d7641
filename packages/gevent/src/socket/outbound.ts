import { ConcurrentObjectUseError } from '@switchyard/hub';
import type { Wait } from '@switchyard/hub/core';
import type { Socket as Wire } from '@switchyard/select';

/** One who is in the middle of sending. @internal */
export interface Writer {
  /** The socket has been closed. */
  closed(): void;
}

/** Who sends over a connection. @internal */
export class Outbound {
  readonly wire: Wire;
  /** Who waits for room to send the rest of something, or for the kernel to take it. */
  writer: (Wait<unknown> & Writer) | null;
  /** Whether what has been sent may be changed by its owner. */
  copies: boolean;

  constructor(wire: Wire) {
    this.wire = wire;
    this.writer = null;
    this.copies = true;
  }

  /** @throws ConcurrentObjectUseError when another is in the middle of sending */
  checkFree(wait: Wait<unknown>): void {
    const { writer } = this;
    if (writer === null) return;
    throw new ConcurrentObjectUseError(
      `${wait.describe()} while another greenlet waits for ${writer.describe()}: one at a time may send`,
    );
  }

  /** How many bytes the kernel has not taken. */
  get backlog(): number {
    return this.wire.wire?.writableLength ?? 0;
  }

  /** Calls back when the kernel has taken all that there is now, or never will. */
  taken(done: (error?: Error | null) => void): void {
    this.wire.wire?.write(NOTHING, done);
  }
}

const NOTHING = new Uint8Array(0);
