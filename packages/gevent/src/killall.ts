import { show } from '@switchyard/greenlet/scheduler';
import { Timeout, type Waitable } from '@switchyard/hub';
import { checkTimeout, ERROR, hub, PENDING, type Queued, VALUE, Wait } from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { isThrownBy, type KillOptions, toThrow } from './kill.ts';
import { strike } from './kill-signal.ts';
import { deaths, type WaitAll } from './wait.ts';
import { list } from './watches.ts';

/** What `killall` takes. */
export interface KillallOptions extends KillOptions {
  /** What is thrown into them: an error or an error class; a `GreenletExit` when left out. */
  error?: unknown;
}

/**
 * Has a `GreenletExit`, or another error, thrown into all of them, in their turn. Those that have not begun never will.
 * The kill is on its way when this returns; what it returns waits for all of them to die.
 *
 * @throws (the waitable) Timeout when any of them outlives the `timeout` in ms
 *
 * Python: `gevent.killall`.
 */
export function killall(
  greenlets: Iterable<Greenlet<unknown>>,
  options: KillallOptions & { block: false },
): void;
export function killall(greenlets: Iterable<Greenlet<unknown>>, options?: KillallOptions): Waitable<void>;
export function killall(
  greenlets: Iterable<Greenlet<unknown>>,
  options?: KillallOptions,
): Waitable<void> | void {
  const limit = checkTimeout(options, 'killall');
  const error = thrower(options?.error);
  const victims = list(greenlets, 'killall');
  victims.forEach((greenlet, at) => {
    if (greenlet instanceof Greenlet) return;
    throw new TypeError(`Expected a Greenlet at ${at} of killall, got ${show(greenlet)}`);
  });
  let alive = 0;
  for (const victim of victims) if (!victim.ready() && !victim.cancelStart(error())) alive++;
  const kill = new KillAll(victims, options?.error, error, limit);
  if (alive > 0) hub.schedule(kill);
  return options?.block === false ? undefined : kill;
}

/** Kills one greenlet; the same as `greenlet.kill(error)`, whose death it waits for. Python: `gevent.kill`. */
export function kill(greenlet: Greenlet<unknown>, error?: unknown): Waitable<void> {
  if (!(greenlet instanceof Greenlet))
    throw new TypeError(`Expected a Greenlet for kill, got ${show(greenlet)}`);
  return greenlet.kill(error);
}

// Nobody tells one exit from another, so that all victims get the same; an error class is made anew for each.
function thrower(error: unknown): () => unknown {
  if (typeof error === 'function') return () => toThrow(error);
  const shared = toThrow(error);
  return () => shared;
}

class KillAll extends Wait<void> implements Queued {
  private readonly victims: Greenlet<unknown>[];
  private readonly given: unknown;
  private readonly error: () => unknown;
  private readonly limit: number;
  private thrown = false;
  private end: Wait<unknown> | null = null;

  /** @param given what the user gave, of which `error` makes what is thrown */
  constructor(victims: Greenlet<unknown>[], given: unknown, error: () => unknown, limit: number) {
    super();
    this.victims = victims;
    this.given = given;
    this.error = error;
    this.limit = limit;
  }

  turn(): void {
    this.thrown = true;
    for (const victim of this.victims) strike(victim, this.error());
    if (this.parked) this.rest();
  }

  override describe(): string {
    return `the death of ${this.victims.filter((victim) => !victim.ready()).length} greenlets`;
  }

  protected override begin(): void | typeof PENDING {
    if (this.victims.every((victim) => victim.ready())) {
      this.notice();
      return;
    }
    if (this.thrown) this.rest();
    return PENDING;
  }

  protected override detach(): void {
    this.end?.abandon();
  }

  protected override renew(): void {
    this.thrown = true;
    this.end = null;
  }

  // Who kills knows the error that he has thrown.
  private notice(): void {
    if (this.given === undefined || this.given === null) return;
    for (const victim of this.victims) {
      if (isThrownBy(this.given, victim.unobserved()?.error)) void victim.exception;
    }
  }

  /** Waits for those that the error has not ended at once. */
  private rest(): void {
    this.notice();
    const alive = this.victims.filter((victim) => !victim.ready());
    if (alive.length === 0) {
      this.resume(VALUE, undefined);
      return;
    }
    const end = deaths(alive, this.given, this.limit < 0 ? undefined : this.limit) as WaitAll<
      Greenlet<unknown>
    >;
    this.end = end;
    const done = end.startFor({
      take: () => {
        const left = alive.filter((victim) => !victim.ready()).length;
        if (left === 0) this.resume(VALUE, undefined);
        else
          this.resume(
            ERROR,
            new Timeout(this.limit, `${left} greenlets outlived their kill by ${this.limit} ms`),
          );
      },
    });
    if (done !== PENDING) this.resume(VALUE, undefined);
  }
}
