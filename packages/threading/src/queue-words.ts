import { currentAgent } from './agent.ts';
import { ABANDONED, CONTENDED, enterOrFlag } from './lock-word.ts';
import { newWords } from './shared-words.ts';

/*
 * What a queue consists of, beside its items: a lock, words to wait for, and a header of which there are two copies. Who
 * holds the lock changes the copy that is not in force; one store puts it in force. A thread that is terminated between
 * any two instructions leaves the queue as it was before its change or as it is after it.
 */

const LOCK = 0;
/** Odd while somebody may wait for it; changes whenever there is reason to look again. @internal */
export const ITEMS = 1;
/** @internal */
export const ROOM = 2;
/** @internal */
export const DONE = 3;
/** Set by those who wait for the lock itself, without stopping their thread. */
const BUSY = 4;
/** Its lowest bit says which copy of the header is in force. */
const VERSION = 5;
const MAXSIZE = 6;
const HEADERS = 8;

const COUNT = 0;
const UNFINISHED = 1;
const CLOSED = 2;
const FIRST = 3;
const LAST = 4;
const END = 5;
const LIVE = 6;
const WIDTH = 8;

// About a microsecond: less than it takes to be put to sleep and woken.
const SPINS = 300;

/** New words of a queue. @internal */
export function newQueueWords(maxsize: number): Int32Array {
  const words = newWords(HEADERS + 2 * WIDTH);
  words[MAXSIZE] = maxsize;
  return words;
}

/** The words of a queue, as the thread that holds its lock sees and changes them. @internal */
export class QueueWords {
  readonly words: Int32Array;
  /** 0 for no limit. */
  readonly maxsize: number;
  /** Whether the lock came from a thread that had ended while holding it. */
  abandoned: boolean;
  /** The value of the word that `flag` was called for. */
  seen: number;

  // The header, read when the lock is taken, written by `commit`.
  count: number;
  unfinished: number;
  closed: number;
  // Where the items are, as whatever stores them has it.
  first: number;
  last: number;
  end: number;
  live: number;

  constructor(words: Int32Array) {
    this.words = words;
    this.maxsize = words[MAXSIZE]!;
    this.abandoned = false;
    this.seen = 0;
    this.count = 0;
    this.unfinished = 0;
    this.closed = 0;
    this.first = 0;
    this.last = 0;
    this.end = 0;
    this.live = 0;
  }

  /**
   * Takes the lock, which nobody holds for long. Returns false when that could not be done within `patience` milliseconds:
   * its owner may have ended, which others are only told in their event loop. The words that are waited for change then
   * when it is released.
   */
  enter(patience: number): boolean {
    if (Atomics.compareExchange(this.words, LOCK, 0, currentAgent() << 1) !== 0) {
      if (!this.spin() && !this.wait(patience)) return false;
      this.abandoned = (Atomics.load(this.words, LOCK) & ABANDONED) !== 0;
    }
    this.read();
    return true;
  }

  /** Releases the lock. What has not been committed is forgotten. */
  leave(): void {
    const { words } = this;
    this.abandoned = false;
    if ((Atomics.exchange(words, LOCK, 0) & CONTENDED) === 0) return;
    Atomics.notify(words, LOCK, 1);
    if (Atomics.exchange(words, BUSY, 0) === 0) return;
    for (let word = ITEMS; word <= DONE; word++) {
      Atomics.add(words, word, 2);
      Atomics.notify(words, word);
    }
  }

  /** Puts the header in force as it is here. */
  commit(): void {
    const { words } = this;
    const version = words[VERSION]! + 1;
    const at = HEADERS + (version & 1) * WIDTH;
    words[at + COUNT] = this.count;
    words[at + UNFINISHED] = this.unfinished;
    words[at + CLOSED] = this.closed;
    words[at + FIRST] = this.first;
    words[at + LAST] = this.last;
    words[at + END] = this.end;
    words[at + LIVE] = this.live;
    Atomics.store(words, VERSION, version);
  }

  /** To be called under the lock: somebody is going to wait for this word. Its value is `seen` then. */
  flag(word: number): void {
    this.seen = Atomics.or(this.words, word, 1) | 1;
  }

  /** To be called under the lock: what the word stands for has come. Returns whether somebody waits, and is to be woken. */
  unflag(word: number): boolean {
    if ((Atomics.load(this.words, word) & 1) === 0) return false;
    // From odd to even, and another one than before.
    Atomics.add(this.words, word, 1);
    return true;
  }

  // What is read without the lock. It is right unless the copy was written meanwhile, and then the version has changed.

  get size(): number {
    return this.peek(COUNT);
  }

  get unfinishedTasks(): number {
    return this.peek(UNFINISHED);
  }

  get isClosed(): boolean {
    return this.peek(CLOSED) !== 0;
  }

  private peek(field: number): number {
    const { words } = this;
    for (;;) {
      const version = Atomics.load(words, VERSION);
      const value = Atomics.load(words, HEADERS + (version & 1) * WIDTH + field);
      if (Atomics.load(words, VERSION) === version) return value;
    }
  }

  private read(): void {
    const { words } = this;
    const at = HEADERS + (words[VERSION]! & 1) * WIDTH;
    this.count = words[at + COUNT]!;
    this.unfinished = words[at + UNFINISHED]!;
    this.closed = words[at + CLOSED]!;
    this.first = words[at + FIRST]!;
    this.last = words[at + LAST]!;
    this.end = words[at + END]!;
    this.live = words[at + LIVE]!;
  }

  private spin(): boolean {
    const { words } = this;
    const own = currentAgent() << 1;
    for (let n = 0; n < SPINS; n++) {
      if (Atomics.load(words, LOCK) === 0 && Atomics.compareExchange(words, LOCK, 0, own) === 0) return true;
    }
    return false;
  }

  // Sleeps a moment also on the main thread: the owner may need the very processor that looking again would keep busy.
  private wait(patience: number): boolean {
    const { words } = this;
    for (const end = performance.now() + patience; ;) {
      const word = enterOrFlag(words);
      if (word === 0) return true;
      const left = end - performance.now();
      if (left <= 0) break;
      Atomics.wait(words, LOCK, word, Math.min(left, 1));
    }
    Atomics.store(words, BUSY, 1);
    return enterOrFlag(words) === 0;
  }
}
