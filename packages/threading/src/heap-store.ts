import type { Unpickler } from '@switchyard/remote/core';
import { Memory, newMemory } from './queue-memory.ts';
import { aligned, type Parcel, type Store } from './queue-store.ts';
import type { QueueWords } from './queue-words.ts';
import { compareKeys, type Key, readKeys } from './rank.ts';

// Before the item, in words; behind it follows the whole rank, if it is more than a number.
const SIZE = 0;
const TOKEN = 1;
/** When it was put: of equal rank, the one that came first goes first. */
const ORDER = 2;
/** 1 until it has been taken. This word alone says so. */
const LIVE = 3;
const RANK_SIZE = 4;
/** Where it has been moved to, while that goes on. */
const MOVED = 5;
const RANK = 6;
/** In bytes. */
const HEADER = 32;

/**
 * Lowest rank first. The records lie one behind the other from `first` to `last`, in the order in which they were put,
 * with those that have been taken in between; what counts of them is `live` bytes. A heap beside them has where those are
 * that have not been taken. It is made anew when a thread has ended in the middle of a change. @internal
 */
export class HeapStore implements Store {
  readonly memory: readonly SharedArrayBuffer[];
  private readonly log: Memory;
  private readonly heap: Memory;

  constructor(memory: readonly SharedArrayBuffer[] = [newMemory(), newMemory()]) {
    this.memory = memory;
    this.log = new Memory(memory[0]!);
    this.heap = new Memory(memory[1]!);
  }

  put(words: QueueWords, { bytes, token, rank }: Parcel): void {
    const { log } = this;
    const rankSize = rank!.whole === null ? 0 : rank!.whole.size;
    const need = HEADER + aligned(bytes.size) + aligned(rankSize);
    this.heap.reach((words.count + 1) * 4);
    this.reserve(words, need);
    const at = words.last;
    bytes.write(log.bytes, at + HEADER);
    rank!.whole?.write(log.bytes, at + HEADER + aligned(bytes.size));
    const head = at >> 2;
    log.words[head + SIZE] = bytes.size;
    log.words[head + TOKEN] = token;
    log.words[head + ORDER] = words.end;
    log.words[head + LIVE] = 1;
    log.words[head + RANK_SIZE] = rankSize;
    log.doubles[(head + RANK) >> 1] = rank!.number;
    words.last = at + need;
    words.end = (words.end + 1) | 0;
    words.live += need;
    words.count++;
    words.unfinished++;
    words.commit();
    this.rise(at, words.count - 1);
  }

  take(words: QueueWords, unpickler: Unpickler): number {
    const { log, heap } = this;
    log.has(words.last);
    heap.has(words.count * 4);
    const at = heap.words[0]!;
    const head = at >> 2;
    unpickler.take(log.bytes, at + HEADER, log.words[head + SIZE]!);
    // From now on it has been taken: the header would be repaired.
    Atomics.store(log.words, head + LIVE, 0);
    words.live -= this.sizeAt(at);
    const last = heap.words[--words.count]!;
    if (words.count === 0) {
      words.first = 0;
      words.last = 0;
      words.live = 0;
    } else this.sink(last, 0, words.count);
    words.commit();
    return log.words[head + TOKEN]!;
  }

  repair(words: QueueWords): void {
    const { log, heap } = this;
    log.has(words.last);
    words.count = 0;
    words.live = 0;
    for (let at = words.first; at < words.last; at += this.sizeAt(at)) {
      if (log.words[(at >> 2) + LIVE] === 0) continue;
      heap.reach((words.count + 1) * 4);
      heap.words[words.count++] = at;
      words.live += this.sizeAt(at);
    }
    for (let place = (words.count >> 1) - 1; place >= 0; place--) {
      this.sink(heap.words[place]!, place, words.count);
    }
    if (words.count === 0) {
      words.first = 0;
      words.last = 0;
    }
    words.commit();
  }

  // Makes room for a record, and keeps as much free behind it as a later compaction is going to need.
  private reserve(words: QueueWords, need: number): void {
    if (this.log.has(words.last + need + this.spare(words, need))) return;
    if (words.live * 2 <= words.last - words.first) {
      this.compact(words);
      // From behind the records to where the memory begins: from there on there is room for longest.
      if (words.first !== 0) this.compact(words);
    }
    this.log.reach(words.last + need + this.spare(words, need));
  }

  private spare(words: QueueWords, need: number): number {
    return words.first >= words.live + need ? 0 : words.live + need;
  }

  // Moves what has not been taken to where there is room, before all records or behind them.
  private compact(words: QueueWords): void {
    const { log, heap } = this;
    const base = words.live <= words.first ? 0 : words.last;
    log.reach(base + words.live);
    let to = base;
    for (let at = words.first; at < words.last; at += this.sizeAt(at)) {
      if (log.words[(at >> 2) + LIVE] === 0) continue;
      const size = this.sizeAt(at);
      log.bytes.copyWithin(to, at, at + size);
      log.words[(at >> 2) + MOVED] = to;
      to += size;
    }
    words.first = base;
    words.last = to;
    words.commit();
    for (let place = 0; place < words.count; place++) {
      heap.words[place] = log.words[(heap.words[place]! >> 2) + MOVED]!;
    }
  }

  private sizeAt(at: number): number {
    const { words } = this.log;
    const head = at >> 2;
    return HEADER + aligned(words[head + SIZE]!) + aligned(words[head + RANK_SIZE]!);
  }

  /** Puts a record into the place, or one further up, from where the others come down. */
  private rise(at: number, place: number): void {
    const { words } = this.heap;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = words[above]!;
      if (!this.before(at, other)) break;
      words[place] = other;
      place = above;
    }
    words[place] = at;
  }

  /** Puts a record into the place, or one further down, from where the others come up. */
  private sink(at: number, place: number, count: number): void {
    const { words } = this.heap;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= count) break;
      if (below + 1 < count && this.before(words[below + 1]!, words[below]!)) below++;
      const other = words[below]!;
      if (!this.before(other, at)) break;
      words[place] = other;
      place = below;
    }
    words[place] = at;
  }

  private before(a: number, b: number): boolean {
    const { words, doubles } = this.log;
    const headA = a >> 2;
    const headB = b >> 2;
    const numberA = doubles[(headA + RANK) >> 1]!;
    const numberB = doubles[(headB + RANK) >> 1]!;
    if (numberA !== numberB) return numberA < numberB;
    if (words[headA + RANK_SIZE] !== 0 || words[headB + RANK_SIZE] !== 0) {
      const order = compareKeys(this.keysAt(a), this.keysAt(b));
      if (order !== 0) return order < 0;
    }
    return ((words[headA + ORDER]! - words[headB + ORDER]!) | 0) < 0;
  }

  private keysAt(at: number): readonly Key[] {
    const { bytes, words, doubles } = this.log;
    const head = at >> 2;
    const size = words[head + RANK_SIZE]!;
    if (size === 0) return [doubles[(head + RANK) >> 1]!];
    return readKeys(bytes, at + HEADER + aligned(words[head + SIZE]!), size);
  }
}
