import { hub } from '@switchyard/hub/core';
import { Histogram, type HistogramSnapshot } from './histogram.ts';

/** What an executor has done so far, and does now. Times are in milliseconds. */
export interface ExecutorStats {
  /** How many tasks it has been given. */
  readonly submitted: number;
  /** How many have returned. */
  readonly completed: number;
  /** How many have thrown, ran out of time, or died with their worker. */
  readonly failed: number;
  /** How many were cancelled before they began, or killed. */
  readonly cancelled: number;
  /** How many have yet to begin. */
  readonly pending: number;
  /** How many run. */
  readonly running: number;
  /** How many workers there are. */
  readonly workers: number;
  /** Which share of the workers' time so far was spent on tasks, 0 to 1. */
  readonly utilisation: number;
  /** How long the tasks that have ended ran. */
  readonly runTime: HistogramSnapshot;
  /** How long they had waited to begin. */
  readonly waitTime: HistogramSnapshot;
}

/** How a task ended. @internal */
export type Fate = 'completed' | 'failed' | 'cancelled';

/** Keeps account of an executor's tasks. @internal */
export class PoolStats {
  submitted: number;
  private readonly fates: Record<Fate, number>;
  private readonly runTime: Histogram;
  private readonly waitTime: Histogram;
  private running: number;
  private workers: number;
  /** The time that tasks have run and that workers have been there, each added up until `since`. */
  private busy: number;
  private there: number;
  private since: number;

  constructor() {
    this.submitted = 0;
    this.fates = { completed: 0, failed: 0, cancelled: 0 };
    this.runTime = new Histogram();
    this.waitTime = new Histogram();
    this.running = 0;
    this.workers = 0;
    this.busy = 0;
    this.there = 0;
    this.since = hub.now();
  }

  /** There are so many workers from now on. */
  staff(workers: number): void {
    this.advance(hub.now());
    this.workers = workers;
  }

  /** A task begins at `now` that was submitted at `submitted`. */
  began(submitted: number, now: number): void {
    this.advance(now);
    this.running++;
    this.waitTime.record(now - submitted);
  }

  /** A task ends at `now` that began at `began`. */
  ended(fate: Fate, began: number, now: number): void {
    this.advance(now);
    this.running--;
    this.fates[fate]++;
    this.runTime.record(now - began);
  }

  /** A task ends that never began. */
  dropped(fate: Fate): void {
    this.fates[fate]++;
  }

  /** What had been taken for the beginning of a task was none: it is going to begin elsewhere. */
  restarted(now: number): void {
    this.advance(now);
    this.running--;
  }

  snapshot(): ExecutorStats {
    this.advance(hub.now());
    const { completed, failed, cancelled } = this.fates;
    return {
      submitted: this.submitted,
      completed,
      failed,
      cancelled,
      pending: this.submitted - completed - failed - cancelled - this.running,
      running: this.running,
      workers: this.workers,
      utilisation: this.there === 0 ? 0 : Math.min(1, this.busy / this.there),
      runTime: this.runTime.snapshot(),
      waitTime: this.waitTime.snapshot(),
    };
  }

  private advance(now: number): void {
    const passed = now - this.since;
    if (passed <= 0) return;
    this.busy += passed * this.running;
    this.there += passed * this.workers;
    this.since = now;
  }
}
