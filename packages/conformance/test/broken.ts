/** Plain locks and events, with a switch for each way in which they can be wrong. */
import { type Coroutine, getHub, sleep, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout } from '@switchyard/hub/core';
import type { AcquireLike, EventLike, LockLike, SemaphoreLike } from '@switchyard/conformance';

/** Has a name as Python's errors have. */
export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** Somebody in a line. */
export interface Ticket {
  /** Whether its turn has come. */
  called: boolean;
}

/** Looks every millisecond whether the turn has come; false when the time is up. */
export function* turn<T extends Ticket>(
  line: T[],
  ticket: T,
  limit: number,
  undo: (ticket: T) => void,
): Coroutine<boolean> {
  line.push(ticket);
  const end = limit < 0 ? Infinity : getHub().now() + limit;
  let well = false;
  try {
    while (!ticket.called && getHub().now() < end) yield* sleep(Math.min(1, end - getHub().now()));
    well = true;
    if (!ticket.called) line.splice(line.indexOf(ticket), 1);
    return ticket.called;
  } finally {
    // It was killed or timed out from outside.
    if (!well) undo(ticket);
  }
}

/** What can be wrong with a semaphore. */
export type SemaphoreFault =
  | 'none'
  /** The first release lets all who wait in. */
  | 'lets two in'
  /** One that is killed with a permit takes it along. */
  | 'keeps the permit of the dead'
  /** One that is killed stays in the line. */
  | 'waits with the dead'
  /** The last one that came is the first one served. */
  | 'serves the last one first'
  /** A time limit takes a permit all the same. */
  | 'takes when it gives up'
  /** Time limits are up too early. */
  | 'is impatient'
  /** `hold` does not give back. */
  | 'forgets to give back'
  /** Any number may be released. */
  | 'takes any release'
  /** A free permit is taken in the next turn only. */
  | 'parks for nothing';

export class BrokenSemaphore implements SemaphoreLike, LockLike {
  private free: number;
  private readonly most: number;
  private readonly line: Ticket[] = [];
  private readonly fault: SemaphoreFault;
  private readonly overRelease: string;

  constructor(value: number, fault: SemaphoreFault, overRelease = 'RangeError') {
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`Expected a number of permits, got ${value}`);
    this.free = value;
    this.most = value;
    this.fault = fault;
    this.overRelease = overRelease;
  }

  locked(): boolean {
    return this.free === 0;
  }

  acquire(options: AcquireLike = {}): Waitable<boolean> {
    const limit = checkTimeout(options, 'acquire');
    return new Block('acquire', () => this.take(options.blocking === false ? 0 : limit));
  }

  release(n = 1): void {
    if (!Number.isInteger(n) || n < 1) throw new RangeError(`Expected a number of permits, got ${n}`);
    if (this.fault !== 'takes any release' && this.free + n > this.most) throw named(this.overRelease);
    for (let left = n; left > 0; left--) this.giveOne();
  }

  hold(): Waitable<Disposable> {
    return new Block<Disposable>('hold', this.held.bind(this));
  }

  private giveOne(): void {
    const next = this.fault === 'serves the last one first' ? this.line.pop() : this.line.shift();
    if (next === undefined) this.free++;
    else next.called = true;
    if (this.fault === 'lets two in') for (const ticket of this.line.splice(0)) ticket.called = true;
  }

  private *held(): Coroutine<Disposable> {
    yield* this.take(-1);
    return { [Symbol.dispose]: () => this.fault !== 'forgets to give back' && this.release() };
  }

  private *take(limit: number): Coroutine<boolean> {
    if (this.fault === 'parks for nothing') yield* sleep(0);
    if (this.free > 0) {
      this.free--;
      return true;
    }
    if (limit === 0) return false;
    const patience = this.fault === 'is impatient' ? Math.min(limit, 5) : limit;
    const got = yield* turn(this.line, { called: false }, patience, (ticket) => {
      if (ticket.called) {
        if (this.fault !== 'keeps the permit of the dead') this.giveOne();
      } else if (this.fault !== 'waits with the dead') this.line.splice(this.line.indexOf(ticket), 1);
    });
    if (!got && this.fault === 'takes when it gives up') this.free--;
    return got;
  }
}

/** What can be wrong with an event. */
export type EventFault =
  | 'none'
  /** One that is set and cleared at once has not been set. */
  | 'forgets'
  /** Only one goes on. */
  | 'tells one'
  /** A time limit says true. */
  | 'always says true'
  /** One that dies takes the others' place along. */
  | 'forgets the others with the dead';

export class BrokenEvent implements EventLike {
  private flag = false;
  private readonly line: Ticket[] = [];
  private readonly fault: EventFault;

  constructor(fault: EventFault) {
    this.fault = fault;
  }

  isSet(): boolean {
    return this.flag;
  }

  set(): void {
    this.flag = true;
    const told = this.fault === 'tells one' ? this.line.splice(0, 1) : this.line.splice(0);
    for (const ticket of told) ticket.called = true;
    if (this.fault === 'forgets') {
      for (const ticket of told) Object.defineProperty(ticket, 'called', { get: () => this.flag });
    }
  }

  clear(): void {
    this.flag = false;
  }

  wait(options: { timeout?: number | null | undefined } = {}): Waitable<boolean> {
    const limit = checkTimeout(options, 'wait');
    return new Block('wait', () => this.waits(limit));
  }

  private *waits(limit: number): Coroutine<boolean> {
    if (this.flag) return true;
    const got = yield* turn(this.line, { called: false }, limit, (ticket) => {
      if (this.fault === 'forgets the others with the dead') this.line.length = 0;
      else if (!ticket.called) this.line.splice(this.line.indexOf(ticket), 1);
    });
    return got || this.fault === 'always says true';
  }
}
