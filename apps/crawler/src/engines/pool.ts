import { availableParallelism } from 'node:os';
import { type Coroutine, type Greenlet, isInterrupt, joinall, killall, spawn } from '@switchyard/gevent';
import { BrokenExecutor, type Executor, type Future, TimeoutError } from '@switchyard/futures';
import type { Waitable } from '@switchyard/hub';
import type { EngineSettings } from '../engine.ts';
import { failureOf } from '../fetch/failure.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import type { Work } from '../work.ts';
import { prepare } from './visit.ts';

// What engines share whose workers are an executor's: threads, or whatever else has its own memory.

/** A worker waits for its page most of the time, so that a core has room for several. */
const PER_CORE = 4;
/** Each worker loads its own copy of all code before its first page. */
const MOST = 16;
/** What a worker may take to read a page, once its transfer is over or has run out of time, in milliseconds. */
export const READING = 10_000;
/** How long a fetch that is given up may take to let go of its connection, in milliseconds. */
const GRACE = 250;

/** Does a job in a worker: a task that can be found by name there. */
export type VisitTask = (job: Job) => Coroutine<Outcome>;

/** As many workers as pages may be in flight, within what a machine bears. */
export function workersFor(concurrency: number): number {
  return Math.min(concurrency, PER_CORE * availableParallelism(), MOST);
}

/** How many workers there are to be. */
export function workersOf({ concurrency, workers }: EngineSettings): number {
  return Math.min(concurrency, workers ?? workersFor(concurrency));
}

/** Who does jobs elsewhere. */
export interface Visitors {
  /** @throws BrokenExecutor when nobody can do any more */
  submit(job: Job): Future<Outcome>;
  /** Gives up what is under way, and waits until nobody is left. */
  shutdown(): Waitable<void>;
}

/** An executor's workers, each of which does one job at a time. */
export function oneEach(pool: Executor, task: VisitTask): Visitors {
  return { submit: (job) => pool.submit(task, job), shutdown: () => pool.shutdown() };
}

/** What an executor's workers need to run `visit`. */
export interface PoolOptions {
  readonly name: string;
  readonly maxWorkers: number;
  readonly initializer: (settings: FetchSettings) => void;
  readonly initargs: [FetchSettings];
  readonly taskTimeout: number | null;
  readonly grace: number;
}

/**
 * The options of an executor for a crawl.
 *
 * @param workers how many
 * @param reading milliseconds that a page may take after its transfer; null where a task is not a page
 */
export function poolOptions({ fetch }: EngineSettings, workers: number, reading: number | null): PoolOptions {
  return {
    name: 'the crawl',
    maxWorkers: workers,
    initializer: prepare,
    initargs: [fetch],
    taskTimeout: reading === null ? null : fetch.timeouts.total + reading,
    grace: GRACE,
  };
}

/**
 * Does all the work there is elsewhere, and ends those who do it, also when it is killed.
 *
 * A page whose worker dies fails, and so does one whose task throws; the others are done. The crawl fails when no more
 * workers can be started.
 *
 * @param places how many jobs are given to them at once: as many as they can be doing, so that a job is only taken when one
 *   of them is free for it
 */
export function* crawlInPool(work: Work, visitors: Visitors, places: number): Coroutine {
  const takers: Greenlet<void>[] = [];

  function* taker(): Coroutine {
    for (let job = yield* work.next(); job !== undefined; job = yield* work.next()) {
      work.done(job, yield* outcomeOf(visitors.submit(job)));
    }
  }

  try {
    for (let index = 0; index < places; index++) takers.push(spawn(taker));
    void (yield* joinall(takers, { raiseError: true }));
  } finally {
    yield* killall(takers);
    yield* visitors.shutdown();
  }
}

/** Waits for what comes of a job; when that wait is given up, so is the job. */
function* outcomeOf(future: Future<Outcome>): Coroutine<Outcome> {
  const start = performance.now();
  try {
    return yield* future;
  } catch (error) {
    if (isInterrupt(error)) throw error;
    const timings = { headers: performance.now() - start, body: 0 };
    const failure = failureOf(error, { status: undefined, timings });
    // It may have been another's fault, or the machine's: a page is worth another worker.
    if (error instanceof BrokenExecutor) return { ...failure, message: error.message, temporary: true };
    // The limits of the fetch hold in the worker: it was the page that took so long to read, and would again.
    if (error instanceof TimeoutError) return { ...failure, kind: 'timeout_total', message: error.message };
    return failure;
  } finally {
    if (!future.done()) future.kill('the crawl gives it up');
  }
}
