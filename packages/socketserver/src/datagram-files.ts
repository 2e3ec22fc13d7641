import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';

/** A message as a file to read. Nothing in it ever has to wait; it is waited for as a connection is, so that handlers fit both. */
export class DatagramReader {
  private readonly bytes: Buffer;
  private at: number;

  /** @internal */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** Gives so many bytes, fewer at the end; all that are left when no size is said. */
  read(size: number = Infinity): Waitable<Buffer> {
    return ready('read', () => this.take(size));
  }

  /** Gives the next line, with its `\n` if it has one; nothing at the end. */
  readline(options: { encoding: BufferEncoding }): Waitable<string>;
  readline(options?: { encoding?: undefined }): Waitable<Buffer>;
  readline(options: { encoding?: BufferEncoding | undefined } = {}): Waitable<Buffer> | Waitable<string> {
    const line = (): Buffer => {
      const end = this.bytes.indexOf('\n', this.at);
      return this.take(end < 0 ? Infinity : end + 1 - this.at);
    };
    const { encoding } = options;
    return encoding === undefined
      ? ready('readline', line)
      : ready('readline', () => line().toString(encoding));
  }

  private take(size: number): Buffer {
    const bytes = this.bytes.subarray(this.at, this.at + size);
    this.at += bytes.length;
    return bytes;
  }
}

/** The answer to a message as a file to write: it is sent as one message, when its handler has ended. */
export class DatagramWriter {
  private readonly pieces: Buffer[];

  constructor() {
    this.pieces = [];
  }

  /** Adds to the answer. @returns how many bytes @throws TypeError for what is neither bytes nor a string */
  write(data: Uint8Array | string): Waitable<number> {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError(`Expected bytes or a string for write, got ${show(data)}`);
    }
    return ready('write', () => {
      const bytes = Buffer.from(data as string);
      this.pieces.push(bytes);
      return bytes.length;
    });
  }

  /** Nothing is sent before the end. */
  flush(): Waitable<void> {
    return ready('flush', () => {});
  }

  /** All that has been written. Python: `getvalue`. */
  getvalue(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

function ready<T>(verb: string, make: () => T): Waitable<T> {
  return new Block(verb, function* (): Coroutine<T> {
    return make();
  });
}
