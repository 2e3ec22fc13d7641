import { ProcessPoolExecutor } from '@switchyard/futures';
import type { Engine } from '../engine.ts';
import { crawlInPool, oneEach, poolOptions, READING, type VisitTask, workersFor, workersOf } from './pool.ts';
import { visit } from './visit.ts';

/**
 * A pool of processes, each doing one job after the other: one page at a time per process, as a program with Python's
 * `ProcessPoolExecutor` would. A worker that dies, whatever kills it, fails the attempt that it was at, and another takes
 * its place.
 */
export const processes: Engine = processEngine(visit);

/** The engine, for a `visit` of one's own, and another limit on what reading takes. */
export function processEngine(task: VisitTask, reading = READING): Engine {
  return {
    name: 'processes',
    workersFor,
    inProcesses: true,
    *run(work, settings) {
      const workers = workersOf(settings);
      const pool = new ProcessPoolExecutor(poolOptions(settings, workers, reading));
      yield* crawlInPool(work, oneEach(pool, task), workers);
    },
  };
}
