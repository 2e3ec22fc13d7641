import type { Greenlet } from '@switchyard/greenlet';
import { ERROR } from '@switchyard/greenlet/scheduler';
import { LoopExit } from './errors.ts';
import { SHIELDED } from './flags.ts';
import { hub } from './hub.ts';
import type { Queued } from './ring.ts';
import type { Wait } from './wait.ts';

/**
 * Throws an error into a greenlet, wherever it is: its wait is undone first. A shielded one gets it when its shield
 * ends. To be called in the hub only. @internal
 */
export function interrupt(greenlet: Greenlet, error: unknown): void {
  if (greenlet.dead) return;
  // Nothing could ever end a shield whose body waits for ever: it must hear of that.
  if ((greenlet.flags & SHIELDED) !== 0 && !(error instanceof LoopExit)) {
    (held.get(greenlet) as unknown[]).push(error);
    return;
  }
  undoWait(greenlet, error);
  hub.switchTo(greenlet, ERROR, error);
}

/** Undoes what a greenlet waits for, because `error` is going to be thrown into it. @internal */
export function undoWait(greenlet: Greenlet, error: unknown): void {
  const wait = greenlet.parked as Wait<unknown> | null;
  if (wait === null) return;
  const before = hub.interruption;
  hub.interruption = error;
  try {
    wait.abandon();
  } finally {
    hub.interruption = before;
  }
}

// The interrupts of greenlets that are shielded, and those that are left over from a shield that has ended: each of
// them is thrown in a turn of its own. One that is cancelled meanwhile can still be taken out.
const held = new Map<Greenlet, unknown[]>();

/** Holds the interrupts of a greenlet back from now on. @internal */
export function holdBack(greenlet: Greenlet): void {
  greenlet.flags |= SHIELDED;
  if (!held.has(greenlet)) held.set(greenlet, []);
}

/** Ends that, and gives the first interrupt that was held back; the others follow in their turns. @internal */
export function letThrough(greenlet: Greenlet): { error: unknown } | null {
  greenlet.flags &= ~SHIELDED;
  const errors = held.get(greenlet) as unknown[];
  const first = errors.length === 0 ? null : { error: errors.shift() };
  if (errors.length === 0) held.delete(greenlet);
  else hub.schedule(new Leftover(greenlet));
  return first;
}

/** Takes back an interrupt that is held back; nothing happens when it has been thrown. @internal */
export function takeBack(greenlet: Greenlet, error: unknown): void {
  const errors = held.get(greenlet);
  const at = errors === undefined ? -1 : errors.indexOf(error);
  if (at >= 0) (errors as unknown[]).splice(at, 1);
}

/** Throws what is left over from a shield, one at a time. */
class Leftover implements Queued {
  private readonly greenlet: Greenlet;

  constructor(greenlet: Greenlet) {
    this.greenlet = greenlet;
  }

  turn(): void {
    const { greenlet } = this;
    const errors = held.get(greenlet);
    // The end of another shield, which has begun meanwhile, takes care of them.
    if (errors === undefined || (greenlet.flags & SHIELDED) !== 0) return;
    if (errors.length === 0 || greenlet.dead) {
      held.delete(greenlet);
      return;
    }
    const error = errors.shift();
    hub.schedule(this);
    interrupt(greenlet, error);
  }
}
