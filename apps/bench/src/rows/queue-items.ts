/** What goes through the queues between threads and those between processes, by the value of the case. */
export const NUMBERS = 0;
export const OBJECTS = 1;
export const STRINGS = 2;
export const BUFFERS = 3;

const STRING = 'abcdefgh'.repeat(128);
const BUFFER = new Uint8Array(65_536).fill(1);

/** The item of that number. */
export function itemOf(kind: number, i: number): unknown {
  if (kind === NUMBERS) return i;
  if (kind === OBJECTS) return { id: i, name: 'item', done: false };
  return kind === STRINGS ? STRING : BUFFER;
}

/** What the one who takes an item makes of it, so that what arrives is known to be what was sent. */
export function weightOf(kind: number, item: unknown): number {
  if (kind === NUMBERS) return item as number;
  return kind === OBJECTS ? (item as { id: number }).id : (item as { length: number }).length;
}

/** Throws unless it is the item of that number, as far as it weighs as much: numbers and objects have it in them. */
export function checkItem(kind: number, item: unknown, i: number): void {
  if (weightOf(kind, item) !== weightOf(kind, itemOf(kind, i)))
    throw new Error(`Expected item ${i}, got one that weighs ${weightOf(kind, item)}`);
}

/** What all items must weigh. */
export function weightOfAll(kind: number, n: number): number {
  if (kind === STRINGS) return n * STRING.length;
  return kind === BUFFERS ? n * BUFFER.length : (n * (n - 1)) / 2;
}
