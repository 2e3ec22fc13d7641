import type { Coroutine } from '@switchyard/gevent';
import { task } from '@switchyard/remote';
import { attempt } from '../attempt.ts';
import type { Arrival } from '../fetch/arrival.ts';
import { Fetcher } from '../fetch/fetcher.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { digest } from '../page/digest.ts';

// A module of its own, as it is what each worker imports: the pool, the crawl and the command line stay out of it.

/** What a worker fetches with. */
interface Equipment {
  readonly fetcher: Fetcher;
  readonly settings: FetchSettings;
}

/** This worker's, for as long as it lives: its connections stay open from one page to the next. */
let own: Equipment | undefined;

/** Gets a worker ready for its first job. */
export const prepare = task(import.meta, 'prepare', (settings: FetchSettings): void => {
  own?.fetcher.close();
  own = { fetcher: new Fetcher(settings), settings };
});

/** @param what is to be fetched @throws Error when `prepare` has not run in this worker */
export function equipment(what: string): Equipment {
  if (own !== undefined) return own;
  throw new Error(
    `Nothing to fetch ${what} with: run prepare(settings) first, as the initializer of the pool`,
  );
}

/**
 * Does a whole job in the worker that runs it. Only the outcome goes back: bodies stay where they were read.
 *
 * @throws Error when `prepare` has not run in this worker
 */
export const visit = task(import.meta, 'visit', function* (job: Job): Coroutine<Outcome> {
  const { fetcher, settings } = equipment(job.url);
  return yield* attempt(job, fetcher, settings);
});

/** Makes an outcome of what has arrived: a task that can be found by name in a worker. */
export type ReadTask = (job: Job, arrival: Arrival, settings: FetchSettings) => Outcome;

/** Reads a page in the worker that has fetched it. */
export const read: ReadTask = task(import.meta, 'read', digest);
