import { type Due, hub, type ScheduledGreenlet } from '@switchyard/hub/core';

/** What a greenlet that will start later is parked on: its timer. @internal */
export class DelayedStart implements Due {
  deadline = 0;
  order = 0;
  place = -1;
  private readonly greenlet: ScheduledGreenlet;
  private readonly ms: number;

  constructor(greenlet: ScheduledGreenlet, ms: number) {
    this.greenlet = greenlet;
    this.ms = ms;
    if (ms !== Infinity) hub.timers.add(this, hub.now() + ms);
  }

  fire(): void {
    this.greenlet.parked = null;
    this.greenlet.turn();
  }

  /** Never starts it. */
  abandon(): void {
    hub.timers.remove(this);
    this.greenlet.parked = null;
  }

  describe(): string {
    return `its start after ${this.ms} ms`;
  }
}
