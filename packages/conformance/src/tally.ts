/**
 * Whole numbers that the tester and all workers share: how a worker tells how far it is. An `Int32Array` over shared
 * memory does for greenlets and threads; what processes share is asked through `add` and `at`.
 */
export type Tally = Int32Array | SharedNumbers;

/** Numbers that are not in this process's memory. */
export interface SharedNumbers {
  /** Adds to a number and returns what it is afterwards, in one step. */
  add(slot: number, by: number): number;
  /** The number now. */
  at(slot: number): number;
}

/** A tally for workers of this process. */
export function sharedTally(slots: number): Tally {
  return new Int32Array(new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT));
}

/** Adds to a slot, in one step; returns what it holds afterwards. */
export function count(tally: Tally, slot: number, by = 1): number {
  return tally instanceof Int32Array ? Atomics.add(tally, slot, by) + by : tally.add(slot, by);
}

/** What a slot holds. */
export function read(tally: Tally, slot: number): number {
  return tally instanceof Int32Array ? Atomics.load(tally, slot) : tally.at(slot);
}
