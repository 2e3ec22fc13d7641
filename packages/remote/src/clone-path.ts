import { types } from 'node:util';
import { show } from '@switchyard/greenlet/scheduler';
import { MARK } from './dehydrate.ts';

/** What a value is called in a message: one name, or for an array of arguments, one for each of them. @internal */
export type Root = string | readonly string[];

/** How deep it is looked: deeper than what has a path that anybody reads. */
const DEEP = 200;

/**
 * Where the first thing sits that structured clone refuses, and what it is: `item.a[1].f: a function`. To be asked once
 * cloning has failed; what can be cloned comes back as the root and what it is.
 *
 * Looks into objects, arrays, the keys and values of maps, sets, and the causes of errors.
 *
 * @param root what the value is called, such as `item`
 * @param clone clones one object, or throws; by default `structuredClone`
 * @internal
 */
export function clonePath(value: unknown, root: Root, clone: Clone = structuredClone): string {
  return findPath(value, root, clone) ?? `${typeof root === 'string' ? root : 'args'}: ${name(value)}`;
}

/** As `clonePath`, or null when everything can be cloned. @internal */
export function findPath(value: unknown, root: Root, clone: Clone): string | null {
  const search: Search = { seen: new Set(), clone };
  if (typeof root === 'string') return find(value, root, search, 0);
  for (const [at, argument] of (value as unknown[]).entries()) {
    const found = find(argument, rootOf(root, at), search, 1);
    if (found !== null) return found;
  }
  return null;
}

/** What an argument is called. @internal */
export function rootOf(names: readonly string[], at: number): string {
  return names[at] ?? `args[${at}]`;
}

type Clone = (value: unknown) => unknown;

interface Search {
  readonly seen: Set<object>;
  readonly clone: Clone;
}

function find(value: unknown, path: string, search: Search, depth: number): string | null {
  if (typeof value === 'function') {
    return `${path}: ${isClass(value) ? 'a class' : 'a function'}${value.name === '' ? '' : ` (${value.name})`}`;
  }
  if (typeof value === 'symbol') return `${path}: a symbol (${String(value)})`;
  if (value === null || typeof value !== 'object' || search.seen.has(value) || depth > DEEP) return null;
  search.seen.add(value);
  if (types.isProxy(value)) return `${path}: a Proxy`;
  // Nothing of these is cloned but their content.
  if (ArrayBuffer.isView(value) || types.isDate(value) || types.isRegExp(value))
    return refused(value, path, search.clone);
  if (types.isMap(value)) {
    let at = 0;
    for (const [key, entry] of value) {
      const found =
        find(key, `${path}.keys()[${at++}]`, search, depth + 1) ??
        find(entry, `${path}.get(${show(key)})`, search, depth + 1);
      if (found !== null) return found;
    }
    return null;
  }
  if (types.isSet(value)) {
    let at = 0;
    for (const entry of value) {
      const found = find(entry, `${path}.values()[${at++}]`, search, depth + 1);
      if (found !== null) return found;
    }
    return null;
  }
  // Of an error its message, stack and cause are cloned, whatever else it has been given.
  if (types.isNativeError(value)) {
    return Object.hasOwn(value, 'cause') ? find(value.cause, `${path}.cause`, search, depth + 1) : null;
  }
  // What stands for a shareable object: its state is what cannot be cloned.
  const mark = (value as Record<string, unknown>)[MARK];
  if (Array.isArray(mark)) return find(mark[2], `${path} (${article(String(mark[1]))})`, search, depth + 1);
  for (const key of Object.keys(value)) {
    const here = path + step(value, key);
    let entry: unknown;
    try {
      entry = (value as Record<string, unknown>)[key];
    } catch (error) {
      return `${here}: a getter that throws ${show(error)}`;
    }
    const found = find(entry, here, search, depth + 1);
    if (found !== null) return found;
  }
  return isOrdinary(value) ? null : refused(value, path, search.clone);
}

// An object of the engine or of Node may be refused itself: promises, weak maps, iterators, ports that are not moved.
function refused(value: object, path: string, clone: Clone): string | null {
  try {
    clone(value);
    return null;
  } catch {
    return `${path}: ${name(value)}${hasMoved(value) ? ' whose memory was moved away before' : ''}`;
  }
}

function hasMoved(value: object): boolean {
  const memory = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(memory instanceof ArrayBuffer)) return false;
  try {
    void new Uint8Array(memory);
    return false;
  } catch {
    return true;
  }
}

function isOrdinary(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isClass(value: object): boolean {
  return Function.prototype.toString.call(value).startsWith('class');
}

function step(value: object, key: string): string {
  if (Array.isArray(value) && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function name(value: unknown): string {
  if (value === null || typeof value !== 'object') return show(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const constructor = (value as { constructor?: unknown }).constructor;
  const own = typeof constructor === 'function' ? constructor.name : '';
  // A port says that it is an EventTarget.
  if (tag !== 'Object') return article(tag === 'EventTarget' && own !== '' ? own : tag);
  return own === '' || own === 'Object' ? 'an object' : `an object of the class ${own}`;
}

/** A noun with its article. @internal */
export function article(noun: string): string {
  return `${/^[AEIOU]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}
