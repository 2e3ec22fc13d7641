import { readSync, writeSync } from 'node:fs';
import { show } from '@switchyard/greenlet/scheduler';
import { shortened } from './arena.ts';

/** What the items of each type are in JavaScript: by the codes of Python's array module, and by the names of ctypes. */
export interface ItemTypes {
  /** A byte as a character, U+0000 to U+00FF. */
  c: string;
  c_char: string;
  /** 1 byte. */
  '?': boolean;
  c_bool: boolean;
  /** 1 byte, signed. */
  b: number;
  c_byte: number;
  c_int8: number;
  /** 1 byte. */
  B: number;
  c_ubyte: number;
  c_uint8: number;
  /** 2 bytes, signed. */
  h: number;
  c_short: number;
  c_int16: number;
  /** 2 bytes. */
  H: number;
  c_ushort: number;
  c_uint16: number;
  /** 4 bytes, signed. */
  i: number;
  c_int: number;
  c_int32: number;
  /** 4 bytes. */
  I: number;
  c_uint: number;
  c_uint32: number;
  /** 8 bytes, signed, of which a number can tell 2 ** 53 - 1 up and down. */
  l: number;
  c_long: number;
  /** 8 bytes, of which a number can tell 2 ** 53 - 1. */
  L: number;
  c_ulong: number;
  /** 8 bytes, signed. */
  q: bigint;
  c_longlong: bigint;
  c_int64: bigint;
  /** 8 bytes. */
  Q: bigint;
  c_ulonglong: bigint;
  c_uint64: bigint;
  /** 4 bytes: about 7 digits. */
  f: number;
  c_float: number;
  /** 8 bytes: every number. */
  d: number;
  c_double: number;
}

/** A type code: `'i'` and the like, or a name as `'c_int'`. */
export type TypeCode = keyof ItemTypes;
/** What an item of a type is in JavaScript. */
export type ItemOf<T extends TypeCode> = ItemTypes[T];

type Raw = number | bigint;
/** The typed arrays that have the bytes of items as they are in memory. @internal */
export type Raws =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;
type RawsClass = { new (length: number): Raws; new (buffer: ArrayBuffer): Raws; BYTES_PER_ELEMENT: number };

const one = new Uint8Array(8);

/** How items of a type become bytes, and bytes items. @internal */
export abstract class ItemType {
  readonly code: TypeCode;
  /** In bytes. */
  readonly size: number;
  readonly raws: RawsClass;
  /** Whether a typed array of the type has items as they are. */
  readonly plain: boolean;
  private readonly view: Raw[];

  constructor(code: TypeCode, raws: RawsClass, plain: boolean) {
    this.code = code;
    this.size = raws.BYTES_PER_ELEMENT;
    this.raws = raws;
    this.plain = plain;
    this.view = new raws(one.buffer) as never;
  }

  /** Reads one at a position of a file. */
  read(fd: number, position: number): unknown {
    const { size } = this;
    if (readSync(fd, one, 0, size, position) !== size) throw shortened();
    return this.plain ? this.view[0] : this.item(this.view[0]!);
  }

  /** Writes one that has been checked. */
  write(fd: number, position: number, item: unknown): void {
    this.view[0] = this.plain ? (item as Raw) : this.raw(item);
    writeSync(fd, one, 0, this.size, position);
  }

  /** What is right, for messages: `a whole number from 0 to 255`. */
  abstract expected(): string;
  /** Whether it can be an item of this type. */
  abstract accepts(item: unknown): boolean;
  /** Whether one that is not accepted is of the right kind, and only too much. */
  outOfRange(_item: unknown): boolean {
    return false;
  }

  item(raw: Raw): unknown {
    return raw;
  }

  raw(item: unknown): Raw {
    return item as Raw;
  }
}

/** Whole numbers of so many bits. */
class Whole extends ItemType {
  protected readonly least: number;
  protected readonly most: number;

  constructor(code: TypeCode, raws: RawsClass, least: number, most: number, plain = true) {
    super(code, raws, plain);
    this.least = least;
    this.most = most;
  }

  expected(): string {
    return `a whole number from ${this.least} to ${this.most}`;
  }

  accepts(item: unknown): boolean {
    return Number.isInteger(item) && (item as number) >= this.least && (item as number) <= this.most;
  }

  override outOfRange(item: unknown): boolean {
    return typeof item === 'number' && !Number.isNaN(item);
  }
}

/** Numbers in 8 bytes that others may have as a bigint. */
class Long extends Whole {
  constructor(code: 'l' | 'L', raws: RawsClass, least: number) {
    super(code, raws, least, Number.MAX_SAFE_INTEGER, false);
  }

  override expected(): string {
    return `${super.expected()} (for more, use the type ${this.code === 'l' ? "'q'" : "'Q'"}, of bigints)`;
  }

  override item(raw: Raw): number {
    return Number(raw);
  }

  override raw(item: unknown): bigint {
    return BigInt(item as number);
  }
}

class Big extends ItemType {
  private readonly least: bigint;
  private readonly most: bigint;

  constructor(code: TypeCode, raws: RawsClass, least: bigint, most: bigint) {
    super(code, raws, true);
    this.least = least;
    this.most = most;
  }

  expected(): string {
    return `a bigint from ${this.least}n to ${this.most}n`;
  }

  accepts(item: unknown): boolean {
    return typeof item === 'bigint' && item >= this.least && item <= this.most;
  }

  override outOfRange(item: unknown): boolean {
    return typeof item === 'bigint';
  }
}

class Real extends ItemType {
  expected(): string {
    return 'a number';
  }

  accepts(item: unknown): boolean {
    return typeof item === 'number';
  }
}

class Flag extends ItemType {
  expected(): string {
    return 'true or false';
  }

  accepts(item: unknown): boolean {
    return typeof item === 'boolean';
  }

  override item(raw: Raw): boolean {
    return raw !== 0;
  }

  override raw(item: unknown): number {
    return item === true ? 1 : 0;
  }
}

class Character extends ItemType {
  expected(): string {
    return 'a string of one character from U+0000 to U+00FF';
  }

  accepts(item: unknown): boolean {
    return typeof item === 'string' && item.length === 1 && item.charCodeAt(0) <= 0xff;
  }

  override item(raw: Raw): string {
    return String.fromCharCode(raw as number);
  }

  override raw(item: unknown): number {
    return (item as string).charCodeAt(0);
  }
}

const types = new Map<unknown, ItemType>();

function define(type: ItemType, ...names: readonly TypeCode[]): void {
  for (const name of [type.code, ...names]) types.set(name, type);
}

define(new Character('c', Uint8Array, false), 'c_char');
define(new Flag('?', Uint8Array, false), 'c_bool');
define(new Whole('b', Int8Array, -0x80, 0x7f), 'c_byte', 'c_int8');
define(new Whole('B', Uint8Array, 0, 0xff), 'c_ubyte', 'c_uint8');
define(new Whole('h', Int16Array, -0x8000, 0x7fff), 'c_short', 'c_int16');
define(new Whole('H', Uint16Array, 0, 0xffff), 'c_ushort', 'c_uint16');
define(new Whole('i', Int32Array, -0x8000_0000, 0x7fff_ffff), 'c_int', 'c_int32');
define(new Whole('I', Uint32Array, 0, 0xffff_ffff), 'c_uint', 'c_uint32');
define(new Long('l', BigInt64Array, Number.MIN_SAFE_INTEGER), 'c_long');
define(new Long('L', BigUint64Array, 0), 'c_ulong');
define(new Big('q', BigInt64Array, -(2n ** 63n), 2n ** 63n - 1n), 'c_longlong', 'c_int64');
define(new Big('Q', BigUint64Array, 0n, 2n ** 64n - 1n), 'c_ulonglong', 'c_uint64');
define(new Real('f', Float32Array, true), 'c_float');
define(new Real('d', Float64Array, true), 'c_double');

/** The type that a code stands for. @throws TypeError when there is none @internal */
export function typeFor(code: unknown, owner: string): ItemType {
  const type = types.get(code);
  if (type !== undefined) return type;
  const codes = [...types.keys()].filter((name) => (name as string).length === 1);
  throw new TypeError(
    `Expected one of ${codes.join(' ')}, or a name as c_int, as the type code of ${owner}, got ${show(code)}`,
  );
}

/**
 * The error for an item that a type does not accept.
 *
 * @param what for messages: `the value of a Value`
 * @internal
 */
export function refusal(type: ItemType, item: unknown, what: string): Error {
  const ErrorClass = type.outOfRange(item) ? RangeError : TypeError;
  return new ErrorClass(`Expected ${type.expected()} as ${what} of type '${type.code}', got ${show(item)}`);
}
