import { classOf, isShareable, revive, type Revivable, share } from './shareable.ts';
import { lookup, referenceOf } from './registry.ts';
import { TaskError } from './errors.ts';
import { anyMarked, isKept, movesOf, sent, type Transferable } from './transfer.ts';

/** The one key of an object that stands for something else: [module URL, name, state]; without a state, a task or class. */
export const MARK = '\0shared';
/** So many entries of an argument are looked at before it is tried to send as it is. */
const GLANCE = 64;

/** A value that is ready to be cloned. @internal */
export interface Dehydrated {
  value: unknown;
  /** Whether anything stands for something else, so that `hydrate` has work to do. */
  found: boolean;
  /** The modules that have to be loaded before it can be hydrated; null for none. */
  modules: string[] | null;
  /** What moves instead of being copied. */
  transfers: readonly Transferable[];
  /** What had been marked to move, with its list, and is not any more. */
  marked: readonly (readonly [object, readonly Transferable[]])[];
}

const NOTHING_MOVES: readonly never[] = [];

/**
 * Whether an argument, or something directly in it, needs `dehydrate`. What sits deeper is found when cloning fails: no
 * shareable object can be cloned. @internal
 */
export function atFirstGlance(values: readonly unknown[]): boolean {
  for (const value of values) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) continue;
    if (isSpecial(value)) return true;
    const inside = Array.isArray(value) ? value : isPlain(value) ? Object.values(value) : null;
    if (inside === null) continue;
    const end = Math.min(inside.length, GLANCE);
    for (let at = 0; at < end; at++) {
      const entry: unknown = inside[at];
      if (entry !== null && (typeof entry === 'object' || typeof entry === 'function') && isSpecial(entry))
        return true;
    }
  }
  return false;
}

/**
 * Replaces what cannot be cloned but can be named: shareable objects by their state, tasks and classes by their
 * reference; and gathers what has been marked to move. The original stays as it is. @internal
 */
export function dehydrate(value: unknown): Dehydrated {
  if (!holds(value, isSpecial, new Set())) {
    return { value, found: false, modules: null, transfers: NOTHING_MOVES, marked: NOTHING_MOVES };
  }
  const copier = new Copier();
  const copy = copier.copy(value);
  return {
    value: copy,
    found: copier.modules.size > 0,
    modules: copier.modules.size > 0 ? [...copier.modules] : null,
    transfers: copier.transfers,
    marked: copier.moved,
  };
}

/** Whether anything in it has been marked to move, so that it can be sent only once. @internal */
export function holdsMoves(value: unknown): boolean {
  return anyMarked() && holds(value, isToMove, new Set());
}

/** Makes the objects again that `dehydrate` replaced, in place. Their modules must be loaded. @internal */
export function hydrate(value: unknown): unknown {
  return new Reviver().revived(value);
}

function isSpecial(value: object): boolean {
  if (typeof value === 'function') return referenceOf(value) !== undefined;
  return isShareable(value) || movesOf(value) !== null;
}

function isToMove(value: object): boolean {
  return movesOf(value) !== null;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isObject(value: unknown): value is object {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

/** Whether it is, or something in it is, what `is` says. */
function holds(value: unknown, is: (value: object) => boolean, seen: Set<object>): boolean {
  if (!isObject(value)) return false;
  if (is(value)) return true;
  if (typeof value === 'function' || ArrayBuffer.isView(value) || seen.has(value)) return false;
  seen.add(value);
  for (const entry of entriesOf(value)) if (holds(entry, is, seen)) return true;
  return false;
}

function entriesOf(value: object): Iterable<unknown> {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set) return value;
  return isPlain(value) ? Object.values(value) : [];
}

class Copier {
  readonly modules = new Set<string>();
  readonly transfers: Transferable[] = [];
  readonly moved: [object, readonly Transferable[]][] = [];
  private readonly copies = new Map<object, unknown>();

  copy(value: unknown): unknown {
    if (!isObject(value)) return value;
    const known = this.copies.get(value);
    if (known !== undefined) return known;
    if (typeof value === 'function') {
      const reference = referenceOf(value);
      return reference === undefined ? value : this.marked(reference.url, reference.name);
    }
    if (isShareable(value)) {
      const { url, name } = classOf(value);
      const mark = this.marked(url, name);
      this.copies.set(value, mark);
      mark[MARK]!.push(this.copy(value[share]()));
      return mark;
    }
    const moves = movesOf(value);
    if (moves !== null) {
      for (const item of moves)
        if (!isKept(item) && !this.transfers.includes(item)) this.transfers.push(item);
      this.moved.push([value, moves]);
      sent(value);
    }
    return this.container(value);
  }

  private container(value: object): unknown {
    if (Array.isArray(value)) {
      const copy: unknown[] = [];
      this.copies.set(value, copy);
      for (const entry of value) copy.push(this.copy(entry));
      return copy;
    }
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>();
      this.copies.set(value, copy);
      for (const [key, entry] of value) copy.set(this.copy(key), this.copy(entry));
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set<unknown>();
      this.copies.set(value, copy);
      for (const entry of value) copy.add(this.copy(entry));
      return copy;
    }
    if (!isPlain(value)) return value;
    const copy: Record<string, unknown> = {};
    this.copies.set(value, copy);
    for (const [key, entry] of Object.entries(value)) {
      const kept = this.copy(entry);
      if (key === '__proto__') {
        Object.defineProperty(copy, key, {
          value: kept,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else copy[key] = kept;
    }
    return copy;
  }

  private marked(url: string, name: string): Record<string, unknown[]> {
    this.modules.add(url);
    return { [MARK]: [url, name] };
  }
}

/** Stands for an object that is being made. */
const CIRCLE = Symbol('circle');

class Reviver {
  private readonly seen = new Map<object, unknown>();

  revived(value: unknown): unknown {
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
    if (this.seen.has(value)) {
      const made = this.seen.get(value);
      if (made !== CIRCLE) return made;
      throw new TaskError('A shareable object holds itself in its own state, and cannot be made again');
    }
    const mark = (value as Record<string, unknown>)[MARK];
    if (Array.isArray(mark)) {
      this.seen.set(value, CIRCLE);
      const made = this.made(mark as [string, string, unknown?]);
      this.seen.set(value, made);
      return made;
    }
    this.seen.set(value, value);
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) if (at in value) value[at] = this.revived(value[at]);
    } else if (value instanceof Map) {
      const entries = [...value];
      value.clear();
      for (const [key, entry] of entries) value.set(this.revived(key), this.revived(entry));
    } else if (value instanceof Set) {
      const entries = [...value];
      value.clear();
      for (const entry of entries) value.add(this.revived(entry));
    } else if (isPlain(value)) {
      for (const key of Object.keys(value)) {
        if (key === '__proto__') continue;
        (value as Record<string, unknown>)[key] = this.revived((value as Record<string, unknown>)[key]);
      }
    }
    return value;
  }

  private made(mark: [string, string, unknown?]): unknown {
    const [url, name] = mark;
    const target = lookup(url, name);
    if (target === undefined) {
      throw new TaskError(
        `An object of the class ${name} has come here, but ${url}, which defines it, is not loaded: import it`,
      );
    }
    if (mark.length < 3) return target;
    return (target as unknown as Revivable)[revive](this.revived(mark[2]) as never);
  }
}
