import { compareKeys, type Key, keysOf } from '@switchyard/hub/core';
import { Pickler, Unpickler } from '@switchyard/remote/core';
import type { Writable } from './queue-store.ts';

export { compareKeys, type Key };

/** What decides about the place of an item. @internal */
export interface Rank {
  /** What is compared first; most ranks are nothing else. */
  readonly number: number;
  /** The whole of it, when it is more than that number. */
  readonly whole: Writable | null;
}

/** The rank of an item. @throws TypeError when it has no order @internal */
export function rankOf(item: unknown): Rank {
  if (typeof item === 'number' && !Number.isNaN(item)) return { number: item, whole: null };
  const keys = keysOf(item);
  const first = keys[0];
  if (typeof first === 'number' && keys.length === 1) return { number: first, whole: null };
  const whole = new Pickler();
  whole.take(keys);
  // Rounded, a bigint is still not on the wrong side of a number.
  return { number: typeof first === 'number' || typeof first === 'bigint' ? Number(first) : Infinity, whole };
}

/** Reads what `rankOf` gave as the whole. @internal */
export function readKeys(source: Buffer, at: number, size: number): readonly Key[] {
  unpickler.take(source, at, size);
  return unpickler.value() as readonly Key[];
}

const unpickler = new Unpickler();
