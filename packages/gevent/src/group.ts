import type { Coroutine } from '@switchyard/greenlet';
import type { Outcome, Waitable } from '@switchyard/hub';
import type { TimeoutOption } from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { alwaysRoom, checkTarget, Members } from './members.ts';

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

  /** Kills all members and waits for their deaths, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** 1: there always is room. */
  freeCount(): number {
    return 1;
  }

  /** There always is room: gives 1 at once. */
  waitAvailable(options?: TimeoutOption): Waitable<number> {
    return alwaysRoom('Group.waitAvailable', options);
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
