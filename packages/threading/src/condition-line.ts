import { PENDING } from '@switchyard/hub/core';
import { Parking, WordWait } from './parking.ts';
import { claim, eachWord, extra, free, ownerAlive, setExtra, Undertaker } from './waiters.ts';

/** How many waits there have been: each gets the next number, its ticket. */
const TICKETS = 0;

// The word of an entry: the ticket, and one of these in the lowest bits.
const WAITING = 1;
const NOTIFIED = 2;
const STATES = 3;
const TICKET_SHIFT = 2;

/** Those who wait to be notified by a condition. @internal */
export class ConditionLine {
  readonly words: Int32Array;
  /** Where the waits of this thread are parked, by entry. */
  private readonly places: Map<number, Parking>;
  private readonly undertaker: Undertaker;

  constructor(words: Int32Array) {
    this.words = words;
    this.places = new Map();
    // The notification of one who did not live to see it.
    this.undertaker = new Undertaker((word, at) => {
      if ((word & STATES) === NOTIFIED) this.passOn(at);
    });
  }

  /** Gets into the line, with the lock held, and returns the entry. */
  join(): number {
    const at = claim(this.words);
    Atomics.store(this.words, at, ((Atomics.add(this.words, TICKETS, 1) + 1) << TICKET_SHIFT) | WAITING);
    return at;
  }

  /** The wait of an entry, which has not been notified yet, for its notification: false when the time (in ms) is up. */
  notification(at: number, limit: number): WordWait<boolean> {
    let place = this.places.get(at);
    if (place === undefined) this.places.set(at, (place = new Parking(this.words, at)));
    return new Notification(this, place, limit);
  }

  /** Leaves the line for good; whoever has not seen the notification that it got gives it on. */
  part(at: number, notified: boolean): void {
    if (!notified && (Atomics.load(this.words, at) & STATES) === NOTIFIED) this.passOn(at);
    free(this.words, at);
  }

  /** Wakes up to `n` of those whose tickets are not later than `last`, oldest first. */
  wakeOldest(n: number, last = Atomics.load(this.words, TICKETS)): void {
    this.lookForDead();
    const { words } = this;
    const waiting: { at: number; word: number; age: number }[] = [];
    eachWord(words, (word, at) => {
      if ((word & STATES) !== WAITING || !ownerAlive(words, at)) return;
      // Tickets start again when all numbers have been used, so only their distance means something.
      const age = ((last << TICKET_SHIFT) - (word - WAITING)) | 0;
      if (age >= 0) waiting.push({ at, word, age });
    });
    waiting.sort((a, b) => b.age - a.age);
    for (const { at, word } of waiting) {
      if (n <= 0) return;
      setExtra(words, at, last);
      if (Atomics.compareExchange(words, at, word, word - WAITING + NOTIFIED) !== word) continue;
      n--;
      const place = this.places.get(at);
      if (place === undefined) Atomics.notify(words, at);
      else place.wake();
    }
  }

  /** Sees to what the dead have left behind. */
  lookForDead(): void {
    this.undertaker.look(this.words);
  }

  private passOn(at: number): void {
    this.wakeOldest(1, extra(this.words, at));
  }
}

class Notification extends WordWait<boolean> {
  private readonly line: ConditionLine;
  private readonly waiting: number;

  constructor(line: ConditionLine, place: Parking, limit: number) {
    super(place, limit);
    this.line = line;
    this.waiting = Atomics.load(place.words, place.index);
  }

  override attempt(): boolean | typeof PENDING {
    // A notification may come from one who died with it.
    this.line.lookForDead();
    if (Atomics.load(this.place.words, this.place.index) !== this.waiting) return true;
    this.place.seen = this.waiting;
    return PENDING;
  }

  override describe(): string {
    return 'Condition.wait';
  }

  protected override late(): boolean {
    return !this.giveUp();
  }

  protected override detach(): void {
    super.detach();
    this.giveUp();
  }

  // Returns whether it can: not when it has been notified.
  private giveUp(): boolean {
    const { words, index } = this.place;
    return Atomics.compareExchange(words, index, this.waiting, 0) === this.waiting;
  }
}
