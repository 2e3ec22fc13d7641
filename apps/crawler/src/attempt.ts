import type { Coroutine } from '@switchyard/gevent';
import type { Fetcher } from './fetch/fetcher.ts';
import type { FetchSettings } from './fetch/settings.ts';
import type { Job } from './job.ts';
import type { Outcome } from './outcome.ts';
import { read } from './workload/read.ts';

/** Does a whole job in the greenlet that calls it: the transfer, and the reading, which only waits where its work does. */
export function* attempt(job: Job, fetcher: Fetcher, settings: FetchSettings): Coroutine<Outcome> {
  const arrival = yield* fetcher.fetch(job);
  return arrival.type === 'failure' ? arrival : yield* read(job, arrival, settings);
}
