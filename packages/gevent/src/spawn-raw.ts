import { hub, ScheduledGreenlet } from '@switchyard/hub/core';
import { forgetLocals, LOCALS } from './local.ts';
import { notCallable } from './target.ts';

/**
 * Starts work in a greenlet that nobody can wait for or link to: cheaper than `spawn`. Its error is reported.
 *
 * Python: `gevent.spawn_raw`.
 */
export function spawnRaw<A extends unknown[], R>(
  target: (...args: A) => R,
  ...args: A
): ScheduledGreenlet<A, unknown> {
  if (typeof target !== 'function') throw notCallable(target);
  const greenlet = raw(
    target,
    args.length === 0 ? (target as () => unknown) : (): unknown => target(...args),
  );
  hub.schedule(greenlet);
  return greenlet as unknown as ScheduledGreenlet<A, unknown>;
}

/** Runs a callback in a raw greenlet of its own, now, until it waits or ends. To be called in the hub only. @internal */
export function runRaw<S>(target: (source: S) => unknown, source: S): void {
  raw(target, () => target(source)).turn();
}

function raw(target: { readonly name: string }, body: () => unknown): ScheduledGreenlet {
  const greenlet = new RawGreenlet(body);
  greenlet.label = target;
  greenlet.enlist();
  return greenlet as unknown as ScheduledGreenlet;
}

class RawGreenlet extends ScheduledGreenlet<[], unknown> {
  override finished(failed: boolean, outcome: unknown): void {
    if ((this.flags & LOCALS) !== 0) forgetLocals(this as unknown as ScheduledGreenlet);
    if (failed) hub.reports.report(outcome, this as unknown as ScheduledGreenlet);
  }
}
