import { Buffer } from 'node:buffer';
import type { Simple } from '../parcel.ts';
import type { Served } from './served.ts';

const NONE: readonly Served[] = [];

/** A value that a container keeps as bytes, and the objects that live here and are in it: they are held. @internal */
export class Stored {
  readonly bytes: Uint8Array;
  readonly references: readonly Served[];

  constructor(bytes: Uint8Array, references: readonly Served[]) {
    this.bytes = bytes;
    this.references = references;
  }
}

/** A value as a container keeps it. @internal */
export type Entry = Simple | Stored;

/** The objects in a value. @internal */
export function referencesOf(entry: Entry): readonly Served[] {
  return entry instanceof Stored ? entry.references : NONE;
}

/** Whether two are equal: the same, or made of the same bytes. @internal */
export function equal(a: Entry, b: Entry): boolean {
  if (a instanceof Stored) return b instanceof Stored && Buffer.compare(a.bytes, b.bytes) === 0;
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** What a value is called in messages. @internal */
export function nameOf(entry: Entry): string {
  if (entry instanceof Stored) return 'an object';
  return typeof entry === 'string' ? 'a string' : String(entry);
}

/** A number, and more. @throws TypeError when it is none @internal */
export function sum(entry: Entry, more: number | bigint, where: string): number | bigint {
  if (typeof entry === 'number' && typeof more === 'number') return entry + more;
  if (typeof entry === 'bigint' && typeof more === 'bigint') return entry + more;
  throw new TypeError(`Expected a ${typeof more} ${where}, to add ${more} to, found ${nameOf(entry)}`);
}
