import { GreenletExit } from '@switchyard/greenlet';
import { interrupt, type ScheduledGreenlet, SHIELDED } from '@switchyard/hub/core';
import type { Greenlet } from './greenlet.ts';

/** In `flags`: somebody has read its signal. @internal */
export const SIGNALLED = 65536;

/** Of those whose signal has been read; most greenlets never need one, and it is three times as large as they are. */
const controllers = new WeakMap<Greenlet, AbortController>();

/** The signal of a greenlet, made now if need be. @internal */
export function signalOf(greenlet: Greenlet): AbortSignal {
  let controller = controllers.get(greenlet);
  if (controller === undefined) {
    controller = new AbortController();
    controllers.set(greenlet, controller);
    greenlet.flags |= SIGNALLED;
    const { value } = greenlet;
    if (value instanceof GreenletExit) controller.abort(value);
  }
  return controller.signal;
}

/** Aborts the signal that somebody has read. @internal */
export function abortSignal(greenlet: Greenlet, error: unknown): void {
  controllers.get(greenlet)?.abort(error);
}

/** Throws the error of a kill into its victim, and aborts its signal then. To be called in the hub only. @internal */
export function strike(victim: Greenlet<unknown>, error: unknown): void {
  const greenlet = victim as unknown as ScheduledGreenlet;
  if ((victim.flags & (SIGNALLED | SHIELDED)) === 0) interrupt(greenlet, error);
  // Also one that is in a shield: somebody may read the signal before the end of that, when the kill comes.
  else interrupt(greenlet, error, 0, () => abortSignal(victim, error));
}
