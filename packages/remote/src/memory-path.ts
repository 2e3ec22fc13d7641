import { show } from '@switchyard/greenlet/scheduler';
import { article, type Root, rootOf } from './clone-path.ts';
import { MARK } from './dehydrate.ts';

/** Where the first shared memory sits in a dehydrated value, and in what: `args[0].lock (a Lock)`. @internal */
export function memoryPath(value: unknown, root: Root): string | null {
  const seen = new Set<object>();
  if (typeof root === 'string') return find(value, root, seen);
  for (const [at, argument] of (value as unknown[]).entries()) {
    const found = find(argument, rootOf(root, at), seen);
    if (found !== null) return found;
  }
  return null;
}

function find(value: unknown, path: string, seen: Set<object>): string | null {
  if (value === null || typeof value !== 'object' || seen.has(value)) return null;
  seen.add(value);
  if (value instanceof SharedArrayBuffer) return `${path} (a SharedArrayBuffer)`;
  if (ArrayBuffer.isView(value)) {
    const { name } = value.constructor;
    return value.buffer instanceof SharedArrayBuffer ? `${path} (${article(name)} on shared memory)` : null;
  }
  const mark = (value as Record<string, unknown>)[MARK];
  if (Array.isArray(mark))
    return find(mark[2], path, seen) === null ? null : `${path} (${article(String(mark[1]))})`;
  for (const [key, entry] of entriesOf(value)) {
    const found = find(entry, path + key, seen);
    if (found !== null) return found;
  }
  return null;
}

function* entriesOf(value: object): Iterable<[string, unknown]> {
  if (value instanceof Map) {
    for (const [key, entry] of value) yield [`.get(${show(key)})`, entry];
  } else if (value instanceof Set) {
    let at = 0;
    for (const entry of value) yield [`.values()[${at++}]`, entry];
  } else {
    const isList = Array.isArray(value);
    for (const [key, entry] of Object.entries(value)) yield [isList ? `[${key}]` : `.${key}`, entry];
  }
}
