import { show } from '@switchyard/greenlet/scheduler';
import { type ItemType, type Raws, refusal } from './type-code.ts';

/** The bytes of a typed array. */
export function bytesOf(raws: Raws): Uint8Array {
  return new Uint8Array(raws.buffer, raws.byteOffset, raws.byteLength);
}

/** Items as they are in memory: all of them are checked, so that none is written when one is wrong. */
export function rawsOf(type: ItemType, items: unknown): Raws {
  if (items instanceof type.raws && (type.plain || type.code === 'c')) return items;
  const list = listOf(items);
  const count = list.length;
  const raws = new type.raws(count);
  for (let at = 0; at < count; at++) {
    const item = list[at];
    if (!type.accepts(item)) throw refusal(type, item, `item ${at} of an Array`);
    raws[at] = type.raw(item) as never;
  }
  return raws;
}

/** The items that a typed array has. */
export function itemsOf(type: ItemType, raws: Raws): unknown[] {
  const items: unknown[] = [];
  const { length } = raws;
  // Array.from is ten times slower.
  if (type.plain) for (let at = 0; at < length; at++) items.push(raws[at]);
  else for (let at = 0; at < length; at++) items.push(type.item(raws[at]!));
  return items;
}

function listOf(items: unknown): ArrayLike<unknown> {
  if (Array.isArray(items)) return items;
  if (typeof items === 'string') return Array.from(items);
  if (items !== null && typeof items === 'object' && Symbol.iterator in items) {
    return [...(items as Iterable<unknown>)];
  }
  throw new TypeError(`Expected a list of items for an Array, got ${show(items)}`);
}
