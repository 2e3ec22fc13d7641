import { type Body, follow } from './follow.ts';
import { inStrand } from './block.ts';
import { type Clock, hub } from './hub.ts';
import type { Outcome } from './waitable.ts';

/** How long promises of the real world may take before virtual time goes on without them, in real milliseconds. */
const GRACE = 20;

/**
 * Runs a body as a greenlet on a clock that does not wait: when nothing is runnable, time jumps to the next sleep or
 * timeout that is due, so that hours take milliseconds and everything still happens in due order. For tests. While
 * promises of the real world (`until`, `fetch`) are under way, the clock first gives them 20 real milliseconds.
 *
 * @returns a promise of what the body returns
 * @throws Error when virtual time is running already
 */
export async function withVirtualTime<R>(body: Body<R>): Promise<Outcome<R>> {
  if (hub.clock !== null)
    throw new VirtualTimeError('virtual time is running already: withVirtualTime does not nest');
  if (hub.timers.size > 0) {
    throw new VirtualTimeError(
      `${hub.timers.size} timers run in real time: start virtual time before any sleep or timeout`,
    );
  }
  const clock = new VirtualClock();
  hub.clock = clock;
  try {
    return await inStrand('withVirtualTime', () => follow(body));
  } finally {
    clock.stop();
    hub.clock = null;
    // Who sleeps on goes on sleeping, in real time.
    hub.timers.shift(hub.now() - clock.now());
  }
}

/** Virtual time cannot be started now. */
export class VirtualTimeError extends Error {
  static {
    this.prototype.name = 'VirtualTimeError';
  }
}

class VirtualClock implements Clock {
  private time = 0;
  private pending: NodeJS.Immediate | null = null;
  private grace: NodeJS.Timeout | null = null;
  private stopped = false;

  now(): number {
    return this.time;
  }

  alarm(): void {
    this.look();
  }

  drained(): void {
    this.look();
  }

  stop(): void {
    this.stopped = true;
    if (this.pending !== null) clearImmediate(this.pending);
    if (this.grace !== null) clearTimeout(this.grace);
  }

  // Jumps once the event loop has turned and nothing has become runnable.
  private look(): void {
    if (this.stopped || this.pending !== null || hub.timers.size === 0) return;
    this.pending = setImmediate(() => {
      this.pending = null;
      if (hub.runnable) return;
      if (hub.outside === 0) this.jump();
      else this.grace ??= setTimeout(() => this.jump(), GRACE);
    });
  }

  private jump(): void {
    if (this.grace !== null) clearTimeout(this.grace);
    this.grace = null;
    if (this.stopped || hub.runnable || hub.timers.size === 0) return;
    this.time = Math.max(this.time, hub.timers.next);
    hub.tick();
  }
}
