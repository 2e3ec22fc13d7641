/** The one key of an object that stands for shared memory: [index], or [index, class, offset, length] for a view of it. */
const MARK = '\0memory';

type View = ArrayBufferView & { readonly length?: number };
type ViewClass = new (buffer: SharedArrayBuffer, offset: number, length: number) => View;

const classes: readonly ViewClass[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as unknown as ViewClass[];

/**
 * Copies as much of a value as it needs to replace shared memory, and views of it, by what can become bytes. Looks into
 * plain objects, arrays, maps and sets.
 *
 * @param buffers receives the shared memory
 * @internal
 */
export function withoutMemory(value: unknown, buffers: SharedArrayBuffer[]): unknown {
  const copies = new Map<object, unknown>();
  const place = (buffer: SharedArrayBuffer): number => {
    const known = buffers.indexOf(buffer);
    return known >= 0 ? known : buffers.push(buffer) - 1;
  };
  const copy = (item: unknown): unknown => {
    if (item === null || typeof item !== 'object') return item;
    const known = copies.get(item);
    if (known !== undefined) return known;
    const made = replaced(item);
    copies.set(item, made);
    if (Array.isArray(item)) {
      // By keys: holes stay holes.
      (made as unknown[]).length = item.length;
      for (const key of Object.keys(item)) {
        (made as Record<string, unknown>)[key] = copy((item as unknown as Record<string, unknown>)[key]);
      }
    } else if (item instanceof Map) {
      for (const [key, entry] of item) (made as Map<unknown, unknown>).set(copy(key), copy(entry));
    } else if (item instanceof Set) {
      for (const entry of item) (made as Set<unknown>).add(copy(entry));
    } else if (isPlain(item)) {
      for (const [key, entry] of Object.entries(item)) put(made as object, key, copy(entry));
    }
    return made;
  };
  const replaced = (item: object): unknown => {
    if (item instanceof SharedArrayBuffer) return { [MARK]: [place(item)] };
    if (ArrayBuffer.isView(item)) {
      if (!(item.buffer instanceof SharedArrayBuffer)) return item;
      const kind = classes.findIndex((one) => item instanceof one);
      const length = (item as View).length ?? item.byteLength;
      return { [MARK]: [place(item.buffer), kind, item.byteOffset, length] };
    }
    if (Array.isArray(item)) return [];
    if (item instanceof Map) return new Map();
    if (item instanceof Set) return new Set();
    return isPlain(item) ? {} : item;
  };
  return copy(value);
}

/** Puts the shared memory back, in place. @internal */
export function withMemory(value: unknown, buffers: readonly SharedArrayBuffer[]): unknown {
  const done = new Map<object, unknown>();
  const restored = (item: unknown): unknown => {
    if (item === null || typeof item !== 'object' || ArrayBuffer.isView(item)) return item;
    const known = done.get(item);
    if (known !== undefined) return known;
    const mark = (item as Record<string, unknown>)[MARK];
    const made = Array.isArray(mark) ? memory(mark as number[], buffers) : item;
    done.set(item, made);
    if (made !== item) return made;
    if (item instanceof Map) {
      const entries = [...item];
      item.clear();
      for (const [key, entry] of entries) item.set(restored(key), restored(entry));
    } else if (item instanceof Set) {
      const entries = [...item];
      item.clear();
      for (const entry of entries) item.add(restored(entry));
    } else if (Array.isArray(item) || isPlain(item)) {
      for (const [key, entry] of Object.entries(item)) {
        const now = restored(entry);
        if (now !== entry) put(item, key, now);
      }
    }
    return item;
  };
  return restored(value);
}

function memory([index, kind, offset, length]: number[], buffers: readonly SharedArrayBuffer[]): unknown {
  const buffer = buffers[index!]!;
  return kind === undefined ? buffer : new classes[kind]!(buffer, offset!, length!);
}

function put(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else (target as Record<string, unknown>)[key] = value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
