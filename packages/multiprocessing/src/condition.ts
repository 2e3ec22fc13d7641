import { show } from '@switchyard/greenlet/scheduler';
import { type Coroutine, type Outcome, shield, type Waitable } from '@switchyard/hub';
import {
  Block,
  checkNotified,
  checkPredicate,
  checkTimeout,
  mustHold,
  type TimeoutOption,
  untilTrue,
} from '@switchyard/hub/core';
import { register, revive, share } from '@switchyard/remote';
import { type AcquireOptions, currentNumber, type Held } from '@switchyard/remote/core';
import { Ask } from './ask.ts';
import { Lock } from './lock.ts';
import { RLock } from './rlock.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';
import { PlainStub } from './stub.ts';

interface ConditionState extends SharedState {
  readonly lock: Lock | RLock;
}

/**
 * A lock with a line of those who wait to be notified, for processes and for the greenlets of each. It may be sent to other
 * processes in arguments, queues and pipes. `notify(n)` wakes those `n` who have waited longest; a notification whose waiter
 * was killed, or timed out meanwhile, goes to the next one.
 *
 * Python: `multiprocessing.Condition`.
 */
export class Condition extends SharedObject {
  /** The lock that it was made with. */
  readonly lock: Lock | RLock;

  /** @throws TypeError when `lock` is neither a Lock nor an RLock of this package */
  constructor(lock: Lock | RLock = new RLock()) {
    if (!(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw new TypeError(`Expected a Lock or an RLock as the lock of a Condition, got ${show(lock)}`);
    }
    // Where its lock is: what is said of both must be heard in the order in which it was said.
    super(
      PlainStub,
      'condition',
      () => ({}),
      [],
      () => lock.stub.link,
    );
    this.lock = lock;
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

  /** Whether the lock came from a process that ended while holding it: what it protects may be half done. */
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
   * Wakes the `n` who have waited longest; fewer if fewer wait. They go on once they get the lock.
   *
   * @throws RuntimeError when the one that calls this does not hold the lock; RangeError when `n` is not a whole number
   *   from 0 up
   */
  notify(n = 1): void {
    checkNotified(n);
    mustHold(this.lock.ownedBy(currentNumber()), 'notify');
    if (n > 0) this.stub.tell('notify', n);
  }

  /** Wakes all who wait. @throws RuntimeError when the one that calls this does not hold the lock */
  notifyAll(): void {
    mustHold(this.lock.ownedBy(currentNumber()), 'notifyAll');
    this.stub.tell('notify', null);
  }

  /** @internal */
  override [share](): ConditionState {
    return { ...super[share](), lock: this.lock };
  }

  /** @internal */
  static [revive](state: ConditionState): Condition {
    return arrived(state, () => new Condition(state.lock));
  }

  private *waitFrom(number: number, limit: number): Coroutine<boolean> {
    mustHold(this.lock.ownedBy(number), 'wait');
    const notification = new Notification(this.stub, limit);
    // Before the lock is released, as the notification may come at once.
    notification.enroll();
    const levels = this.lock.releaseAll();
    try {
      return yield* notification;
    } finally {
      yield* shield(() => this.lock.restore(levels, number));
    }
  }

  private *waitUntil<R>(number: number, predicate: () => R, limit: number): Coroutine<Outcome<R>> {
    mustHold(this.lock.ownedBy(number), 'waitFor');
    return yield* untilTrue(predicate, limit, (left) => this.waitFrom(number, left));
  }
}

class Notification extends Ask<boolean> {
  override describe(): string {
    return 'Condition.wait';
  }

  protected override verb(): string {
    return 'wait';
  }

  // Even with no time at all it stands in line, as others may be notified meanwhile.
  protected override get answersAtOnce(): boolean {
    return false;
  }

  protected override made(): boolean {
    return true;
  }

  protected override late(): boolean {
    return false;
  }

  protected override undo(): void {
    this.stub.tell('notify', 1);
  }
}

register(import.meta, Condition);
