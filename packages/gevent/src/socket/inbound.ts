import { ConcurrentObjectUseError } from '@switchyard/hub';
import type { Wait } from '@switchyard/hub/core';
import { type Socket as Wire, sockRecv } from '@switchyard/select';

/** What there was nothing of. @internal */
export const NOTHING: Buffer = Buffer.alloc(0);

/** How much is asked for at a time when nobody says. @internal */
export const CHUNK = 65_536;

/** What a socket is called in messages. @internal */
export function title(wire: { fileno(): number }): string {
  const number = wire.fileno();
  return number < 0 ? 'a socket that has been closed' : `socket ${number}`;
}

/**
 * What has come over a connection and been looked at, but not been taken: a line that is not complete, or what came behind
 * one. It stays for whoever reads next, however the read that fetched it ended. @internal
 */
export class Inbound {
  readonly wire: Wire;
  /** Who waits to read. */
  reader: Wait<unknown> | null;
  /** The peer has ended what it sends. */
  ended: boolean;
  /** How many bytes there are. */
  length: number;
  private pieces: Buffer[];
  /** The wait for more, to be used again: a reader mostly asks for as much as the last time. */
  private receiving: Wait<Buffer> | null;
  private receivingSize: number;

  constructor(wire: Wire) {
    this.wire = wire;
    this.reader = null;
    this.ended = false;
    this.length = 0;
    this.pieces = [];
    this.receiving = null;
    this.receivingSize = 0;
  }

  /** What it belongs to, for messages. */
  get title(): string {
    return title(this.wire);
  }

  /** @throws ConcurrentObjectUseError when another waits to read */
  checkFree(wait: Wait<unknown>): void {
    const { reader } = this;
    if (reader === null) return;
    throw new ConcurrentObjectUseError(
      `${wait.describe()} while another greenlet waits for ${reader.describe()}: one at a time may read`,
    );
  }

  /** The wait for at most so many bytes more. */
  receive(size: number): Wait<Buffer> {
    if (this.receiving === null || this.receivingSize !== size) {
      this.receiving = sockRecv(this.wire, size) as Wait<Buffer>;
      this.receivingSize = size;
    }
    return this.receiving;
  }

  /** Keeps what has come; nothing is the end. */
  add(bytes: Buffer): void {
    if (bytes.length === 0) this.ended = true;
    else {
      this.pieces.push(bytes);
      this.length += bytes.length;
    }
  }

  /** Takes the first `size` bytes, or all when there are no more. */
  take(size: number): Buffer {
    const first = this.pieces[0];
    if (first === undefined) return NOTHING;
    if (first.length > size) {
      this.pieces[0] = first.subarray(size);
      this.length -= size;
      return first.subarray(0, size);
    }
    if (this.pieces.length === 1) {
      this.pieces.length = 0;
      this.length = 0;
      return first;
    }
    let count = 0;
    let whole = 0;
    for (const piece of this.pieces) {
      if (whole + piece.length > size) break;
      whole += piece.length;
      count++;
    }
    const taken = this.pieces.splice(0, count);
    const next = this.pieces[0];
    if (next !== undefined && whole < size) {
      taken.push(next.subarray(0, size - whole));
      this.pieces[0] = next.subarray(size - whole);
      whole = size;
    }
    this.length -= whole;
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken, whole);
  }

  /**
   * Where the first separator ends, or -1.
   *
   * @param from how many bytes have been searched before
   */
  find(separator: Buffer, from: number): number {
    const { pieces } = this;
    if (pieces.length > 1 && separator.length > 1) {
      // It may lie across two of them.
      this.pieces = [Buffer.concat(pieces, this.length)];
      const at = (this.pieces[0] as Buffer).indexOf(separator, Math.max(0, from - separator.length + 1));
      return at < 0 ? -1 : at + separator.length;
    }
    let offset = 0;
    for (const piece of pieces) {
      if (offset + piece.length > from) {
        const start = Math.max(0, from - offset - separator.length + 1);
        const at = piece.indexOf(separator, start);
        if (at >= 0) return offset + at + separator.length;
      }
      offset += piece.length;
    }
    return -1;
  }

  /** Forgets what has come: the socket has been closed, which whoever reads next is to hear. */
  clear(): void {
    this.ended = false;
    this.pieces.length = 0;
    this.length = 0;
  }
}
