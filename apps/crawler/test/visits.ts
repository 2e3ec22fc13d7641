/** Visits, and readings, that go wrong, for tests of engines with workers. Workers import this file. */
import type { Coroutine } from '@switchyard/gevent';
import { task } from '@switchyard/remote';
import { type ReadTask, visit } from '../src/engines/visit.ts';
import type { Job } from '../src/job.ts';
import type { Outcome } from '../src/outcome.ts';
import { digest } from '../src/page/digest.ts';

/** Ends its worker at `/deadly`, and at `/shaky` the first time. */
export const deadlyVisit = task(import.meta, 'deadlyVisit', function* (job: Job): Coroutine<Outcome> {
  const outcome = yield* visit(job);
  const { pathname } = new URL(job.url);
  if (pathname === '/deadly' || (pathname === '/shaky' && job.attempt === 1)) process.exit(3);
  return outcome;
});

/** Reads `/endless` for ever once it has come, and does not let the event loop turn. */
export const endlessVisit = task(import.meta, 'endlessVisit', function* (job: Job): Coroutine<Outcome> {
  const outcome = yield* visit(job);
  if (job.url.endsWith('/endless')) for (;;);
  return outcome;
});

/** Has a bug at `/buggy`. */
export const buggyVisit = task(import.meta, 'buggyVisit', function* (job: Job): Coroutine<Outcome> {
  if (job.url.endsWith('/buggy')) {
    throw new RangeError('the parser tripped');
  }
  return yield* visit(job);
});

/**
 * Ends its process at `/deadly`, and at `/shaky` the first time; reads `/endless` for ever; has a bug at `/buggy`.
 */
export const oddRead: ReadTask = task(
  import.meta,
  'oddRead',
  (job: Job, ...rest: Parameters<ReadTask> extends [Job, ...infer R] ? R : never) => {
    const { pathname } = new URL(job.url);
    if (pathname === '/deadly') process.exit(3);
    if (pathname === '/shaky' && job.attempt === 1) process.kill(process.pid, 'SIGKILL');
    if (pathname === '/endless' || pathname === '/shaky') while (job.attempt === 1);
    if (pathname === '/buggy') throw new RangeError('the parser tripped');
    return digest(job, ...rest);
  },
);
