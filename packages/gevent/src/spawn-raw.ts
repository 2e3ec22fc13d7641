import { hub, ScheduledGreenlet } from '@switchyard/hub/core';
import { notCallable } from './target.ts';

/**
 * Starts work in a greenlet that nobody can wait for or link to: cheaper than `spawn`. Its error is reported.
 *
 * Python: `gevent.spawn_raw`.
 */
export function spawnRaw<A extends unknown[], R>(target: (...args: A) => R, ...args: A): ScheduledGreenlet<A, unknown> {
  if (typeof target !== 'function') throw notCallable(target);
  const greenlet = new RawGreenlet(args.length === 0 ? (target as () => unknown) : (): unknown => target(...args));
  greenlet.label = target;
  greenlet.enlist();
  hub.schedule(greenlet as unknown as ScheduledGreenlet);
  return greenlet as unknown as ScheduledGreenlet<A, unknown>;
}

class RawGreenlet extends ScheduledGreenlet<[], unknown> {
  override finished(failed: boolean, outcome: unknown): void {
    if (failed) hub.report(outcome, this as unknown as ScheduledGreenlet);
  }
}
