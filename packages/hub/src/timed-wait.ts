import { show } from '@switchyard/greenlet/scheduler';
import { hub } from './hub.ts';
import type { Due } from './timers.ts';
import { Wait } from './wait.ts';

/** The option that every wait with a time limit takes. */
export interface TimeoutOption {
  /** Milliseconds after which the wait is given up; null or left out for never. */
  timeout?: number | null | undefined;
}

/**
 * Checks a time limit. @returns milliseconds, or -1 for none
 * @throws TypeError when it is not a number that is 0 or more
 * @internal
 */
export function checkTimeout(options: TimeoutOption | undefined, verb: string): number {
  if (options === undefined) return -1;
  if (options === null || typeof options !== 'object') {
    throw new TypeError(
      `Expected an options object for ${verb}, as in { timeout: 100 }, got ${show(options)}`,
    );
  }
  const ms = options.timeout;
  if (ms === undefined || ms === null || ms === Infinity) return -1;
  if (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0) {
    throw new TypeError(
      `Expected milliseconds from 0 up, or null for no limit, as the timeout of ${verb}, got ${show(ms)}`,
    );
  }
  return ms;
}

/**
 * A wait that may give up after a time. The timer exists only while it is parked.
 */
export abstract class TimedWait<T> extends Wait<T> {
  // Milliseconds, -1 for no limit, or the timer while it runs: one field for both, as a million waits may be parked.
  private limited: number | Limit;

  /** @param limit milliseconds, or -1 for no limit */
  constructor(limit: number) {
    super();
    this.limited = limit;
  }

  /** Milliseconds, or -1 for no limit. */
  protected get limit(): number {
    return typeof this.limited === 'number' ? this.limited : this.limited.ms;
  }

  /** Called in the hub when the time is up: ends the wait with `this.resume(...)`. */
  abstract expire(): void;

  /** To be called by `begin` when it parks: starts the time limit, if there is one. */
  protected startLimit(): void {
    const ms = this.limited;
    if (typeof ms !== 'number' || ms < 0) return;
    const timer = new Limit(this as unknown as TimedWait<unknown>, ms);
    this.limited = timer;
    hub.timers.add(timer, hub.now() + ms);
  }

  protected override left(): void {
    const timer = this.limited;
    if (typeof timer === 'number') return;
    hub.timers.remove(timer);
    this.limited = timer.ms;
  }

  protected override renew(): void {
    this.limited = this.limit;
  }
}

class Limit implements Due {
  deadline: number;
  order: number;
  place: number;
  readonly ms: number;
  private readonly wait: TimedWait<unknown>;

  constructor(wait: TimedWait<unknown>, ms: number) {
    this.deadline = 0;
    this.order = 0;
    this.place = -1;
    this.ms = ms;
    this.wait = wait;
  }

  fire(): void {
    this.wait.expire();
  }
}
