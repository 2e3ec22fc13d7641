import { availableParallelism } from 'node:os';
import { ProcessPoolExecutor } from '@switchyard/futures';
import type { Engine } from '../engine.ts';
import { crawlInPool, poolOptions, READING } from './pool.ts';
import { type ReadTask, read } from './visit.ts';
import { ManyEach } from './many-each.ts';

/**
 * Processes that each do many jobs at a time, in greenlets: all cores read pages, and none waits for one. A process that
 * dies fails the page that it was reading; another takes its place, and does what it had under way.
 */
export const hybrid: Engine = hybridEngine(read);

/** The engine, for a `read` of one's own, and another limit on what that takes. */
export function hybridEngine(task: ReadTask, reading = READING): Engine {
  return {
    name: 'hybrid',
    workersFor: (concurrency) => Math.min(concurrency, availableParallelism()),
    inProcesses: true,
    manyEach: true,
    *run(work, settings) {
      const { concurrency, workers = availableParallelism() } = settings;
      const count = Math.min(concurrency, workers);
      const pool = new ProcessPoolExecutor(poolOptions(settings, count, null));
      yield* crawlInPool(work, new ManyEach(pool, count, task, reading), concurrency);
    },
  };
}
