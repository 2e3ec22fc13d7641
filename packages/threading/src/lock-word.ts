import { currentAgent, isAlive } from './agent.ts';

/*
 * A lock is one word, so that a thread which is terminated between any two instructions leaves nothing half done: 0 when
 * it is free, otherwise the id of its owner, doubled, and two flags. Who finds an owner that is dead takes its place.
 */

/** Somebody may be waiting: whoever releases it has to wake one. @internal */
export const CONTENDED = 1;
/** It has been taken from a thread that had ended. The sign bit. @internal */
export const ABANDONED = 1 << 31;

/** Who holds a lock that is not free. @internal */
export function ownerOf(word: number): number {
  return (word & ~ABANDONED) >> 1;
}

/** Takes it if it is free, or held by the dead. @internal */
export function tryEnter(words: Int32Array): boolean {
  return Atomics.compareExchange(words, 0, 0, currentAgent() << 1) === 0 || tryTake(words);
}

/** The same, looking again for as long as somebody who runs at this moment may need to release it. @internal */
export function tryEnterSpinning(words: Int32Array): boolean {
  if (tryEnter(words)) return true;
  const own = currentAgent() << 1;
  for (let n = 0; n < SPINS; n++) {
    if (Atomics.load(words, 0) === 0 && Atomics.compareExchange(words, 0, 0, own) === 0) return true;
  }
  return false;
}

// About a microsecond: less than it takes to be put to sleep and woken.
const SPINS = 300;

/**
 * Takes it on behalf of one who has waited or is going to; returns 0, or the word as it is when it cannot be had, flagged
 * so that its release will wake somebody. @internal
 */
export function enterOrFlag(words: Int32Array): number {
  // Others may be waiting as well, whom the release must wake in their turn.
  const own = (currentAgent() << 1) | CONTENDED;
  for (;;) {
    const word = Atomics.load(words, 0);
    if (word === 0) {
      if (Atomics.compareExchange(words, 0, 0, own) === 0) return 0;
    } else if (!isAlive(ownerOf(word))) {
      if (Atomics.compareExchange(words, 0, word, own | ABANDONED) === word) return 0;
    } else if ((word & CONTENDED) !== 0) return word;
    else if (Atomics.compareExchange(words, 0, word, word | CONTENDED) === word) return word | CONTENDED;
  }
}

function tryTake(words: Int32Array): boolean {
  const own = currentAgent() << 1;
  for (;;) {
    const word = Atomics.load(words, 0);
    if (word !== 0 && isAlive(ownerOf(word))) return false;
    const next = word === 0 ? own : own | (word & CONTENDED) | ABANDONED;
    if (Atomics.compareExchange(words, 0, word, next) === word) return true;
  }
}
