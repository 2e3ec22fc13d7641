import { type Coroutine, getcurrent, type Greenlet } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { type Outcome, shield, type Waitable } from '@switchyard/hub';
import {
  Block,
  checkNotified,
  checkPredicate,
  checkTimeout,
  hub,
  Line,
  mustHold,
  PENDING,
  type Queued,
  TimedWait,
  type TimeoutOption,
  untilTrue,
  VALUE,
} from '@switchyard/hub/core';
import { type AcquireOptions, type Held, Lock } from './lock.ts';
import { RLock } from './rlock.ts';

/**
 * A lock with a line of those who wait to be notified. `notify(n)` wakes those `n` who have waited longest; a notification
 * whose waiter was killed goes to the next one who was waiting then.
 *
 * Python: `threading.Condition` in a patched program.
 */
export class Condition {
  /** The lock that it was made with. */
  readonly lock: Lock | RLock;
  private readonly line: Line<Notification>;
  /** How many have waited so far. */
  private waits: number;

  /** @throws TypeError when `lock` is neither a Lock nor an RLock */
  constructor(lock: Lock | RLock = new RLock()) {
    if (!(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw new TypeError(`Expected a Lock or an RLock as the lock of a Condition, got ${show(lock)}`);
    }
    this.lock = lock;
    this.line = new Line();
    this.waits = 0;
  }

  /** As the `acquire` of its lock. */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    return this.lock.acquire(options);
  }

  /** As the `release` of its lock. */
  release(): void {
    this.lock.release();
  }

  /** Takes its lock for the time of a block: `using held = yield* condition.hold()`, or `await condition.hold()`. */
  hold(): Waitable<Held> {
    return this.lock.hold();
  }

  /**
   * Releases the lock, all levels of it, waits to be notified, and takes the lock again; also when it is killed or timed
   * out.
   *
   * @returns true, or false when the timeout (in ms) came first
   * @throws RuntimeError when the one that calls this does not hold the lock
   */
  wait(options?: TimeoutOption): Waitable<boolean> {
    const limit = checkTimeout(options, 'Condition.wait');
    const owner = getcurrent();
    return new Block('Condition.wait', () => this.waitAs(owner, limit));
  }

  /**
   * Waits until the predicate is true: asks it now, and each time that it has been notified. It is asked with the lock
   * held, may be a plain, async or generator function, and may wait itself.
   *
   * @returns what the predicate returned last; something false when the timeout (in ms) came first
   * @throws RuntimeError when the one that calls this does not hold the lock; what the predicate throws
   */
  waitFor<R>(predicate: () => R, options?: TimeoutOption): Waitable<Outcome<R>> {
    const limit = checkTimeout(options, 'Condition.waitFor');
    checkPredicate('Condition.waitFor', predicate);
    const owner = getcurrent();
    return new Block('Condition.waitFor', () => this.waitUntil(owner, predicate, limit));
  }

  /**
   * Wakes the `n` who have waited longest; fewer if fewer wait. They go on once they get the lock.
   *
   * @throws RuntimeError when the one that calls this does not hold the lock; RangeError when `n` is not a whole number
   *   from 0 up
   */
  notify(n = 1): void {
    checkNotified(n);
    mustHold(this.lock.ownedBy(getcurrent()), 'notify');
    this.wake(n, this.waits);
  }

  /** Wakes all who wait. @throws RuntimeError when the one that calls this does not hold the lock */
  notifyAll(): void {
    mustHold(this.lock.ownedBy(getcurrent()), 'notifyAll');
    this.wake(Infinity, this.waits);
  }

  /** Wakes the first `n`, as far as they were among the first `before` who have waited. */
  private wake(n: number, before: number): void {
    for (let left = n; left > 0; left--) {
      const first = this.line.first;
      if (first === null || first.number >= before) return;
      this.line.remove(first);
      first.notified = before;
      hub.schedule(first);
    }
  }

  private *waitAs(owner: Greenlet, limit: number): Coroutine<boolean> {
    mustHold(this.lock.ownedBy(owner), 'wait');
    // In the line before the lock is released: who gets the lock then may notify at once.
    const notification = new Notification(this.line, this.waits++, limit);
    this.line.push(notification);
    const levels = this.lock.releaseAll();
    let through = false;
    try {
      try {
        yield* notification;
      } finally {
        this.line.remove(notification);
        yield* shield(() => this.lock.restore(levels, owner));
      }
      through = true;
      return notification.notified !== null;
    } finally {
      // Killed meanwhile: the next of those who were waiting then gets it.
      if (!through && notification.notified !== null) this.wake(1, notification.notified);
    }
  }

  private *waitUntil<R>(owner: Greenlet, predicate: () => R, limit: number): Coroutine<Outcome<R>> {
    mustHold(this.lock.ownedBy(owner), 'waitFor');
    return yield* untilTrue(predicate, limit, (left) => this.waitAs(owner, left));
  }
}

/** The wait of one who is in the line of a condition. */
class Notification extends TimedWait<void> implements Queued {
  /** How many had waited before. */
  readonly number: number;
  /** Once it is notified: how many had waited by then. */
  notified: number | null;
  private readonly line: Line<Notification>;

  constructor(line: Line<Notification>, number: number, limit: number) {
    super(limit);
    this.number = number;
    this.notified = null;
    this.line = line;
  }

  turn(): void {
    this.resume(VALUE, undefined);
  }

  override expire(): void {
    this.line.remove(this);
    this.resume(VALUE, undefined);
  }

  override describe(): string {
    return 'Condition.wait';
  }

  protected override begin(): void | typeof PENDING {
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.line.remove(this);
  }
}
