import { loads } from '@switchyard/remote/core';
import { type Entry, nameOf, Stored } from './stored.ts';

type Comparable = number | bigint | string;

/**
 * Values in their natural order: numbers, or strings. Equal ones stay in the order that they had, also when it is reversed.
 *
 * @param key the property that they are sorted by, when they are objects; null for the values themselves
 * @throws TypeError when they cannot be compared
 * @internal
 */
export function sorted(entries: readonly Entry[], key: string | null, reverse: boolean): Entry[] {
  const pairs = entries.map((entry) => [valueOf(entry, key), entry] as const);
  const texts = typeof pairs[0]?.[0] === 'string';
  for (const [value] of pairs) {
    if ((typeof value === 'string') === texts) continue;
    throw new TypeError('Expected only numbers, or only strings, to sort by, got both');
  }
  const sign = reverse ? -1 : 1;
  pairs.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
  return pairs.map(([, entry]) => entry);
}

function valueOf(entry: Entry, key: string | null): Comparable {
  const value = key === null ? entry : propertyOf(entry, key);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') return value;
  const where = key === null ? '' : ` by the name ${JSON.stringify(key)}`;
  throw new TypeError(`Expected numbers or strings${where} to sort by, got ${nameOf(value as Entry)}`);
}

function propertyOf(entry: Entry, key: string): unknown {
  // Objects that stand for something are not to be made here.
  if (!(entry instanceof Stored) || entry.references.length > 0) {
    throw new TypeError(`Expected plain objects to sort by ${JSON.stringify(key)}, got ${nameOf(entry)}`);
  }
  const value = loads(entry.bytes) as Readonly<Record<string, unknown>>;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
