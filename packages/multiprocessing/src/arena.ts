import { readSync, writeSync } from 'node:fs';
import { show } from '@switchyard/greenlet/scheduler';
import { RuntimeError } from '@switchyard/remote';
import { type ArenaFile, createFile, type FileState, openFile } from './arena-file.ts';

/** Areas from this size on have a file each, which ends with them. */
const OWN_FILE = 1_048_576;
/** No system call moves more. */
const MOST = 0x4000_0000;

/** An area as it is sent to other processes and threads: can be cloned, and written as JSON. @internal */
export interface AreaState {
  readonly file: FileState;
  readonly start: number;
  readonly length: number;
}

/** A part of the file of the small areas that is to be used again. */
interface Part {
  readonly file: ArenaFile;
  readonly start: number;
  readonly size: number;
}

/** The file of the small areas, in use. */
let current: ArenaFile | null = null;
/** The parts of it that were given back, by size. */
const free = new Map<number, Part[]>();
const collected = new FinalizationRegistry<Part>((part) => {
  const parts = free.get(part.size);
  if (parts === undefined) free.set(part.size, [part]);
  else parts.push(part);
});

const word = new Int32Array(1);
const wordBytes = new Uint8Array(word.buffer);

/**
 * Memory that processes share, without native code: a part of a file that each of them opens. A read or write costs a
 * system call, of 0.6 to 1 us. Each is atomic up to 8 bytes that do not cross a multiple of 8; there are no atomic
 * operations that do both.
 * @internal
 */
export class Area {
  readonly length: number;
  /** Where it begins in the file. */
  readonly start: number;
  private readonly file: ArenaFile;
  /** Whether it ends when nobody in this process uses it any more. */
  private mine: boolean;

  constructor(file: ArenaFile, start: number, length: number, mine: boolean) {
    this.length = length;
    this.start = start;
    this.file = file;
    this.mine = mine;
  }

  /** The file descriptor, for those who read and write on their own. The area keeps it open; not to be kept without it. */
  get fd(): number {
    return this.file.fd;
  }

  /** What makes it an area again elsewhere. From now on it stays for as long as this process lives. */
  describe(): AreaState {
    if (this.mine) {
      this.mine = false;
      collected.unregister(this);
    }
    return { file: this.file.state(), start: this.start, length: this.length };
  }

  /** Fills the target with the bytes at a place of the area. @throws RangeError when there are not so many */
  read(target: Uint8Array, at = 0): void {
    const { length } = target;
    this.check(at, length);
    for (let done = 0; done < length;) {
      const count = readSync(
        this.file.fd,
        target,
        done,
        Math.min(length - done, MOST),
        this.start + at + done,
      );
      if (count === 0) throw shortened();
      done += count;
    }
  }

  /** Writes the bytes at a place of the area. @throws RangeError when there is no place for so many */
  write(source: Uint8Array, at = 0): void {
    const { length } = source;
    this.check(at, length);
    for (let done = 0; done < length;) {
      done += writeSync(this.file.fd, source, done, Math.min(length - done, MOST), this.start + at + done);
    }
  }

  /** The word at a multiple of 4. */
  readInt32(at: number): number {
    this.check(at, 4);
    if (readSync(this.file.fd, wordBytes, 0, 4, this.start + at) !== 4) throw shortened();
    return word[0]!;
  }

  /** Sets the word at a multiple of 4. */
  writeInt32(at: number, value: number): void {
    this.check(at, 4);
    word[0] = value;
    writeSync(this.file.fd, wordBytes, 0, 4, this.start + at);
  }

  private check(at: number, bytes: number): void {
    if (at >= 0 && at + bytes <= this.length) return;
    throw new RangeError(`Expected ${bytes} bytes within an area of ${this.length}, got them at ${show(at)}`);
  }
}

/**
 * Makes an area of so many bytes, all 0, that begins at a multiple of 8. When it was never described and is collected, its
 * memory is used again.
 *
 * @throws RuntimeError when there is no room for it
 * @internal
 */
export function allocate(bytes: number): Area {
  const size = sizeFor(bytes);
  if (size >= OWN_FILE) {
    const file = createFile(size);
    return new Area(file, file.take(size), bytes, false);
  }
  const part = again(size) ?? fresh(size);
  const area = new Area(part.file, part.start, bytes, true);
  collected.register(area, part, area);
  return area;
}

/**
 * The area that was described elsewhere.
 *
 * @throws RuntimeError when the process that made it has ended before it was opened here
 * @internal
 */
export function areaOf({ file, start, length }: AreaState): Area {
  return new Area(openFile(file), start, length, false);
}

function again(size: number): Part | undefined {
  const part = free.get(size)?.pop();
  part?.file.clear(part.start, size);
  return part;
}

function fresh(size: number): Part {
  const start = current?.take(size) ?? -1;
  if (current !== null && start >= 0) return { file: current, start, size };
  current = createFile(size);
  return { file: current, start: current.take(size), size };
}

/** Few different sizes, so that what is given back fits again: multiples of 8, and for larger ones of an eighth of a power of two. */
function sizeFor(bytes: number): number {
  if (bytes >= OWN_FILE) return bytes;
  const step = bytes <= 64 ? 8 : 2 ** (28 - Math.clz32(bytes - 1));
  return Math.max(8, Math.ceil(bytes / step) * step);
}

/** @internal */
export function shortened(): RuntimeError {
  return new RuntimeError('The memory that processes share has been cut short by another process');
}
