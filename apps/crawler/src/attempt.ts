import type { Coroutine } from '@switchyard/gevent';
import type { Fetcher } from './fetch/fetcher.ts';
import type { FetchSettings } from './fetch/settings.ts';
import type { Job } from './job.ts';
import type { Outcome } from './outcome.ts';
import { digest } from './page/digest.ts';

/** Does a whole job in the greenlet that calls it: the transfer, which waits, and the reading, which does not. */
export function* attempt(job: Job, fetcher: Fetcher, settings: FetchSettings): Coroutine<Outcome> {
  const arrival = yield* fetcher.fetch(job);
  return arrival.type === 'failure' ? arrival : digest(job, arrival, settings);
}
