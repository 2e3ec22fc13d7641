import { ThreadPoolExecutor } from '@switchyard/futures';
import type { Engine } from '../engine.ts';
import { crawlInPool, oneEach, poolOptions, READING, type VisitTask, workersFor, workersOf } from './pool.ts';
import { visit } from './visit.ts';

/**
 * A pool of threads, each doing one job after the other: one page at a time per thread, as a program with Python's
 * `ThreadPoolExecutor` would. A worker that dies fails the attempt that it was at, and another takes its place.
 */
export const threads: Engine = threadEngine(visit);

/** The engine, for a `visit` of one's own, and another limit on what reading takes. */
export function threadEngine(task: VisitTask, reading = READING): Engine {
  return {
    name: 'threads',
    workersFor,
    *run(work, settings) {
      const workers = workersOf(settings);
      const options = poolOptions(settings, workers, reading);
      const pool = new ThreadPoolExecutor({ ...options, threadNamePrefix: 'crawler' });
      yield* crawlInPool(work, oneEach(pool, task), workers);
    },
  };
}
