import { Buffer } from 'node:buffer';

/** What a queue may hold, in bytes. Only what is used of it takes memory. */
const MOST = 2 ** 30;
const FEW = 2 ** 12;

/** New memory that can grow. @internal */
export function newMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(FEW, { maxByteLength: MOST });
}

/**
 * Shared memory that grows, as this thread sees it: views have a fixed length, which makes them faster, and are made anew
 * when they end too early. Used under the queue's lock only. @internal
 */
export class Memory {
  readonly shared: SharedArrayBuffer;
  bytes: Buffer;
  words: Int32Array;
  doubles: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.bytes = Buffer.from(shared, 0, 0);
    this.words = new Int32Array(shared, 0, 0);
    this.doubles = new Float64Array(shared, 0, 0);
    this.view();
  }

  /** Whether there are so many bytes already. */
  has(size: number): boolean {
    if (size <= this.bytes.length) return true;
    if (size > this.shared.byteLength) return false;
    this.view();
    return true;
  }

  /** Sees to it that there are so many bytes. @throws RangeError when that is too much */
  reach(size: number): void {
    if (this.has(size)) return;
    if (size > MOST) {
      throw new RangeError(
        'The queue cannot hold more than 1 GB of items: give it a size, new Queue(1000), so that those who put wait for room',
      );
    }
    this.shared.grow(Math.min(MOST, Math.max(2 * this.shared.byteLength, Math.ceil(size / FEW) * FEW)));
    this.view();
  }

  private view(): void {
    const size = this.shared.byteLength;
    this.bytes = Buffer.from(this.shared, 0, size);
    this.words = new Int32Array(this.shared, 0, size / 4);
    this.doubles = new Float64Array(this.shared, 0, size / 8);
  }
}
