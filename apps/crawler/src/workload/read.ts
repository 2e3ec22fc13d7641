import { type Coroutine, isInterrupt, until } from '@switchyard/hub';
import type { Arrival } from '../fetch/arrival.ts';
import { failureOf } from '../fetch/failure.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { digest } from '../page/digest.ts';
import { now } from '../page/trace.ts';
import { asJson, isLoaded, loadWork, Pending } from './perform.ts';

/**
 * Makes the outcome of a job from what arrived for it, as `digest` does, for work that may have to be loaded or waited for. Does not
 * wait where neither is so.
 */
export function* read(job: Job, arrival: Arrival, settings: FetchSettings): Coroutine<Outcome> {
  yield* ready(settings);
  return yield* finished(digest(job, arrival, settings));
}

/** Waits until the work of a crawl can be done in this thread. @throws WorkloadError when its module cannot be loaded */
export function* ready({ work }: Pick<FetchSettings, 'work'>): Coroutine {
  if (work !== undefined && !isLoaded(work)) yield* until(loadWork(work));
}

/** Waits for what a page's work returns, where that has to be waited for. A page whose work throws has failed. */
export function* finished(outcome: Outcome): Coroutine<Outcome> {
  if (outcome.type !== 'answer' || outcome.content.type !== 'page') return outcome;
  const { content, timings } = outcome;
  if (!(content.work instanceof Pending)) return outcome;
  try {
    const result = asJson(yield* waited(content.work.source));
    const trace = timings.trace === undefined ? undefined : { ...timings.trace, ended: now() };
    return {
      ...outcome,
      timings: trace === undefined ? timings : { ...timings, trace },
      content: { ...content, work: result },
    };
  } catch (error) {
    if (isInterrupt(error)) throw error;
    return { ...failureOf(error, { status: outcome.status, timings }), timings, temporary: false };
  }
}

function* waited(source: unknown): Coroutine<unknown> {
  if (typeof (source as { then?: unknown }).then === 'function')
    return yield* until(source as PromiseLike<unknown>);
  return yield* source as Coroutine<unknown>;
}
