/** A plain lock that its holder may take again, with a switch for each way in which it can be wrong. */
import { type Coroutine, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout } from '@switchyard/hub/core';
import { getcurrent } from '@switchyard/greenlet';
import type { AcquireLike, RLockLike } from '@switchyard/conformance';
import { BrokenSemaphore, named } from './broken.ts';

/** What can be wrong with a lock that can be taken again. */
export type RLockFault =
  | 'none'
  /** Its holder waits for himself. */
  | 'cannot be taken again'
  /** Anybody may take it again. */
  | 'is open to all once it is taken'
  /** The first release is the last. */
  | 'comes free too early'
  /** The last release is not enough. */
  | 'comes free too late'
  /** Anybody may release it. */
  | 'may be released by anybody'
  /** A release of a free one is nothing. */
  | 'forgives a release too many'
  /** The inner block gives it back for the outer one. */
  | 'has blocks that do not nest'
  /** One that is killed with the lock on its way takes it along. */
  | 'keeps the lock of the dead';

export class BrokenRLock implements RLockLike {
  private readonly gate: BrokenSemaphore;
  private readonly fault: RLockFault;
  private owner: unknown = null;
  private levels = 0;

  constructor(fault: RLockFault) {
    this.fault = fault;
    const dead = fault === 'keeps the lock of the dead';
    this.gate = new BrokenSemaphore(1, dead ? 'keeps the permit of the dead' : 'none');
  }

  acquire(options: AcquireLike = {}): Waitable<boolean> {
    const limit = checkTimeout(options, 'acquire');
    return new Block('acquire', () => this.take(options.blocking === false ? 0 : limit));
  }

  release(): void {
    if (this.owner === null && this.fault === 'forgives a release too many') return;
    if (this.owner === null) throw named('RuntimeError');
    if (this.owner !== getcurrent() && this.fault !== 'may be released by anybody')
      throw named('RuntimeError');
    this.giveBack(this.fault === 'comes free too early' ? 1 : this.levels);
  }

  hold(): Waitable<Disposable> {
    return new Block<Disposable>('hold', this.held.bind(this));
  }

  private giveBack(levels: number): void {
    this.levels = levels - 1;
    if (this.levels > 0) return;
    this.owner = null;
    this.gate.release();
  }

  private *held(): Coroutine<Disposable> {
    yield* this.take(-1);
    const all = this.fault === 'has blocks that do not nest';
    return { [Symbol.dispose]: () => this.owner !== null && this.giveBack(all ? 1 : this.levels) };
  }

  private *take(limit: number): Coroutine<boolean> {
    const me = getcurrent();
    const again =
      this.owner === me || (this.owner !== null && this.fault === 'is open to all once it is taken');
    if (again && this.fault !== 'cannot be taken again') {
      this.levels++;
      if (this.fault === 'comes free too late' && this.levels === 2) this.levels++;
      return true;
    }
    if (!(yield* this.gate.acquire({ timeout: limit < 0 ? null : limit }))) return false;
    this.owner = me;
    this.levels = 1;
    return true;
  }
}
