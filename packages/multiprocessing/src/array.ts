import { Buffer } from 'node:buffer';
import { show } from '@switchyard/greenlet/scheduler';
import { register, revive } from '@switchyard/remote';
import { allocate, type Area } from './arena.ts';
import { addIndexes } from './array-index.ts';
import { bytesOf, itemsOf, rawsOf } from './array-items.ts';
import { type ItemOf, type ItemType, type Raws, refusal, type TypeCode, typeFor } from './type-code.ts';
import { Cells, type CellsState, checkLock, type LockOption, Synchronized } from './value-lock.ts';

/** What the text of an array is: only those of characters have one. */
export type TextOf<T extends TypeCode> = T extends 'c' | 'c_char' ? string : never;
/** What the bytes of an array of characters are. */
export type BytesOf<T extends TypeCode> = T extends 'c' | 'c_char' ? Uint8Array : never;
/** What an array can be filled from. */
export type ItemsOf<T extends TypeCode> = Iterable<ItemOf<T>> | BytesOf<T>;

/**
 * Numbers (or booleans, or bytes) of one type in memory that processes share, as many as at first. It may be sent to other
 * processes and threads in arguments, queues and pipes: what one of them writes the others read.
 *
 * ```ts
 * const totals = new Array('d', 8);
 * totals[0] = 1.5;
 * totals.assign([2, 3], 1);
 * totals.slice(0, 3); // [1.5, 2, 3]
 * ```
 *
 * To read or write one item is a system call, of about a microsecond; so it is for many with `slice`, `assign`, `fill` and
 * `readInto`. `at(i)` and `set(i, item)` do what `array[i]` does, a little faster. None of them waits for the lock.
 *
 * It has to arrive while the process that made it, or the one that sent it, is still there.
 *
 * Python: `multiprocessing.Array`.
 */
class SharedArray<T extends TypeCode = TypeCode> extends Synchronized {
  [index: number]: ItemOf<T>;
  /** How many items there are. */
  readonly length: number;
  private readonly area: Area;
  private readonly type: ItemType;

  /**
   * @param typecode `'i'` for 4 bytes signed, `'d'` for any number, and so on; or a ctypes name: see `ItemTypes`
   * @param sizeOrItems how many, all 0 (or false, or U+0000) then; or the items, for type `'c'` also a string
   * @throws TypeError when the type is unknown, an item is not of it, or the lock is none; RangeError when an item is outside
   *   of it; RuntimeError when there is no room for shared memory
   */
  constructor(typecode: T, sizeOrItems: number | ItemsOf<T>, options?: LockOption);
  constructor(typecode: T | Cells, sizeOrItems?: number | ItemsOf<T>, options?: LockOption) {
    super(typecode instanceof Cells ? typecode : newCells(typecode, sizeOrItems, options));
    const { area, type } = this.cells;
    this.length = area.length / type.size;
    this.area = area;
    this.type = type;
  }

  /**
   * One item.
   *
   * @param index from 0; a negative one counts from the end
   * @throws RangeError when there is none
   */
  at(index: number): ItemOf<T> {
    const { area, type } = this;
    return type.read(area.fd, area.start + this.place(index) * type.size) as ItemOf<T>;
  }

  /**
   * Writes one item.
   *
   * @param index as for `at`
   * @throws RangeError when there is no such item, or what is written is outside of the type; TypeError when it is not of it
   */
  set(index: number, item: ItemOf<T>): void {
    const { area, type } = this;
    const position = area.start + this.place(index) * type.size;
    if (!type.accepts(item)) throw refusal(type, item, 'an item of an Array');
    type.write(area.fd, position, item);
  }

  /**
   * A copy of the items from `start` up to but not including `end`, read at once. Either may be negative, and count from the
   * end then. Python: `array[start:end]`.
   */
  slice(start?: number, end?: number): ItemOf<T>[] {
    const [from, to] = this.range(start, end, 'slice');
    const raws = new this.type.raws(to - from);
    this.area.read(bytesOf(raws), from * this.type.size);
    return itemsOf(this.type, raws) as ItemOf<T>[];
  }

  /**
   * Fills a typed array with the items from `start` on as they are in memory, read at once: the fastest way to get many.
   *
   * @param target for type `'d'` a Float64Array, for `'i'` an Int32Array, and so on
   * @returns the target
   * @throws TypeError when the target is of another type; RangeError when there are fewer items than it takes
   */
  readInto<R extends Raws>(target: R, start = 0): R {
    const { raws, size, code } = this.type;
    if (!(target instanceof raws)) {
      throw new TypeError(
        `Expected ${/^[IU]/.test(raws.name) ? 'an' : 'a'} ${raws.name} for items of type '${code}', got ${show(target)}`,
      );
    }
    this.mustHold(target.length, start);
    this.area.read(bytesOf(target), start * size);
    return target;
  }

  /**
   * Writes items from `start` on, at once. When one of them is wrong nothing is written. Python: `array[start:] = items`.
   *
   * @param items for type `'c'` also a string; a typed array of the right type is the fastest
   * @throws TypeError when an item is not of the type; RangeError when it is outside of it, or there are too many
   */
  assign(items: ItemsOf<T>, start = 0): void {
    const raws = rawsOf(this.type, items);
    this.mustHold(raws.length, start);
    this.area.write(bytesOf(raws), start * this.type.size);
  }

  /**
   * Writes the same to all items from `start` up to but not including `end`, at once. Either may be negative, and count from
   * the end then.
   *
   * @throws TypeError when it is not of the type; RangeError when it is outside of it
   */
  fill(item: ItemOf<T>, start?: number, end?: number): this {
    const { type } = this;
    if (!type.accepts(item)) throw refusal(type, item, 'an item of an Array');
    const [from, to] = this.range(start, end, 'fill');
    const raws = new type.raws(to - from);
    (raws as { fill(raw: unknown): unknown }).fill(type.raw(item));
    this.area.write(bytesOf(raws), from * type.size);
    return this;
  }

  /** The items one by one, each read when it is its turn: `slice()` reads all at once, and is faster. */
  *[Symbol.iterator](): IterableIterator<ItemOf<T>> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  /**
   * For type `'c'`: the text up to the first U+0000. A shorter text is written with one behind it.
   *
   * @throws TypeError when the type is another one, or what is written no text of such characters; RangeError when it is longer
   *   than the array
   */
  get value(): TextOf<T> {
    this.mustBeText('value');
    const bytes: Uint8Array = this.raw;
    const end = bytes.indexOf(0);
    return Buffer.from(bytes.buffer, 0, end < 0 ? bytes.length : end).toString('latin1') as TextOf<T>;
  }

  set value(text: TextOf<T>) {
    this.mustBeText('value');
    if (typeof text !== 'string')
      throw new TypeError(`Expected a string as value of an Array, got ${show(text)}`);
    const ended = (text as string).length < this.length ? `${text as string}\0` : text;
    this.assign(ended as unknown as ItemsOf<T>);
  }

  /**
   * For type `'c'`: all bytes, as a copy. What is written may be shorter.
   *
   * @throws as `value`
   */
  get raw(): BytesOf<T> {
    this.mustBeText('raw');
    return this.readInto(new Uint8Array(this.length)) as BytesOf<T>;
  }

  set raw(bytes: BytesOf<T>) {
    this.mustBeText('raw');
    if (!((bytes as unknown) instanceof Uint8Array)) {
      throw new TypeError(`Expected a Uint8Array as raw of an Array, got ${show(bytes)}`);
    }
    this.assign(bytes);
  }

  /** The same memory as an Array that has no lock. Python: `get_obj`. */
  getObj(): SharedArray<T> {
    return new SharedArray<T>(this.cells.bare() as never, 0);
  }

  /** @internal */
  static [revive](state: CellsState): SharedArray {
    return new SharedArray(Cells.from(state) as never, 0);
  }

  private place(index: number): number {
    const { length } = this;
    if (Number.isInteger(index)) {
      const at = index < 0 ? index + length : index;
      if (at >= 0 && at < length) return at;
    }
    const right =
      length === 0 ? 'no index, as it is empty' : `a whole number from ${-length} to ${length - 1}`;
    throw new RangeError(`Expected ${right}, as an index of an Array of ${length}, got ${show(index)}`);
  }

  private range(start: number | undefined, end: number | undefined, verb: string): [number, number] {
    const from = this.bound(start ?? 0, verb);
    return [from, Math.max(from, this.bound(end ?? this.length, verb))];
  }

  private bound(index: number, verb: string): number {
    const { length } = this;
    if (!Number.isInteger(index)) {
      throw new TypeError(`Expected whole numbers as start and end of Array.${verb}, got ${show(index)}`);
    }
    return index < 0 ? Math.max(0, index + length) : Math.min(index, length);
  }

  private mustHold(count: number, start: number): void {
    if (Number.isInteger(start) && start >= 0 && start + count <= this.length) return;
    throw new RangeError(
      `Expected a place for ${count} items in an Array of ${this.length}, got them from ${show(start)} on`,
    );
  }

  private mustBeText(name: string): void {
    if (this.type.code === 'c') return;
    throw new TypeError(
      `Only an Array of type 'c' has ${name}, got one of type '${this.type.code}': use slice() and assign(items)`,
    );
  }

  static {
    // To users, and in what is sent, it is what it is exported as.
    Object.defineProperty(this, 'name', { value: 'Array' });
    addIndexes(this);
  }
}

function newCells(code: TypeCode, sizeOrItems: unknown, options: LockOption | undefined): Cells {
  const type = typeFor(code, 'an Array');
  const lock = checkLock(options, 'Array');
  if (typeof sizeOrItems === 'number') {
    if (Number.isSafeInteger(sizeOrItems * type.size) && Number.isInteger(sizeOrItems) && sizeOrItems >= 0) {
      return new Cells(type, allocate(sizeOrItems * type.size), lock);
    }
    throw new RangeError(
      `Expected a whole number from 0 up as the size of an Array, got ${show(sizeOrItems)}`,
    );
  }
  const raws = rawsOf(type, sizeOrItems);
  const area = allocate(raws.byteLength);
  area.write(bytesOf(raws));
  return new Cells(type, area, lock);
}

register(import.meta, SharedArray);

export { SharedArray as Array };
