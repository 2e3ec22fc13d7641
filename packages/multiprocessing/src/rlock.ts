import type { Waitable } from '@switchyard/hub';
import type { PENDING } from '@switchyard/hub/core';
import { register, revive, RuntimeError } from '@switchyard/remote';
import { type AcquireOptions, checkAcquire, currentNumber, type Held } from '@switchyard/remote/core';
import { LockStub, notHeld } from './lock-stub.ts';
import { Acquire, Hold, TryAcquire } from './lock-wait.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';

/**
 * A lock that its owner may take again, and releases as often as it took it. A greenlet is an owner of its own; all plain
 * and async code of a process together is one. May be sent to other processes; `abandoned` is as for `Lock`.
 *
 * Python: `multiprocessing.RLock`.
 */
export class RLock extends SharedObject<LockStub> {
  constructor() {
    super(LockStub, 'lock', () => ({}));
  }

  /**
   * Takes the lock once more, waiting until it is free if somebody else holds it.
   *
   * @returns true; false when the timeout (in ms) came first, or somebody else holds it and `blocking` is false
   * @throws TypeError when an option is not what it should be
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    const limit = options === undefined ? -1 : checkAcquire(options, 'RLock.acquire');
    const number = currentNumber();
    return limit === 0
      ? new TryReenter(this.stub, number, 'RLock.acquire')
      : new Reenter(this.stub, limit, number, 1, 'RLock.acquire');
  }

  /**
   * Gives back one level of it; the last one lets others have it.
   *
   * @throws RuntimeError when the greenlet (or the plain code of the process) that calls this does not hold it
   */
  release(): void {
    const { stub } = this;
    const number = currentNumber();
    if (!this.ownedBy(number)) throw this.notOwner(number);
    if (stub.levels > 1) stub.levels--;
    else stub.leave();
  }

  /** Whether the greenlet (or the plain code of the process) that calls this holds it. */
  owned(): boolean {
    return this.ownedBy(currentNumber());
  }

  /** How often the one that calls this holds it; 0 when it does not. */
  recursionCount(): number {
    return this.owned() ? this.stub.levels : 0;
  }

  /** Whether it is held. That another process has released it is seen once that one waits for something. */
  locked(): boolean {
    return this.stub.locked();
  }

  /** Takes the lock for the time of a block: `using held = yield* lock.hold()`, or `using held = await lock.hold()`. */
  hold(): Waitable<Held> {
    return new ReenterHold(this.stub, currentNumber(), this, 'RLock.hold');
  }

  /** Whether the one who holds it got it from a process that had ended while holding it. False again when it is released. */
  get abandoned(): boolean {
    return this.stub.abandoned;
  }

  /** Whether a greenlet of this process holds it. @internal */
  ownedBy(number: number): boolean {
    return this.stub.held && this.stub.owner === number;
  }

  /** Releases all levels for the time of a wait; what it returns is for `restore`. @internal */
  releaseAll(): number {
    const { levels } = this.stub;
    this.stub.leave();
    return levels;
  }

  /** Takes them again after a wait. @internal */
  restore(levels: number, number: number): Waitable<boolean> {
    return new Reenter(this.stub, -1, number, levels, 'RLock.acquire');
  }

  /** @internal */
  static [revive](state: SharedState): RLock {
    return arrived(state, () => new RLock());
  }

  private notOwner(number: number): RuntimeError {
    if (this.stub.surelyFree) return notHeld('an RLock');
    const who = number === 0 ? 'plain or async code' : 'a greenlet';
    const owner = this.stub.held ? 'somebody else of this process' : 'another process, if anybody,';
    return new RuntimeError(`release of an RLock by ${who} that does not hold it: ${owner} does`);
  }
}

function reenter(stub: LockStub, owner: number, levels: number): boolean {
  if (!stub.held || stub.owner !== owner) return false;
  stub.levels += levels;
  return true;
}

class Reenter extends Acquire {
  protected override begin(): boolean | typeof PENDING {
    return reenter(this.stub, this.number, this.levels) ? true : super.begin();
  }
}

class ReenterHold extends Hold {
  protected override begin(): Held | typeof PENDING {
    return reenter(this.stub, this.number, 1) ? this.outcome() : super.begin();
  }
}

class TryReenter extends TryAcquire {
  protected override first(): boolean | typeof PENDING {
    return reenter(this.stub, this.number, 1) ? true : super.first();
  }
}

register(import.meta, RLock);
