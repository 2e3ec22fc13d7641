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
    throw new TypeError(`Expected an options object for ${verb}, as in { timeout: 100 }, got ${show(options)}`);
  }
  const ms = options.timeout;
  if (ms === undefined || ms === null || ms === Infinity) return -1;
  if (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0) {
    throw new TypeError(`Expected milliseconds from 0 up, or null for no limit, as the timeout of ${verb}, got ${show(ms)}`);
  }
  return ms;
}

/**
 * A wait that may give up after a time. The timer exists only while it is parked.
 */
export abstract class TimedWait<T> extends Wait<T> {
  /** Milliseconds, or -1 for no limit. */
  protected readonly limit: number;
  private timer: Limit | null;

  constructor(limit: number) {
    super();
    this.limit = limit;
    this.timer = null;
  }

  /** Called in the hub when the time is up: ends the wait with `this.resume(...)`. */
  abstract expire(): void;

  /** To be called by `begin` when it parks: starts the time limit, if there is one. */
  protected startLimit(): void {
    if (this.limit < 0) return;
    this.timer = new Limit(this as unknown as TimedWait<unknown>);
    hub.timers.add(this.timer, hub.now() + this.limit);
  }

  protected override left(): void {
    if (this.timer === null) return;
    hub.timers.remove(this.timer);
    this.timer = null;
  }

  protected override renew(): void {
    this.timer = null;
  }
}

class Limit implements Due {
  deadline = 0;
  order = 0;
  place = -1;
  private readonly wait: TimedWait<unknown>;

  constructor(wait: TimedWait<unknown>) {
    this.wait = wait;
  }

  fire(): void {
    this.wait.expire();
  }
}
