import { type Coroutine, Group } from '@switchyard/gevent';
import { type Connection, EOFError } from '@switchyard/multiprocessing';
import { currentTask, task } from '@switchyard/remote';
import { failureOf } from '../fetch/failure.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { finished, ready } from '../workload/read.ts';
import { equipment, type ReadTask } from './visit.ts';

/** What is told of jobs: the number of one whose page is read now, or that with what came of it. */
export type News = number | readonly [id: number, outcome: Outcome];

/**
 * Does jobs as they come, many at a time, each in a greenlet, until the line is closed, and tells what comes of them.
 *
 * @param first what to begin with
 * @throws Error when `prepare` has not run in this worker
 */
export const visits = task(
  import.meta,
  'visits',
  function* (line: Connection<Job>, read: ReadTask, first: readonly Job[]): Coroutine {
    const { fetcher, settings } = equipment('jobs');
    const self = currentTask();
    const visitors = new Group();
    yield* ready(settings);

    function* visit(job: Job): Coroutine {
      const arrival = yield* fetcher.fetch(job);
      let outcome: Outcome;
      if (arrival.type === 'failure') outcome = arrival;
      else {
        self.emit(job.id satisfies News);
        try {
          outcome = yield* finished(read(job, arrival, settings));
        } catch (error) {
          outcome = failureOf(error, { status: undefined, timings: arrival.timings });
        }
      }
      self.emit([job.id, outcome] satisfies News);
    }

    try {
      for (const job of first) void visitors.spawn(visit, job);
      for (;;) void visitors.spawn(visit, yield* line.recv());
    } catch (error) {
      if (!(error instanceof EOFError)) throw error;
    } finally {
      yield* visitors.kill();
    }
  },
);
