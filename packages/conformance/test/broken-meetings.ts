/** A plain condition and a plain barrier, with a switch for each way in which they can be wrong. */
import { type Coroutine, getHub, shield, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout } from '@switchyard/hub/core';
import type { AcquireLike, BarrierLike, ConditionLike } from '@switchyard/conformance';
import { type BrokenSemaphore, named, type Ticket, turn } from './broken.ts';

interface TimeLimit {
  timeout?: number | null | undefined;
}

/** What can be wrong with a condition. */
export type ConditionFault =
  | 'none'
  /** notify() wakes one more. */
  | 'wakes one too many'
  /** A notification with nobody there is kept for the next. */
  | 'remembers'
  /** One that is killed takes its notification along. */
  | 'keeps the notification of the dead'
  /** One that timed out stays in the line. */
  | 'notifies those who timed out'
  /** The lock is not taken again after a time limit. */
  | 'comes back without the lock'
  /** waitFor() begins its time limit anew each time that it is woken. */
  | 'begins its time anew'
  /** It may be waited for and notified without the lock. */
  | 'does not ask for the lock';

/** Over a lock that cannot be taken again by its holder. */
export class BrokenCondition implements ConditionLike {
  private readonly lock: BrokenSemaphore;
  private readonly line: Ticket[] = [];
  private readonly fault: ConditionFault;
  private kept = 0;

  constructor(lock: BrokenSemaphore, fault: ConditionFault) {
    this.lock = lock;
    this.fault = fault;
  }

  acquire(options?: AcquireLike): Waitable<boolean> {
    return this.lock.acquire(options);
  }

  release(): void {
    this.lock.release();
  }

  hold(): Waitable<Disposable> {
    return this.lock.hold();
  }

  wait(options: TimeLimit = {}): Waitable<boolean> {
    const limit = checkTimeout(options, 'wait');
    return new Block('wait', () => this.waits(limit));
  }

  waitFor<T>(predicate: () => T, options: TimeLimit = {}): Waitable<T> {
    const limit = checkTimeout(options, 'waitFor');
    return new Block('waitFor', () => this.waitsFor(predicate, limit));
  }

  notify(n = 1): void {
    this.check();
    const many = this.fault === 'wakes one too many' ? n + 1 : n;
    const told = this.line.splice(0, many);
    for (const ticket of told) ticket.called = true;
    if (this.fault === 'remembers') this.kept += many - told.length;
  }

  notifyAll(): void {
    this.notify(Infinity);
  }

  private check(): void {
    if (this.fault !== 'does not ask for the lock' && !this.lock.locked()) throw named('RuntimeError');
  }

  private *waits(limit: number): Coroutine<boolean> {
    this.check();
    if (this.kept > 0) {
      this.kept--;
      return true;
    }
    this.lock.release();
    let got: boolean | null = null;
    try {
      const ticket: Ticket = { called: false };
      got = yield* turn(this.line, ticket, limit, () => {
        if (!ticket.called) this.line.splice(this.line.indexOf(ticket), 1);
        else if (this.fault !== 'keeps the notification of the dead') {
          for (const next of this.line.splice(0, 1)) next.called = true;
        }
      });
      if (!got && this.fault === 'notifies those who timed out') this.line.unshift(ticket);
      return got;
    } finally {
      if (got !== false || this.fault !== 'comes back without the lock')
        yield* shield(() => this.lock.acquire());
    }
  }

  private *waitsFor<T>(predicate: () => T, limit: number): Coroutine<T> {
    let end = limit < 0 ? Infinity : getHub().now() + limit;
    for (;;) {
      const value = predicate();
      const left = end - getHub().now();
      if (Boolean(value) || left <= 0) return value;
      yield* this.waits(left === Infinity ? -1 : left);
      if (this.fault === 'begins its time anew' && getHub().now() < end) end = getHub().now() + limit;
    }
  }
}

/** What can be wrong with a barrier. */
export type BarrierFault =
  | 'none'
  /** It goes up for one less. */
  | 'opens too early'
  /** All get the same number. */
  | 'counts nobody'
  /** The action runs for each party. */
  | 'acts too often'
  /** A time limit breaks it for one only. */
  | 'leaves the others waiting'
  /** One that is killed is counted on. */
  | 'waits for the dead'
  /** reset() does not mend it. */
  | 'stays broken'
  /** abort() is for those who wait only. */
  | 'forgets that it is broken';

export class BrokenBarrier implements BarrierLike {
  readonly parties: number;
  broken = false;
  private line: (Ticket & { failed?: boolean })[] = [];
  private readonly fault: BarrierFault;
  private readonly action: (() => void) | null;
  private readonly timeout: number;

  constructor(parties: number, action: (() => void) | null, timeout: number, fault: BarrierFault) {
    if (!Number.isInteger(parties) || parties < 1) throw new RangeError(`Expected parties, got ${parties}`);
    this.parties = parties;
    this.action = action;
    this.timeout = timeout;
    this.fault = fault;
  }

  get nWaiting(): number {
    return this.line.length;
  }

  wait(options: TimeLimit = {}): Waitable<number> {
    const limit = options.timeout === undefined ? this.timeout : checkTimeout(options, 'wait');
    return new Block('wait', () => this.passes(limit));
  }

  abort(): void {
    this.fail();
    this.broken = this.fault !== 'forgets that it is broken';
  }

  reset(): void {
    this.fail();
    if (this.fault !== 'stays broken') this.broken = false;
  }

  private fail(): void {
    for (const ticket of this.line.splice(0)) {
      ticket.failed = true;
      ticket.called = true;
    }
  }

  private *passes(limit: number): Coroutine<number> {
    if (this.broken) throw named('BrokenBarrierError');
    const index = this.fault === 'counts nobody' ? 0 : this.line.length;
    if (this.fault === 'acts too often') this.action?.();
    if (
      this.line.length + 1 >=
      this.parties - (this.fault === 'opens too early' && this.parties > 2 ? 1 : 0)
    ) {
      try {
        this.action?.();
      } catch (error) {
        this.abort();
        throw error;
      }
      for (const other of this.line.splice(0)) other.called = true;
      return index;
    }
    const ticket: Ticket & { failed?: boolean } = { called: false };
    const got = yield* turn(this.line, ticket, limit, () => {
      if (this.fault !== 'waits for the dead') this.abort();
    });
    if (!got && this.fault !== 'leaves the others waiting') this.abort();
    if (!got || ticket.failed === true) throw named('BrokenBarrierError');
    return index;
  }
}
