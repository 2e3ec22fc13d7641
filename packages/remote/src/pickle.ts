import { Buffer } from 'node:buffer';
import { clonePath } from './clone-path.ts';
import { atFirstGlance, dehydrate, hydrate } from './dehydrate.ts';
import { CloneError } from './errors.ts';
import { isPlainData } from './plain-data.ts';
import { deserialize, Refusal, serialize } from './structured.ts';

// What the first byte says of those that follow.
const UNDEFINED = 0;
const NULL = 1;
const TRUE = 2;
const FALSE = 3;
const INT32 = 4;
const FLOAT64 = 5;
/** A string of one byte a character. */
const LATIN1 = 6;
/** Any other string, two bytes a unit: lone surrogates arrive as they are, and the size is known beforehand. */
const UTF16 = 7;
const BYTES = 8;
const ARRAY_BUFFER = 9;
/** Plain data as JSON, as a LATIN1 or UTF16 string. */
const JSON_LATIN1 = 10;
const JSON_UTF16 = 11;
/** Whatever else can be cloned. */
const STRUCTURED = 12;
/** As STRUCTURED, with marks in it that stand for objects which are to be made again. */
const MARKED = 13;

/** Where raw bytes begin: shared memory is copied a word at a time only when both sides are aligned alike, else 8x slower. */
const ALIGNED = 8;

const NO_BUFFERS: readonly SharedArrayBuffer[] = [];
const NO_BYTES = Buffer.alloc(0);
// A string of one byte a character cannot match, and the engine knows which are: it looks at no character of those.
const beyondLatin1 = /[^\0-\xff]/;

/** A value as bytes. */
export interface Pickled {
  readonly bytes: Buffer;
  /** The shared memory in it, which cannot become bytes. It has to go another way, and be given to `loads`. */
  readonly buffers: readonly SharedArrayBuffer[];
}

/** What to say of a value that cannot be cloned. */
export interface PickleOptions {
  /** What the value is called: the start of the path in the message. By default `item`. */
  root?: string;
  /** The `code` of the error; by default `ERR_ITEM_CLONE`. */
  code?: string;
  /** Whether what stands for shareable objects, tasks and classes is put in their place; otherwise they are refused. */
  dehydrate?: boolean;
}

/**
 * Makes bytes of any value that structured clone takes, and of shareable objects, tasks and registered classes at any
 * depth of plain objects, arrays, maps and sets.
 *
 * @throws CloneError with the path to what cannot be cloned; TaskError for a shareable object of an unregistered class
 *
 * Python: `pickle.dumps`.
 */
export function dumps(value: unknown, options?: PickleOptions): Pickled {
  const pickler = new Pickler();
  pickler.take(value, options);
  return pickler.pickled();
}

/**
 * Makes the value again.
 *
 * @param buffers what `dumps` gave beside the bytes
 * @throws TaskError that names the module to import when the class of a shareable object is not known here
 *
 * Python: `pickle.loads`.
 */
export function loads(bytes: Uint8Array, buffers: readonly SharedArrayBuffer[] = NO_BUFFERS): unknown {
  const unpickler = new Unpickler();
  unpickler.take(
    Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    0,
    bytes.length,
  );
  return unpickler.value(buffers);
}

/**
 * Writes values where the caller wants them, one after the other: `take` tells the size, `write` writes.
 *
 * Code of the value's own (getters) runs in `take` only, before anything is changed here: it may use this same object.
 * @internal
 */
export class Pickler {
  /** How many bytes `write` is going to write. */
  size: number;
  buffers: readonly SharedArrayBuffer[];
  private tag: number;
  private number: number;
  private text: string;
  private bytes: Uint8Array;

  constructor() {
    this.size = 1;
    this.buffers = NO_BUFFERS;
    this.tag = UNDEFINED;
    this.number = 0;
    this.text = '';
    this.bytes = NO_BYTES;
  }

  /** Gets a value ready. Returns its size. */
  take(value: unknown, options?: PickleOptions): number {
    switch (typeof value) {
      case 'number':
        return this.takeNumber(value);
      case 'string':
        return this.takeText(value, LATIN1, UTF16);
      case 'undefined':
        return this.takeTag(UNDEFINED);
      case 'boolean':
        return this.takeTag(value ? TRUE : FALSE);
      case 'object':
        if (value === null) return this.takeTag(NULL);
        if (isPlainData(value)) return this.takeText(JSON.stringify(value), JSON_LATIN1, JSON_UTF16);
        if (isRawBytes(value)) return this.takeBytes(BYTES, value);
        // An empty one may be one that has moved away, which cannot be cloned.
        if (value instanceof ArrayBuffer && isFixed(value) && value.byteLength > 0) {
          return this.takeBytes(ARRAY_BUFFER, new Uint8Array(value));
        }
        break;
      default:
    }
    return this.takeStructured(
      value,
      options?.root ?? 'item',
      options?.code ?? 'ERR_ITEM_CLONE',
      options?.dehydrate ?? true,
    );
  }

  /** Writes what was taken; at a multiple of 8 it is faster. Runs no code of others. */
  write(target: Buffer, at: number): void {
    const tag = this.tag;
    target[at] = tag;
    if (tag < INT32) return;
    if (tag === INT32) target.writeInt32LE(this.number, at + 1);
    else if (tag === FLOAT64) target.writeDoubleLE(this.number, at + 1);
    else if (tag === LATIN1 || tag === JSON_LATIN1) target.write(this.text, at + 1, 'latin1');
    else if (tag === UTF16 || tag === JSON_UTF16) target.write(this.text, at + 1, 'utf16le');
    else target.set(this.bytes, at + ALIGNED);
  }

  /** Lets go of the value. */
  clear(): void {
    if (this.tag <= FLOAT64) return;
    this.takeTag(UNDEFINED);
    this.text = '';
    this.bytes = NO_BYTES;
    this.buffers = NO_BUFFERS;
  }

  /** What was taken, for later: bytes of its own. */
  pickled(): Pickled {
    const bytes = Buffer.allocUnsafe(this.size);
    this.write(bytes, 0);
    return { bytes, buffers: this.buffers };
  }

  private takeTag(tag: number): number {
    this.tag = tag;
    return (this.size = 1);
  }

  private takeNumber(value: number): number {
    this.number = value;
    // Minus zero is no int32.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      this.tag = INT32;
      return (this.size = 5);
    }
    this.tag = FLOAT64;
    return (this.size = 9);
  }

  private takeText(text: string, latin1: number, utf16: number): number {
    this.text = text;
    if (!beyondLatin1.test(text)) {
      this.tag = latin1;
      return (this.size = 1 + text.length);
    }
    this.tag = utf16;
    return (this.size = 1 + 2 * text.length);
  }

  private takeBytes(tag: number, bytes: Uint8Array): number {
    this.tag = tag;
    // Two copies of aligned bytes are faster than one of others.
    this.bytes = bytes.byteOffset % ALIGNED === 0 ? bytes : new Uint8Array(bytes);
    return (this.size = ALIGNED + bytes.length);
  }

  private takeStructured(value: unknown, root: string, code: string, replaces: boolean): number {
    const buffers: SharedArrayBuffer[] = [];
    let marked = false;
    let bytes: Uint8Array;
    try {
      // Shareable objects and functions are refused as they are; to be refused costs more than to look.
      bytes = replaces && atFirstGlance([value]) ? refuse() : serialize(value, buffers);
    } catch (error) {
      if (!replaces || !(error instanceof Refusal)) throw error;
      const { value: copy, found } = dehydrate(value);
      buffers.length = 0;
      marked = found;
      try {
        bytes = serialize(copy, buffers);
      } catch (again) {
        if (!(again instanceof Refusal)) throw again;
        const path = clonePath(copy, root, (part) => serialize(part, []));
        throw new CloneError(`Cannot be sent to another thread or process: ${path}`, code);
      }
    }
    this.buffers = buffers.length === 0 ? NO_BUFFERS : buffers;
    return this.takeBytes(marked ? MARKED : STRUCTURED, bytes);
  }
}

/**
 * Reads values in two steps: `take` copies what it needs out of the caller's bytes, `value` makes the value of it.
 * @internal
 */
export class Unpickler {
  private tag: number;
  private result: unknown;

  constructor() {
    this.tag = UNDEFINED;
    this.result = undefined;
  }

  /** Runs no code of others, and does not fail for a value that was written by `Pickler`. */
  take(source: Buffer, at: number, size: number): void {
    const tag = source[at]!;
    const from = at + 1;
    const end = at + size;
    this.tag = tag;
    if (tag === INT32) this.result = source.readInt32LE(from);
    else if (tag === FLOAT64) this.result = source.readDoubleLE(from);
    else if (tag === LATIN1 || tag === JSON_LATIN1) this.result = source.toString('latin1', from, end);
    else if (tag === UTF16 || tag === JSON_UTF16) this.result = source.toString('utf16le', from, end);
    else if (tag > FLOAT64) this.result = copied(source, at + ALIGNED, end);
    else this.result = tag === UNDEFINED ? undefined : tag === NULL ? null : tag === TRUE;
  }

  /** Lets go of what was taken. */
  clear(): void {
    this.result = undefined;
  }

  /** May throw what reviving a shareable object throws. */
  value(buffers: readonly SharedArrayBuffer[] = NO_BUFFERS): unknown {
    const { tag, result } = this;
    if (tag <= FLOAT64) return result;
    this.result = undefined;
    switch (tag) {
      case JSON_LATIN1:
      case JSON_UTF16:
        return JSON.parse(result as string);
      case ARRAY_BUFFER:
        return (result as Uint8Array).buffer;
      case STRUCTURED:
        return deserialize(result as Uint8Array, buffers);
      case MARKED:
        return hydrate(deserialize(result as Uint8Array, buffers));
      default:
        return result;
    }
  }
}

function refuse(): never {
  throw new Refusal('shareable');
}

function copied(source: Buffer, from: number, end: number): Uint8Array {
  // Memory that nobody else has a view of: it becomes the caller's.
  const bytes = new Uint8Array(end - from);
  bytes.set(source.subarray(from, end));
  return bytes;
}

/** Whether it is a Uint8Array or Buffer whose bytes are all there is to it. */
function isRawBytes(value: object): value is Uint8Array {
  if (!(value instanceof Uint8Array) || value.length === 0) return false;
  return value.buffer instanceof ArrayBuffer && isFixed(value.buffer);
}

function isFixed(buffer: ArrayBuffer): boolean {
  return (buffer as { resizable?: boolean }).resizable !== true;
}
