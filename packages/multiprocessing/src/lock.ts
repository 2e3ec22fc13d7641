import type { Waitable } from '@switchyard/hub';
import { register, revive } from '@switchyard/remote';
import { type AcquireOptions, checkAcquire, currentNumber, type Held } from '@switchyard/remote/core';
import { LockStub, notHeld } from './lock-stub.ts';
import { Acquire, Hold, TryAcquire } from './lock-wait.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';
import { Told } from './told.ts';

/**
 * A lock between processes, and between the greenlets of each. It may be sent to other processes in arguments, queues and
 * pipes. As long as one process alone uses it, it is taken and released without a word to others.
 *
 * A process that ends in any way while it holds the lock has abandoned it: the next one gets it, and is told so by
 * `abandoned`. That it has released the lock is seen from outside when it waits for something next, or ends.
 *
 * Python: `multiprocessing.Lock`, where a lock that has been abandoned stays locked for ever. Differences: a process that
 * computes without ever waiting cannot hand on a lock that it used last, until it waits for something or takes a lock again;
 * and a lock that can never be released is waited for without a LoopExit, as no process knows what others are going to do.
 */
export class Lock extends SharedObject<LockStub> {
  constructor() {
    super(LockStub, 'lock', () => ({}));
  }

  /**
   * Takes the lock, waiting until it is free.
   *
   * @returns true; false when the timeout (in ms) came first, or it was not free and `blocking` is false
   * @throws TypeError when an option is not what it should be; RuntimeError when the process that all others came from has
   *   ended
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    const limit = options === undefined ? -1 : checkAcquire(options, 'Lock.acquire');
    return limit === 0
      ? new TryAcquire(this.stub, currentNumber(), 'Lock.acquire')
      : new Acquire(this.stub, limit, currentNumber(), 1, 'Lock.acquire');
  }

  /**
   * Gives the lock back. Any process may do that.
   *
   * @throws RuntimeError when it is not held; where another process may hold it, that is found out later and told as an error
   *   that nobody waits for
   */
  release(): void {
    const { stub } = this;
    if (stub.held) stub.leave();
    else if (stub.surelyFree) throw notHeld('a Lock');
    else {
      Told.say(stub, 'release', null, null, (released) => {
        if (released === 0) throw notHeld('a Lock');
      });
    }
  }

  /** Whether it is held. That another process has released it is seen once that one waits for something. */
  locked(): boolean {
    return this.stub.locked();
  }

  /**
   * Takes the lock for the time of a block, waiting until it is free: `using held = yield* lock.hold()`, or
   * `using held = await lock.hold()`.
   */
  hold(): Waitable<Held> {
    return new Hold(this.stub, currentNumber(), this, 'Lock.hold');
  }

  /** Whether the one who holds it got it from a process that had ended while holding it. False again when it is released. */
  get abandoned(): boolean {
    return this.stub.abandoned;
  }

  /** Whether this very process holds it; to a Lock all of a process is one. @internal */
  ownedBy(_number: number): boolean {
    return this.stub.held;
  }

  /** Releases it for the time of a wait; what it returns is for `restore`. @internal */
  releaseAll(): number {
    this.release();
    return 1;
  }

  /** Takes it again after a wait. @internal */
  restore(_levels: number, number: number): Waitable<boolean> {
    return new Acquire(this.stub, -1, number, 1, 'Lock.acquire');
  }

  /** @internal */
  static [revive](state: SharedState): Lock {
    return arrived(state, () => new Lock());
  }
}

register(import.meta, Lock);
