import type { Coroutine } from '@switchyard/gevent';
import { task } from '@switchyard/remote';
import { attempt } from '../attempt.ts';
import { Fetcher } from '../fetch/fetcher.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';

// A module of its own, as it is what each worker imports: the pool, the crawl and the command line stay out of it.

/** What this worker fetches with, for as long as it lives: its connections stay open from one page to the next. */
let own: { readonly fetcher: Fetcher; readonly settings: FetchSettings } | undefined;

/** Gets a worker ready for its first job. */
export const prepare = task(import.meta, 'prepare', (settings: FetchSettings): void => {
  own?.fetcher.close();
  own = { fetcher: new Fetcher(settings), settings };
});

/**
 * Does a whole job in the worker that runs it. Only the outcome goes back: bodies stay where they were read.
 *
 * @throws Error when `prepare` has not run in this worker
 */
export const visit = task(import.meta, 'visit', function* (job: Job): Coroutine<Outcome> {
  if (own === undefined) {
    throw new Error(
      `Nothing to fetch ${job.url} with: run prepare(settings) first, as the initializer of the pool`,
    );
  }
  return yield* attempt(job, own.fetcher, own.settings);
});
