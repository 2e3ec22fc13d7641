import type { Unpickler } from '@switchyard/remote/core';
import { Memory, newMemory } from './queue-memory.ts';
import { aligned, type Parcel, type Store } from './queue-store.ts';
import type { QueueWords } from './queue-words.ts';

/** Size and token before the item. */
const HEADER = 8;

/**
 * First in, first out. The records lie one behind the other from `first` to `last`, or, when `last` is not behind
 * `first`, from `first` to `end` and on from the beginning of the memory to `last`. @internal
 */
export class RingStore implements Store {
  readonly memory: readonly SharedArrayBuffer[];
  private readonly ring: Memory;

  constructor(memory: readonly SharedArrayBuffer[] = [newMemory()]) {
    this.memory = memory;
    this.ring = new Memory(memory[0]!);
  }

  put(words: QueueWords, { bytes, token }: Parcel): void {
    const { ring } = this;
    const { last } = words;
    const need = HEADER + aligned(bytes.size);
    let at = last;
    if (words.count === 0 || last > words.first) {
      if (!ring.has(last + need) && need <= words.first) {
        words.end = last;
        at = 0;
      }
    } else if (last + need > words.first) {
      // What has gone round follows after the rest, where there is more room. It also stays where it is until then.
      at = words.end + last;
      ring.reach(at + need);
      ring.bytes.copyWithin(words.end, 0, last);
    }
    // Also where there is room: another thread may have made it, and this one not seen it yet.
    ring.reach(at + need);
    bytes.write(ring.bytes, at + HEADER);
    ring.words[at >> 2] = bytes.size;
    ring.words[(at >> 2) + 1] = token;
    words.last = at + need;
    words.count++;
    words.unfinished++;
    words.commit();
  }

  take(words: QueueWords, unpickler: Unpickler): number {
    const { ring } = this;
    const at = words.first;
    ring.has(at + HEADER);
    const size = ring.words[at >> 2]!;
    const token = ring.words[(at >> 2) + 1]!;
    const next = at + HEADER + aligned(size);
    ring.has(next);
    unpickler.take(ring.bytes, at + HEADER, size);
    if (--words.count === 0) {
      // Back to where memory is in use and near.
      words.first = 0;
      words.last = 0;
    } else words.first = words.last <= at && next === words.end ? 0 : next;
    words.commit();
    return token;
  }

  repair(): void {}
}
