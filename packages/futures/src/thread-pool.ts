import { type ThreadPoolOptions, threadPoolSettings } from './thread-pool-options.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * An executor whose workers are threads of their own: for work that computes. A task is a function that was made known with
 * `task(import.meta, name, fn)`, or `inline(fn)`; its arguments and its result are copied, or moved where they were marked
 * with `transfer(...)`.
 *
 * ```ts
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 4 });
 * const future = pool.submit(parse, html);
 * console.log(await future);
 * ```
 *
 * Workers start as they are needed, and stay for the tasks that come; the process ends when nothing runs, also without a
 * `shutdown`. While tasks are short, a worker has some of them at hand; one that becomes idle takes over those that another
 * has not begun.
 *
 * A worker that exits, runs out of memory or is killed fails only the task that it was running, with a `BrokenExecutor`
 * that has the exit code; tasks that it had not begun go to another, and a new one takes its place.
 *
 * Python: `concurrent.futures.ThreadPoolExecutor`, where threads cannot compute at the same time, nor be killed.
 */
export class ThreadPoolExecutor<A extends unknown[] = unknown[]> extends WorkerPool {
  /**
   * @throws RangeError when a number is not a whole one from 1 up; TypeError when another option is not what it should be;
   *   TaskError when the initializer cannot be found by name in another thread; BootstrapError when the module that makes
   *   it is only being imported to find a task
   */
  constructor(options: ThreadPoolOptions<A> = {}) {
    super(options, (who, name) => threadPoolSettings(options, who, name));
  }
}
