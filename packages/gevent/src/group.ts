import type { Coroutine } from '@switchyard/greenlet';
import type { Outcome } from '@switchyard/hub';
import { Greenlet } from './greenlet.ts';
import { Members, checkTarget } from './members.ts';

/**
 * Greenlets that are waited for or killed together; each leaves the group when it ends.
 *
 * Python: `gevent.pool.Group`.
 */
export class Group extends Members {
  /** @param greenlets the first members */
  constructor(greenlets: Iterable<Greenlet<unknown>> = []) {
    super();
    for (const greenlet of greenlets) this.add(greenlet);
  }

  /** Makes a greenlet a member. */
  add(greenlet: Greenlet<unknown>): void {
    this.enter(greenlet);
  }

  /** Makes a greenlet a member and starts it. */
  start(greenlet: Greenlet<unknown>): void {
    this.enter(greenlet);
    greenlet.start();
  }

  /** Starts work in a new member. */
  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
    checkTarget(target, 'spawn');
    const greenlet = new Greenlet<Outcome<R>>(target as (...args: never[]) => unknown, ...args);
    this.start(greenlet);
    return greenlet;
  }

  /** Never. */
  override full(): boolean {
    return false;
  }

  /** @internal */
  protected override *admit<R>(
    target: (...args: never[]) => R,
    args: unknown[],
  ): Coroutine<Greenlet<Outcome<R>>> {
    return this.spawn(target as (...args: unknown[]) => R, ...args);
  }

  /** @internal */
  protected override admitNow<R>(target: (...args: never[]) => R, args: unknown[]): Greenlet<Outcome<R>> {
    return this.spawn(target as (...args: unknown[]) => R, ...args);
  }
}
