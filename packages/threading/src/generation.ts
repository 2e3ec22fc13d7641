import { PENDING } from '@switchyard/hub/core';
import { Parking } from './parking.ts';
import { claim, eachWord, free, Undertaker } from './waiters.ts';

/*
 * What the parties of a barrier share. One word holds the number of the generation that is gathering, how many of it have
 * come, and what has been decided on it, so that a decision is one atomic operation, after which anybody can do the rest:
 * tell those who wait, and begin the next generation. Each one who waits has an entry with the generation that it is of,
 * and is told its fate there.
 */

const HEAD = 0;
const PARTIES = 1;

const GATHERING = 0;
const PASSED = 1;
const BROKEN = 2;
/** Broken, and the next generation is to gather at once: in one step, as those who are freed may come again before it does. */
const RESET = 3;
const PHASES = 3;
const COUNT_SHIFT = 2;
/** The most that fit. @internal */
export const MOST_PARTIES = 0x3fff;
const GENERATION_SHIFT = 16;

// The states of an entry, below the number of its generation.
const WAITS = 1;
/** All have come. @internal */
export const MAY_GO = 2;
/** The generation has been broken. @internal */
export const FAILED = 3;
const FATES = 3;
const ENTRY_SHIFT = 2;

/** One who has come. @internal */
export interface Party {
  readonly generation: number;
  /** How many had come before. */
  readonly index: number;
  /** Its entry. */
  readonly at: number;
}

/** @internal */
export class Generations {
  readonly words: Int32Array;
  readonly parking: Parking;
  private readonly undertaker: Undertaker;

  constructor(words: Int32Array) {
    this.words = words;
    this.parking = new Parking(words, HEAD);
    // Whoever waits, or runs the action, and dies will not come again.
    this.undertaker = new Undertaker((word) => {
      if ((word & FATES) === WAITS) this.break(word >> ENTRY_SHIFT);
    });
  }

  get parties(): number {
    return this.words[PARTIES] as number;
  }

  set parties(parties: number) {
    this.words[PARTIES] = parties;
  }

  /** How many of the generation that gathers have come. */
  get waiting(): number {
    const head = Atomics.load(this.words, HEAD);
    return (head & PHASES) === GATHERING ? countOf(head) : 0;
  }

  get broken(): boolean {
    this.lookForDead();
    return (Atomics.load(this.words, HEAD) & PHASES) === BROKEN;
  }

  /** The number of the generation that gathers. */
  get current(): number {
    return generationOf(Atomics.load(this.words, HEAD));
  }

  /** Joins the generation that gathers. Null when it is broken; PENDING when all have come, and it has yet to go. */
  come(): Party | null | typeof PENDING {
    this.lookForDead();
    const { words } = this;
    let at = -1;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      const count = countOf(head);
      const phase = head & PHASES;
      if (phase === PASSED || phase === RESET) {
        this.finish(head);
        continue;
      }
      if (phase === BROKEN || count >= this.parties) {
        if (at >= 0) free(words, at);
        this.parking.seen = head;
        return phase === BROKEN ? null : PENDING;
      }
      const generation = generationOf(head);
      if (at < 0) at = claim(words);
      // Before it is counted: from then on somebody may decide, and tells those who have an entry.
      Atomics.store(words, at, (generation << ENTRY_SHIFT) | WAITS);
      if (Atomics.compareExchange(words, HEAD, head, head + (1 << COUNT_SHIFT)) !== head) continue;
      return { generation, index: count, at };
    }
  }

  /** The fate of one who has come, MAY_GO or FAILED; PENDING while nothing has been decided. */
  fate(party: Party): number | typeof PENDING {
    const { words } = this;
    for (;;) {
      this.lookForDead();
      const head = Atomics.load(words, HEAD);
      const fate = Atomics.load(words, party.at) & FATES;
      if (fate !== WAITS) return fate;
      this.parking.seen = head;
      if (generationOf(head) !== party.generation || (head & PHASES) === GATHERING) return PENDING;
      // Decided by one who may have died before telling anybody.
      if ((head & PHASES) === BROKEN) this.break(party.generation);
      else this.finish(head);
    }
  }

  /** Gives up the place of one who has gone. */
  leave(party: Party): void {
    free(this.words, party.at);
  }

  /** Breaks a generation, unless all have come and it may go, or it has gone. Returns whether it is broken. */
  break(generation: number): boolean {
    for (;;) {
      const head = Atomics.load(this.words, HEAD);
      if (generationOf(head) !== generation) return false;
      const phase = head & PHASES;
      if (phase === PASSED || phase === RESET) {
        this.finish(head);
        return phase === RESET;
      }
      if (phase === BROKEN || Atomics.compareExchange(this.words, HEAD, head, head | BROKEN) === head) {
        this.tell(generation, FAILED);
        this.parking.wake();
        return true;
      }
    }
  }

  /** Decides that a generation, of which all have come, may go. Returns whether it does: false when it is broken. */
  pass(generation: number): boolean {
    const head = Atomics.load(this.words, HEAD);
    if (generationOf(head) !== generation || (head & PHASES) !== GATHERING) return false;
    // Nothing but a break can come in between.
    if (Atomics.compareExchange(this.words, HEAD, head, head | PASSED) !== head) return false;
    this.finish(head | PASSED);
    return true;
  }

  /** Has a new generation gather. Those who wait fail. */
  reset(): void {
    for (;;) {
      const head = Atomics.load(this.words, HEAD);
      const phase = head & PHASES;
      if (phase === GATHERING && countOf(head) === 0) return;
      if (phase === PASSED || phase === RESET) {
        this.finish(head);
        return;
      }
      if (Atomics.compareExchange(this.words, HEAD, head, head | RESET) !== head) continue;
      this.finish(head | RESET);
      return;
    }
  }

  /** Does what is left to do for a generation that goes, or has been reset. */
  private finish(head: number): void {
    this.tell(generationOf(head), (head & PHASES) === PASSED ? MAY_GO : FAILED);
    this.follow(head);
  }

  /** Begins the generation after one that is decided, and whose parties have all been told. */
  private follow(head: number): void {
    Atomics.compareExchange(this.words, HEAD, head, (generationOf(head) + 1) << GENERATION_SHIFT);
    this.parking.wake();
  }

  private tell(generation: number, fate: number): void {
    const { words } = this;
    const waits = (generation << ENTRY_SHIFT) | WAITS;
    eachWord(words, (word, at) => {
      if (word === waits) Atomics.compareExchange(words, at, word, word - WAITS + fate);
    });
  }

  private lookForDead(): void {
    this.undertaker.look(this.words);
  }
}

function countOf(head: number): number {
  return (head >> COUNT_SHIFT) & MOST_PARTIES;
}

function generationOf(head: number): number {
  return head >>> GENERATION_SHIFT;
}
