import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Outcome, Waitable } from '@switchyard/hub';
import { shield } from '@switchyard/hub';
import {
  Block,
  checkNotified,
  checkPredicate,
  checkTimeout,
  mustHold,
  type TimeoutOption,
  untilTrue,
} from '@switchyard/hub/core';
import { register, revive, share, Shareable } from '@switchyard/remote';
import { type AcquireOptions, currentNumber, type Held } from '@switchyard/remote/core';
import { ConditionLine } from './condition-line.ts';
import { Lock } from './lock.ts';
import { mustNotBeMain } from './parking.ts';
import { RLock } from './rlock.ts';
import { type SharedState, stateOf, wordsOf } from './shared-words.ts';
import { newWaiters } from './waiters.ts';

interface ConditionState extends SharedState {
  readonly lock: Lock | RLock;
}

/**
 * A lock with a line of those who wait to be notified, for threads and for the greenlets of each. It may be sent to other
 * threads in arguments and queues. `notify(n)` wakes those `n` who have waited longest; a notification whose waiter was
 * killed, or whose thread ended, goes to the next one who was waiting then.
 *
 * Python: `threading.Condition`.
 */
export class Condition extends Shareable {
  /** The lock that it was made with. */
  readonly lock: Lock | RLock;
  private readonly line: ConditionLine;

  /** @throws TypeError when `lock` is neither a Lock nor an RLock */
  constructor(lock: Lock | RLock = new RLock()) {
    super();
    if (!(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw new TypeError(`Expected a Lock or an RLock as the lock of a Condition, got ${show(lock)}`);
    }
    this.lock = lock;
    this.line = new ConditionLine(newWaiters());
  }

  /** As the `acquire` of its lock. */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    return this.lock.acquire(options);
  }

  /** As the `tryAcquire` of its lock. */
  tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  /** As the `acquireSync` of its lock. For worker threads only. */
  acquireSync(options?: AcquireOptions): boolean {
    return this.lock.acquireSync(options);
  }

  /** As the `release` of its lock. */
  release(): void {
    this.lock.release();
  }

  /** Takes its lock for the time of a block: `using held = yield* condition.hold()`, or `await condition.hold()`. */
  hold(): Waitable<Held> {
    return this.lock.hold();
  }

  /** As the `holdSync` of its lock. For worker threads only. */
  holdSync(): Held {
    return this.lock.holdSync();
  }

  /** Whether the lock came from a thread that ended while holding it: what it protects may be half done. */
  get abandoned(): boolean {
    return this.lock.abandoned;
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
    const number = currentNumber();
    return new Block('Condition.wait', () => this.waitFrom(number, limit));
  }

  /**
   * As `wait`, but stops the whole thread while it waits. For worker threads only.
   *
   * @throws RuntimeError when the one that calls this does not hold the lock, and on the main thread
   */
  waitSync(options?: TimeoutOption): boolean {
    return this.blockFor(checkTimeout(options, 'Condition.waitSync'));
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
    const number = currentNumber();
    return new Block('Condition.waitFor', () => this.waitUntil(number, predicate, limit));
  }

  /**
   * As `waitFor` with a plain predicate, but stops the whole thread while it waits. For worker threads only.
   *
   * @throws as `waitFor`, and RuntimeError on the main thread
   */
  waitForSync<R>(predicate: () => R, options?: TimeoutOption): R {
    const limit = checkTimeout(options, 'Condition.waitForSync');
    checkPredicate('Condition.waitForSync', predicate);
    mustNotBeMain('Condition.waitFor');
    mustHold(this.lock.ownedBy(currentNumber()), 'waitForSync');
    const end = limit < 0 ? Infinity : performance.now() + limit;
    for (let left = limit; ; left = limit < 0 ? -1 : end - performance.now()) {
      const result = predicate();
      if (result || (limit >= 0 && left <= 0)) return result;
      this.blockFor(left);
    }
  }

  /**
   * Wakes the `n` who have waited longest; fewer if fewer wait. They go on once they get the lock.
   *
   * @throws RuntimeError when the one that calls this does not hold the lock; RangeError when `n` is not a whole number
   *   from 0 up
   */
  notify(n = 1): void {
    checkNotified(n);
    mustHold(this.lock.ownedBy(currentNumber()), 'notify');
    this.line.wakeOldest(n);
  }

  /** Wakes all who wait. @throws RuntimeError when the one that calls this does not hold the lock */
  notifyAll(): void {
    mustHold(this.lock.ownedBy(currentNumber()), 'notifyAll');
    this.line.wakeOldest(Infinity);
  }

  /** @internal */
  [share](): ConditionState {
    return { ...stateOf(this.line.words), lock: this.lock };
  }

  /** @internal */
  static [revive](state: ConditionState): Condition {
    const condition = new Condition(state.lock);
    (condition as unknown as { line: ConditionLine }).line = new ConditionLine(wordsOf(state));
    return condition;
  }

  private *waitFrom(number: number, limit: number): Coroutine<boolean> {
    mustHold(this.lock.ownedBy(number), 'wait');
    // Both before the lock is released, as the notification may come at once.
    const at = this.line.join();
    const notification = this.line.notification(at, limit);
    const levels = this.lock.releaseAll();
    let notified = false;
    let whole = false;
    try {
      notified = yield* notification;
    } finally {
      try {
        yield* shield(() => this.lock.restore(levels, number));
        whole = true;
      } finally {
        this.line.part(at, notified && whole);
      }
    }
    return notified;
  }

  private *waitUntil<R>(number: number, predicate: () => R, limit: number): Coroutine<Outcome<R>> {
    mustHold(this.lock.ownedBy(number), 'waitFor');
    return yield* untilTrue(predicate, limit, (left) => this.waitFrom(number, left));
  }

  private blockFor(limit: number): boolean {
    const number = currentNumber();
    mustNotBeMain('Condition.wait');
    mustHold(this.lock.ownedBy(number), 'waitSync');
    const at = this.line.join();
    const notification = this.line.notification(at, limit);
    const levels = this.lock.releaseAll();
    let notified = false;
    try {
      notified = notification.block();
    } finally {
      this.lock.restore(levels, number).block();
      this.line.part(at, notified);
    }
    return notified;
  }
}

register(import.meta, Condition);
