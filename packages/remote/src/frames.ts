import { Buffer } from 'node:buffer';
import { Pickler, Unpickler } from './pickle.ts';
import { MemoryRefusal } from './structured.ts';

/** Each message is a frame: so many bytes of length, and the message behind. */
const HEAD = 4;
const FIRST_SIZE = 16 * 1024;
/** A buffer that has grown beyond this is not kept. */
const KEPT_SIZE = 1024 * 1024;

const AS_IT_IS = { dehydrate: false };

/** A message, or bytes. */
type Message = readonly [kind: number, ...rest: unknown[]] | Uint8Array;

/** Gathers messages as bytes, until they are written all at once. @internal */
export class FrameWriter {
  private readonly pickler: Pickler;
  private buffer: Buffer;
  private end: number;

  constructor() {
    this.pickler = new Pickler();
    this.buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
    this.end = 0;
  }

  /** @throws Refusal when it cannot be cloned; MemoryRefusal for shared memory, which only threads share */
  add(message: Message): void {
    const { pickler } = this;
    const size = pickler.take(message, AS_IT_IS);
    if (pickler.buffers.length > 0) {
      pickler.clear();
      throw new MemoryRefusal('shared memory');
    }
    const start = this.end;
    this.reserve(start + HEAD + size);
    this.buffer.writeUInt32LE(size, start);
    pickler.write(this.buffer, start + HEAD);
    pickler.clear();
    this.end = start + HEAD + size;
  }

  /** All that has been added, which is empty then. It is valid until the next message is added, unless `keep` is called. */
  take(): Buffer {
    const bytes = this.buffer.subarray(0, this.end);
    this.end = 0;
    if (this.buffer.length > KEPT_SIZE) this.keep();
    return bytes;
  }

  /** What was taken is still in use. */
  keep(): void {
    this.buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  }

  private reserve(size: number): void {
    if (size <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}

/** Makes messages of bytes as they come in. @internal */
export class FrameReader {
  private readonly unpickler: Unpickler;
  private readonly deliver: (message: never) => void;
  /** The beginning of a frame, or null. */
  private rest: Buffer | null;
  /** How much of it there is, when it was made as large as the frame is going to be. */
  private filled: number;

  constructor(deliver: (message: never) => void) {
    this.unpickler = new Unpickler();
    this.deliver = deliver;
    this.rest = null;
    this.filled = 0;
  }

  /** @throws whatever is wrong with the bytes; what `deliver` throws is thrown later, and does not get in the way */
  push(chunk: Buffer): void {
    const { rest } = this;
    if (rest !== null && rest.length > this.filled) {
      const taken = chunk.copy(rest, this.filled);
      this.filled += taken;
      if (this.filled < rest.length) return;
      this.rest = null;
      this.read(rest);
      if (taken < chunk.length) this.read(chunk.subarray(taken));
      return;
    }
    this.rest = null;
    this.read(rest === null ? chunk : Buffer.concat([rest, chunk]));
  }

  private read(bytes: Buffer): void {
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const size = bytes.readUInt32LE(at);
      const next = at + HEAD + size;
      if (next > bytes.length) {
        const whole = Buffer.allocUnsafeSlow(HEAD + size);
        this.filled = bytes.copy(whole, 0, at);
        this.rest = whole;
        return;
      }
      this.unpickler.take(bytes, at + HEAD, size);
      at = next;
      this.told(this.unpickler.value());
    }
    if (at === bytes.length) return;
    this.rest = Buffer.from(bytes.subarray(at));
    this.filled = this.rest.length;
  }

  private told(message: unknown): void {
    try {
      this.deliver(message as never);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
