import type { Waitable } from '@switchyard/hub';
import type { TimeoutOption } from '@switchyard/hub/core';
import { checkSize } from './arguments.ts';
import type { LineOptions, Lines, LinesOptions } from './lines.ts';

/** How a file reads. */
export interface ReaderOptions {
  /** What its lines are decoded as, in a loop over them; bytes when left out. */
  encoding?: BufferEncoding | undefined;
}

/** What a file reads from. */
interface Source {
  recv(size?: number, options?: TimeoutOption): Waitable<Buffer>;
  recvInto(target: Uint8Array, options?: TimeoutOption): Waitable<number>;
  readline(options: LineOptions & { encoding: BufferEncoding }): Waitable<string>;
  readline(options?: LineOptions): Waitable<Buffer>;
  readuntil(separator?: string | Uint8Array, options?: LineOptions): Waitable<Buffer>;
  lines(options: LinesOptions & { encoding: null }): Lines<Buffer>;
  lines(options?: LinesOptions): Lines<string>;
  upTo(size: number, options: TimeoutOption | undefined, verb: string): Waitable<Buffer>;
}

/** A connection as a file to read: `rfile`. Python: `socket.makefile('rb')`. */
export class SocketReader implements AsyncIterable<Buffer | string, undefined> {
  private readonly source: Source;
  private readonly encoding: BufferEncoding | null;

  /** @internal */
  constructor(source: Source, options: ReaderOptions) {
    this.source = source;
    this.encoding = options.encoding ?? null;
  }

  /**
   * Waits for so many bytes; for all up to the end of what the peer sends when no size is said. Gives fewer only at the end.
   *
   * @throws TimeoutError; OSError with the error of the connection
   */
  read(size: number = Infinity, options?: TimeoutOption): Waitable<Buffer> {
    if (size !== Infinity) checkSize(size, 'read');
    return this.source.upTo(size, options, 'read');
  }

  /** Waits for some bytes, at most so many. Python: `read1`. */
  read1(size?: number, options?: TimeoutOption): Waitable<Buffer> {
    return this.source.recv(size, options);
  }

  /** Waits for some bytes, into a buffer of yours; gives how many. */
  readinto(target: Uint8Array, options?: TimeoutOption): Waitable<number> {
    return this.source.recvInto(target, options);
  }

  /** As `Socket.readline`. */
  readline(options: LineOptions & { encoding: BufferEncoding }): Waitable<string>;
  readline(options?: LineOptions): Waitable<Buffer>;
  readline(options: LineOptions = {}): Waitable<Buffer> | Waitable<string> {
    return this.source.readline(options);
  }

  /** As `Socket.lines`. */
  lines(options: LinesOptions & { encoding: null }): Lines<Buffer>;
  lines(options?: LinesOptions): Lines<string>;
  lines(options?: LinesOptions): Lines<Buffer> | Lines<string> {
    return this.source.lines(options);
  }

  /** Its lines, up to the end. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer | string, undefined> {
    const { encoding } = this;
    const lines = encoding === null ? this.source.lines({ encoding }) : this.source.lines({ encoding });
    return lines[Symbol.asyncIterator]();
  }
}
