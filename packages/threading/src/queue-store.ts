import type { Unpickler } from '@switchyard/remote/core';
import type { QueueWords } from './queue-words.ts';
import type { Rank } from './rank.ts';

/** Something that is bytes in the end. @internal */
export interface Writable {
  /** In bytes. */
  readonly size: number;
  write(target: Buffer, at: number): void;
}

/** An item that has been made bytes, on its way into a queue. @internal */
export interface Parcel {
  readonly bytes: Writable;
  /** Where the shared memory in it is kept; 0 when it has none. */
  readonly token: number;
  /** What decides about its place, in a queue where something does. */
  readonly rank: Rank | null;
}

/**
 * Where a queue has its items. Called under the queue's lock, with its header in `words`; changes come into force by one
 * store, and nothing is changed when something is thrown. @internal
 */
export interface Store {
  /** The memory of it, to be sent to other threads. */
  readonly memory: readonly SharedArrayBuffer[];
  /** Adds an item. @throws RangeError when there is no memory for it */
  put(words: QueueWords, parcel: Parcel): void;
  /** Takes the next item; there is one. Returns its token. */
  take(words: QueueWords, unpickler: Unpickler): number;
  /** To be called when the lock came from a thread that had ended. */
  repair(words: QueueWords): void;
}

/** Every record begins at a multiple of 8. @internal */
export function aligned(size: number): number {
  return (size + 7) & ~7;
}
