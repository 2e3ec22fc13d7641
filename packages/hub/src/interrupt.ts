import { type Greenlet, GreenletExit } from '@switchyard/greenlet';
import { ERROR } from '@switchyard/greenlet/scheduler';
import { LoopExit } from './errors.ts';
import { SHIELDED } from './flags.ts';
import { hub } from './hub.ts';
import type { Queued } from './ring.ts';
import type { Wait } from './wait.ts';

/** What is thrown into a greenlet from outside: a kill, or a timeout. */
interface Interrupt {
  readonly error: unknown;
  /** How many shields there had been when it was made: it passes those, and is held back by those that came later. */
  readonly mark: number;
  /** Called when it is thrown, after all that may hold it back. */
  readonly delivered: (() => void) | null;
}

/** The shields that a greenlet is in, and what they hold back. */
interface Held {
  /** Their numbers, innermost last. */
  readonly shields: number[];
  /** Also what is left over when they have ended: each is thrown in a turn of its own, and can be taken back until then. */
  readonly waiting: Interrupt[];
}

const held = new Map<Greenlet, Held>();
/** For greenlets whose interrupts somebody has to tell from errors of their own: those that came so far. */
const records = new Map<Greenlet, Set<unknown>>();

/** How many shields there have been so far: what a timeout notes when it starts, to pass the shield that it is in. @internal */
export let shields = 0;

/**
 * Throws an error into a greenlet, wherever it is: its wait is undone first. A shielded one gets it when its shield
 * ends, unless the shield is older than `mark`. `delivered` is called just before. To be called in the hub only. @internal
 */
export function interrupt(
  greenlet: Greenlet,
  error: unknown,
  mark = 0,
  delivered: (() => void) | null = null,
): void {
  if (greenlet.dead) return;
  const { ending } = hub;
  if (ending !== null && error instanceof GreenletExit) {
    // All are killed at once when the program ends. Those who kill their own besides must not cut a cleanup short.
    if (ending.has(greenlet)) return;
    ending.add(greenlet);
  }
  if (records.size > 0) records.get(greenlet)?.add(error);
  if ((greenlet.flags & SHIELDED) !== 0) {
    const { shields, waiting } = held.get(greenlet) as Held;
    // Nothing could ever end a shield whose body waits for ever: it must hear of that.
    if (!passes(shields, mark) && !(error instanceof LoopExit)) {
      waiting.push({ error, mark, delivered });
      return;
    }
  }
  hub.scopes?.interrupted(greenlet, error);
  delivered?.();
  undoWait(greenlet, error);
  hub.switchTo(greenlet, ERROR, error);
}

/**
 * Has the interrupts of a greenlet recorded from now on, by whoever is the first to ask.
 *
 * @returns those that come, and whether the record is new, so that `endRecord` has to be called
 * @internal
 */
export function recordInterrupts(greenlet: Greenlet): { record: ReadonlySet<unknown>; isNew: boolean } {
  const record = records.get(greenlet);
  if (record !== undefined) return { record, isNew: false };
  const fresh = new Set<unknown>();
  records.set(greenlet, fresh);
  return { record: fresh, isNew: true };
}

/** Ends `recordInterrupts`. @internal */
export function endRecord(greenlet: Greenlet): void {
  records.delete(greenlet);
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

/** Begins a shield: holds the interrupts of a greenlet back from now on. @internal */
export function holdBack(greenlet: Greenlet): void {
  let entry = held.get(greenlet);
  if (entry === undefined) held.set(greenlet, (entry = { shields: [], waiting: [] }));
  entry.shields.push(++shields);
  greenlet.flags |= SHIELDED;
}

/** Ends it, and gives the first interrupt that nothing holds back now; the others follow in their turns. @internal */
export function letThrough(greenlet: Greenlet): { error: unknown } | null {
  const entry = held.get(greenlet) as Held;
  entry.shields.pop();
  if (entry.shields.length === 0) greenlet.flags &= ~SHIELDED;
  const first = takeFirst(entry);
  if (first !== null) {
    hub.scopes?.interrupted(greenlet, first.error);
    first.delivered?.();
  }
  if (entry.waiting.length > 0) hub.schedule(new Leftover(greenlet));
  else if (entry.shields.length === 0) held.delete(greenlet);
  return first;
}

/** Takes back an interrupt that is held back; nothing happens when it has been thrown. @internal */
export function takeBack(greenlet: Greenlet, error: unknown): void {
  const entry = held.get(greenlet);
  if (entry === undefined) return;
  const at = entry.waiting.findIndex((one) => one.error === error);
  if (at >= 0) entry.waiting.splice(at, 1);
}

function passes(active: number[], mark: number): boolean {
  return active.length === 0 || (active[active.length - 1] as number) <= mark;
}

function takeFirst(entry: Held): Interrupt | null {
  const at = entry.waiting.findIndex(({ mark }) => passes(entry.shields, mark));
  return at < 0 ? null : (entry.waiting.splice(at, 1)[0] as Interrupt);
}

/** Throws what is left over from a shield, one at a time. */
class Leftover implements Queued {
  private readonly greenlet: Greenlet;

  constructor(greenlet: Greenlet) {
    this.greenlet = greenlet;
  }

  turn(): void {
    const { greenlet } = this;
    const entry = held.get(greenlet);
    if (entry === undefined) return;
    const next = greenlet.dead ? null : takeFirst(entry);
    if (next !== null) {
      hub.schedule(this);
      interrupt(greenlet, next.error, next.mark, next.delivered);
    } else if (entry.shields.length === 0 || greenlet.dead) {
      held.delete(greenlet);
    }
    // Otherwise it is held back by a shield that has begun meanwhile, whose end goes on with it.
  }
}
