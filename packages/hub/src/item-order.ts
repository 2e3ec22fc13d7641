import { show } from '@switchyard/greenlet/scheduler';

/*
 * The order of what a PriorityQueue holds. It is total, so that it does not depend on which items happen to be compared:
 * numbers (dates and booleans count as such) before strings before arrays; arrays element by element, a shorter one before
 * a longer one that begins like it. A lone value counts as an array of one. Of an array counts what comes before the first
 * element that has no order: [priority, value] is ordered by the priority alone when the value is an object.
 */

/** What decides about the place of an item, or of an element of it. @internal */
export type Key = number | bigint | string | readonly Key[];

/** What decides about the place of an item. @throws TypeError when it has no order @internal */
export function keysOf(item: unknown): readonly Key[] {
  const keys = Array.isArray(item) ? leadingKeys(item as unknown[]).keys : [keyOf(item)];
  if (keys[0] === undefined) {
    throw new TypeError(
      'Expected an item that has an order for a PriorityQueue: a number, a string, or an array that begins with one, as ' +
        `[priority, value]; got ${show(item)}`,
    );
  }
  return keys as Key[];
}

/** Less than, equal to or greater than 0, as `a` comes before, with or after `b`. @internal */
export function compareKeys(a: readonly Key[], b: readonly Key[]): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const order = compareKey(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareKey(a: Key, b: Key): number {
  const kinds = kindOf(a) - kindOf(b);
  if (kinds !== 0) return kinds;
  if (typeof a === 'object') return compareKeys(a, b as readonly Key[]);
  return a < (b as typeof a) ? -1 : a > (b as typeof a) ? 1 : 0;
}

function kindOf(key: Key): number {
  return typeof key === 'object' ? 2 : typeof key === 'string' ? 1 : 0;
}

function keyOf(value: unknown): Key | undefined {
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  const number =
    typeof value === 'number' || typeof value === 'boolean' || value instanceof Date ? Number(value) : NaN;
  return Number.isNaN(number) ? undefined : number;
}

function leadingKeys(items: readonly unknown[]): { keys: Key[]; whole: boolean } {
  const keys: Key[] = [];
  for (const item of items) {
    if (Array.isArray(item)) {
      const inner = leadingKeys(item as unknown[]);
      keys.push(inner.keys);
      if (!inner.whole) return { keys, whole: false };
      continue;
    }
    const key = keyOf(item);
    if (key === undefined) return { keys, whole: false };
    keys.push(key);
  }
  return { keys, whole: true };
}
