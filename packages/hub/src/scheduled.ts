import { type Coroutine, Greenlet, getcurrent } from '@switchyard/greenlet';
import { DEAD, ERROR, type Frame, NATIVE, STARTED } from '@switchyard/greenlet/scheduler';
import { finished, type FinishMessage, spawned, type SpawnMessage } from './channels.ts';
import { captureContext } from './context.ts';
import { LISTED } from './flags.ts';
import { frameOf } from './follow.ts';
import { hub, VALUE } from './hub.ts';
import type { Queued } from './ring.ts';

/**
 * A greenlet that the hub runs: it starts in its turn, keeps the async context it was started in, ends in the hub, and
 * is listed in run info while it lives.
 */
// eslint-disable-next-line typescript/no-explicit-any -- as in its base: one of any arguments must accept all
export class ScheduledGreenlet<A extends unknown[] = any[], T = unknown>
  extends Greenlet<A, T>
  implements Queued
{
  /** Its neighbours in the registry of the live. @internal */
  older: ScheduledGreenlet | null;
  /** @internal */
  newer: ScheduledGreenlet | null;
  /** Who started it; let go at its end, so that a chain of spawns keeps at most one dead ancestor. @internal */
  spawner: Greenlet | null;

  constructor(body?: ((...args: A) => Coroutine<T> | T) | null) {
    super(body, null);
    this.older = null;
    this.newer = null;
    this.spawner = null;
  }

  /** Enters the registry and takes over the caller's async context. @internal */
  enlist(): void {
    const spawner = getcurrent();
    this.spawner = (spawner.flags & NATIVE) === 0 ? spawner : null;
    this.up = hub.self;
    this.context = hub.scopes === null ? captureContext() : hub.scopes.contextOf(this as unknown as Greenlet);
    this.flags |= LISTED;
    hub.registry.add(this as unknown as ScheduledGreenlet);
    if (spawned.hasSubscribers) {
      const message: SpawnMessage = { greenlet: this as unknown as Greenlet, spawner: this.spawner };
      spawned.publish(message);
    }
  }

  /** Its first turn. @internal */
  turn(): void {
    if ((this.flags & (STARTED | DEAD)) === 0) hub.switchTo(this as unknown as Greenlet, VALUE, undefined);
  }

  override adopt(result: unknown): Frame | null {
    return frameOf(result);
  }

  override ended(kind: number, outcome: unknown): boolean {
    if ((this.flags & LISTED) !== 0) {
      this.flags &= ~LISTED;
      hub.registry.remove(this as unknown as ScheduledGreenlet);
      hub.outsiders.died();
    }
    this.spawner = null;
    this.context = null;
    this.finished(kind === ERROR, outcome);
    if (finished.hasSubscribers) {
      const message: FinishMessage = {
        greenlet: this as unknown as Greenlet,
        failed: kind === ERROR,
        outcome,
      };
      finished.publish(message);
    }
    return true;
  }

  /** Told of the outcome, in the greenlet's last moment. @internal */
  finished(_failed: boolean, _outcome: unknown): void {}
}

/** A greenlet that tells one callback of its outcome: an `await` of a block, or a branch of `all` and `race`. @internal */
export class Strand<T> extends ScheduledGreenlet<[], T> {
  private readonly done: (failed: boolean, outcome: unknown) => void;

  constructor(name: string, body: () => Coroutine<T> | T, done: (failed: boolean, outcome: unknown) => void) {
    super(body);
    this.label = name;
    this.done = done;
    this.enlist();
    hub.schedule(this as unknown as ScheduledGreenlet);
  }

  override finished(failed: boolean, outcome: unknown): void {
    this.done(failed, outcome);
  }
}
