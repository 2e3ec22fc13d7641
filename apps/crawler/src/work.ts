import { type Coroutine, Waiter } from '@switchyard/hub';
import type { Crawl } from './core/crawl.ts';
import type { Job } from './job.ts';
import type { Outcome } from './outcome.ts';

/** Why no further job was under way. */
export type Hold =
  /** All of the engine's places were taken: what limits is how long a page takes and how many may be under way. */
  | 'places'
  /** There were pages to fetch, and their hosts' limits, delays or pauses held them back. */
  | 'hosts'
  /** All that was known to fetch had failed before, and it was too early to try again. */
  | 'retries'
  /** Nothing was known that could be fetched; pages under way might have named some. */
  | 'frontier'
  /** The records could not be written as fast as they came. */
  | 'output';

/** Where the time of a crawl went, in milliseconds. */
export type HoldTimes = Record<Hold, number>;

/** Milliseconds since 1970, which never go back. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * A crawl with a clock, for engines: hands out jobs when they may start and takes outcomes.
 */
export class Work {
  readonly crawl: Crawl;
  /** Set while nobody takes the records: no job is handed out then. Call {@link pump} after clearing it. */
  outputFull = false;
  readonly #clock: () => number;
  readonly #out = new Map<number, Job>();
  /** Those who wait for a job, the one who came first at the front. */
  readonly #takers = new Set<Waiter<Job | undefined>>();
  readonly #listeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined = undefined;
  #timerAt = Infinity;
  readonly #times: HoldTimes = { places: 0, hosts: 0, retries: 0, frontier: 0, output: 0 };
  #hold: Hold = 'frontier';
  #heldSince: number;

  constructor(crawl: Crawl, clock: () => number = wallClock) {
    this.crawl = crawl;
    this.#clock = clock;
    this.#heldSince = clock();
  }

  /** Whether there is nothing to do and nothing under way. */
  get finished(): boolean {
    return this.crawl.finished;
  }

  /** How long what held the crawl back. */
  get times(): HoldTimes {
    this.#note(this.#hold);
    return { ...this.#times };
  }

  /** A job that may start now, or `undefined`. Never waits. */
  take(): Job | undefined {
    if (this.outputFull) {
      this.#note('output');
      return undefined;
    }
    const now = this.#clock();
    const next = this.crawl.next(now);
    if (next.type === 'job') {
      this.#out.set(next.job.id, next.job);
      this.#note('places');
      return next.job;
    }
    this.#note(this.#reason());
    if (next.type === 'wait') this.#wakeAt(next.until, now);
    return undefined;
  }

  /** Waits for a job; gives `undefined` when there will be no more. */
  *next(): Coroutine<Job | undefined> {
    const job = this.#takers.size === 0 ? this.take() : undefined;
    if (job !== undefined) return job;
    const taker: Waiter<Job | undefined> = new Waiter(() => this.#takers.delete(taker));
    this.#takers.add(taker);
    if (this.#takers.size === 1) this.pump();
    return yield* taker;
  }

  /** Hands in what came of a job. */
  done(job: Job, outcome: Outcome): void {
    this.#out.delete(job.id);
    this.crawl.done(job, outcome, this.#clock());
    this.pump();
  }

  /** Takes back every job that was handed out and not handed in. For when an engine was killed. */
  abandon(): void {
    const now = this.#clock();
    for (const job of this.#out.values()) this.crawl.release(job, now);
    this.#out.clear();
    clearTimeout(this.#timer);
  }

  /** Starts nothing any more; what is under way may end. */
  stop(reason: string): void {
    this.crawl.stop(reason);
    this.pump();
  }

  /** Calls `listener` whenever {@link take} may have something again, or everything is finished. For engines that do not wait in {@link next}. */
  onReady(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Gives jobs to those who wait for one. */
  pump(): void {
    for (const taker of this.#takers) {
      const job = this.take();
      if (job === undefined) break;
      this.#takers.delete(taker);
      taker.wake(job);
    }
    if (this.#takers.size > 0 && this.finished) {
      for (const taker of this.#takers) taker.wake(undefined);
      this.#takers.clear();
    }
    for (const listener of this.#listeners) listener();
  }

  /** Why there is no job. */
  #reason(): Hold {
    const { waiting, waitingRetries } = this.crawl;
    if (waiting === 0) return 'frontier';
    return waiting === waitingRetries ? 'retries' : 'hosts';
  }

  #wakeAt(at: number, now: number): void {
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.pump();
      },
      Math.max(1, Math.ceil(at - now)),
    );
  }

  #note(hold: Hold): void {
    const now = this.#clock();
    this.#times[this.#hold] += now - this.#heldSince;
    this.#heldSince = now;
    this.#hold = hold;
  }
}
