import { RuntimeError } from '@switchyard/remote';
import { currentAgent, deaths, isAlive } from './agent.ts';

/*
 * A list of those who wait, in shared memory that grows: an entry for each, with the thread that it belongs to. Any thread
 * may be terminated between any two instructions, so that an entry is taken and left with one atomic operation each, and
 * those of the dead are found by whoever looks next.
 */

/** The words before the entries, which belong to whatever is waited for. @internal */
export const HEAD_WORDS = 2;

// An entry is known by the index of its word.
/** The thread that it belongs to; 0 when it is free. */
const OWNER = -1;
/** For whatever is waited for. */
const EXTRA = 1;
const WIDTH = 3;
const FIRST = HEAD_WORDS - OWNER;

const FEW = 8;
const MOST = 1 << 16;

/** @internal */
export function newWaiters(): Int32Array {
  return new Int32Array(
    new SharedArrayBuffer((HEAD_WORDS + FEW * WIDTH) * 4, { maxByteLength: (HEAD_WORDS + MOST * WIDTH) * 4 }),
  );
}

/** Takes an entry for this thread, whose word is 0, and returns the index of its word. @internal */
export function claim(words: Int32Array): number {
  const own = currentAgent();
  for (let at = FIRST; ; at += WIDTH) {
    if (at >= words.length) grow(words);
    if (Atomics.compareExchange(words, at + OWNER, 0, own) === 0) return at;
  }
}

/** Gives an entry back that nobody waits on any more. @internal */
export function free(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0);
  Atomics.store(words, at + OWNER, 0);
}

/** Goes through the words of all entries. @internal */
export function eachWord(words: Int32Array, visit: (word: number, at: number) => void): void {
  for (let at = FIRST; at < words.length; at += WIDTH) {
    const word = Atomics.load(words, at);
    if (word !== 0) visit(word, at);
  }
}

/** Whether the thread that an entry belongs to is alive. @internal */
export function ownerAlive(words: Int32Array, at: number): boolean {
  const owner = Atomics.load(words, at + OWNER);
  return owner !== 0 && isAlive(owner);
}

/** A number beside the word of an entry. @internal */
export function extra(words: Int32Array, at: number): number {
  return Atomics.load(words, at + EXTRA);
}

/** @internal */
export function setExtra(words: Int32Array, at: number, value: number): void {
  Atomics.store(words, at + EXTRA, value);
}

/** Finds what the dead have left behind. @internal */
export class Undertaker {
  private readonly settle: (word: number, at: number) => void;
  private deaths: number;

  /** @param settle does what the dead one would have had to do; its entry is freed after that */
  constructor(settle: (word: number, at: number) => void) {
    this.settle = settle;
    this.deaths = -1;
  }

  /** Looks for entries of the dead, if any thread has died since the last time. */
  look(words: Int32Array): void {
    const now = deaths();
    if (now === this.deaths) return;
    this.deaths = now;
    for (let at = FIRST; at < words.length; at += WIDTH) {
      const owner = Atomics.load(words, at + OWNER);
      if (owner === 0 || isAlive(owner)) continue;
      // Only one takes it over; should that one die as well, the entry is found again.
      if (Atomics.compareExchange(words, at + OWNER, owner, currentAgent()) !== owner) continue;
      const word = Atomics.load(words, at);
      if (word !== 0) this.settle(word, at);
      free(words, at);
    }
  }
}

function grow(words: Int32Array): void {
  const buffer = words.buffer as SharedArrayBuffer;
  const { byteLength, maxByteLength } = buffer;
  if (byteLength >= maxByteLength) throw new RuntimeError(`${MOST} wait for this already, and no more can`);
  const length = Math.min(
    (HEAD_WORDS + ((byteLength / 4 - HEAD_WORDS) / WIDTH) * 2 * WIDTH) * 4,
    maxByteLength,
  );
  try {
    buffer.grow(length);
  } catch (error) {
    // Another thread has made it even larger.
    if (buffer.byteLength < length) throw error;
  }
}
