import { hub } from '@switchyard/hub/core';
import { deaths, onDeath, othersAlive } from './agent.ts';

/** How often those who wait look for the dead, in milliseconds. @internal */
export const SLICE = 50;

/** A place where waits of this thread are parked. */
interface Place {
  readonly idle: boolean;
  readonly registered: boolean;
  look(): void;
  release(): void;
}

/**
 * Watches over the parked waits of this thread with one timer. It keeps the process alive while another thread could
 * wake them, which `Atomics.waitAsync` does not. When this thread is the only one, nobody can: the event loop may then
 * run empty, and the hub tells those who wait. It notices threads that have died, and has the waits look again.
 */
class Watch {
  /** Those with waits, and those that have a `waitAsync` left of them. */
  private readonly places = new Set<Place>();
  /** How many of them have waits. */
  private busy = 0;
  private timer: NodeJS.Timeout | null = null;
  /** Whether the timer keeps the process alive, and virtual time waits for the real world. */
  private holding = false;
  private deaths = deaths();

  constructor() {
    onDeath(() => this.lookAround());
  }

  /** Waits have come to a place where there were none. */
  enter(place: Place): void {
    this.places.add(place);
    if (++this.busy > 1) return;
    if (this.timer === null) {
      this.timer = setInterval(() => this.tick(), SLICE);
      this.timer.unref();
    }
    this.hold(othersAlive());
  }

  /** The last wait has left a place. */
  leave(place: Place): void {
    if (!place.registered) this.places.delete(place);
    if (--this.busy === 0) this.hold(false);
  }

  /** A place without waits has no `waitAsync` any more. */
  forget(place: Place): void {
    this.places.delete(place);
  }

  private tick(): void {
    const now = deaths();
    if (now !== this.deaths) {
      this.deaths = now;
      this.lookAround();
    }
    for (const place of this.places) if (place.idle) place.release();
    if (this.places.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
      return;
    }
    this.hold(this.busy > 0 && othersAlive());
  }

  private lookAround(): void {
    for (const place of this.places) if (!place.idle) place.look();
    if (this.busy > 0) this.hold(othersAlive());
  }

  private hold(on: boolean): void {
    if (this.holding === on) return;
    this.holding = on;
    hub.outside += on ? 1 : -1;
    if (on) this.timer?.ref();
    else this.timer?.unref();
  }
}

/** The one of this thread. @internal */
export const watch = new Watch();
