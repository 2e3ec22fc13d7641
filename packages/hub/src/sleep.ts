import { show } from '@switchyard/greenlet/scheduler';
import { hub } from './hub.ts';
import type { Queued } from './ring.ts';
import type { Due } from './timers.ts';
import { PENDING, VALUE, Wait } from './wait.ts';
import type { Waitable } from './waitable.ts';

/**
 * Waits for `ms` milliseconds, never less. `sleep(0)`, the default, goes to the back of the run queue; a loop of it
 * starves neither timers nor sockets. A sleeping greenlet keeps the process alive as a `setTimeout` would.
 * `sleep(Infinity)` waits until it is killed.
 *
 * @throws TypeError when `ms` is not a number
 *
 * Python: `gevent.sleep` (there in seconds).
 */
export function sleep(ms = 0): Waitable<void> {
  if (typeof ms !== 'number' || Number.isNaN(ms)) {
    throw new TypeError(`Expected a number of milliseconds for sleep, got ${show(ms)}`);
  }
  return ms > 0 ? new Sleep(ms) : new Pause();
}

/** To the back of the run queue. */
class Pause extends Wait<void> implements Queued {
  turn(): void {
    this.resume(VALUE, undefined);
  }

  override describe(): string {
    return 'sleep 0 ms';
  }

  protected override begin(): typeof PENDING {
    hub.schedule(this);
    return PENDING;
  }

  protected override detach(): void {}
}

class Sleep extends Wait<void> implements Due {
  deadline: number;
  order: number;
  place: number;
  private readonly ms: number;

  constructor(ms: number) {
    super();
    this.deadline = 0;
    this.order = 0;
    this.place = -1;
    this.ms = ms;
  }

  fire(): void {
    this.resume(VALUE, undefined);
  }

  override describe(): string {
    return `sleep ${this.ms} ms`;
  }

  protected override begin(): typeof PENDING {
    if (this.ms !== Infinity) hub.timers.add(this, hub.now() + this.ms);
    return PENDING;
  }

  protected override detach(): void {
    hub.timers.remove(this);
  }

  protected override renew(): void {
    this.place = -1;
  }
}

/**
 * Waits until nothing else is runnable: the run queue is empty. Python: `gevent.idle`.
 */
export function idle(): Waitable<void> {
  return new Idle();
}

class Idle extends Wait<void> implements Queued {
  turn(): void {
    this.resume(VALUE, undefined);
  }

  override describe(): string {
    return 'idle';
  }

  protected override begin(): typeof PENDING {
    hub.idlers.push(this);
    hub.schedule(NOTHING);
    return PENDING;
  }

  protected override detach(): void {
    const at = hub.idlers.indexOf(this);
    if (at >= 0) hub.idlers.splice(at, 1);
  }
}

// Has the queue drained, should the one who idles be the only one there.
const NOTHING: Queued = { turn() {} };
