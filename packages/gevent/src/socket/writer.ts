import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { Block, checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { bytesOf } from './arguments.ts';
import type { Send } from './send.ts';

/** How a file writes. */
export interface WriterOptions {
  /** How many bytes are kept before they are sent: 8192 when left out; 0 to send each piece at once. */
  buffering?: number | undefined;
}

const BUFFERING = 8192;

/**
 * A connection as a file to write, `wfile`: what is written is sent when the buffer is full, or flushed. What has not been
 * sent when that is killed or timed out stays in the buffer.
 *
 * Python: `socket.makefile('wb')`.
 */
export class SocketWriter implements AsyncDisposable {
  private readonly send: (data: Uint8Array, limit: number | null) => Send;
  private readonly buffering: number;
  private pieces: Uint8Array[];
  private size: number;
  private ended: boolean;

  /** @internal */
  constructor(send: (data: Uint8Array, limit: number | null) => Send, options: WriterOptions) {
    const { buffering = BUFFERING } = options;
    if (!Number.isInteger(buffering) || buffering < 0) {
      throw new RangeError(
        `Expected a whole number of bytes from 0 up as the buffering of makefile, got ${show(buffering)}`,
      );
    }
    this.send = send;
    this.buffering = buffering;
    this.pieces = [];
    this.size = 0;
    this.ended = false;
  }

  /** How many bytes have been written and not been sent. */
  get buffered(): number {
    return this.size;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.ended;
  }

  /**
   * Writes all of it, waiting for room when the buffer is full.
   *
   * @param data bytes, or a string, which is sent as UTF-8
   * @returns how many bytes that was
   * @throws as `Socket.sendall`, and then it stays in the buffer; RangeError when the file has been closed
   */
  write(data: Uint8Array | string, options?: TimeoutOption): Waitable<number> {
    const bytes = bytesOf(data, 'write');
    const limit = limitOf(options, 'write');
    return new Block('SocketWriter.write', () => this.writing(bytes, typeof data === 'string', limit));
  }

  /** As `write`, for several. */
  writelines(lines: Iterable<Uint8Array | string>, options?: TimeoutOption): Waitable<void> {
    return new Block(
      'SocketWriter.writelines',
      function* (this: SocketWriter): Coroutine<void> {
        for (const line of lines) yield* this.write(line, options);
      }.bind(this),
    );
  }

  /** Sends what is in the buffer, waiting for room. @throws as `write` */
  flush(options?: TimeoutOption): Waitable<void> {
    const limit = limitOf(options, 'flush');
    return new Block('SocketWriter.flush', () => this.flushing(limit));
  }

  /** Sends what is in the buffer, and takes nothing more. The socket stays open. @throws as `flush` */
  close(options?: TimeoutOption): Waitable<void> {
    const limit = limitOf(options, 'close');
    return new Block(
      'SocketWriter.close',
      function* (this: SocketWriter): Coroutine<void> {
        this.ended = true;
        yield* this.flushing(limit);
      }.bind(this),
    );
  }

  /** As `close`, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private *writing(bytes: Uint8Array, own: boolean, limit: number | null): Coroutine<number> {
    if (this.ended) throw new RangeError('write to a file that has been closed');
    if (bytes.length > 0) {
      // It may be changed before it is sent.
      this.pieces.push(own ? bytes : Buffer.from(bytes));
      this.size += bytes.length;
    }
    if (this.size > this.buffering) yield* this.flushing(limit);
    return bytes.length;
  }

  private *flushing(limit: number | null): Coroutine<void> {
    while (this.size > 0) {
      const { pieces } = this;
      const data = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
      this.pieces = [];
      this.size = 0;
      const send = this.send(data, limit);
      try {
        yield* send;
      } catch (error) {
        if (send.rest.length > 0) {
          this.pieces.unshift(send.rest);
          this.size += send.rest.length;
        }
        throw error;
      }
    }
  }
}

function limitOf(options: TimeoutOption | undefined, verb: string): number | null {
  return options?.timeout === undefined ? null : checkTimeout(options, verb);
}
