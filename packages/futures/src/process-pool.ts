import { type ProcessPoolOptions, processPoolSettings } from './process-pool-options.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * An executor whose workers are processes of their own: for work that computes and that must not take this process along when
 * it crashes, or that needs more memory than one has. A task is a function that was made known with
 * `task(import.meta, name, fn)`, or `inline(fn)`; its arguments and its result are copied, what is marked with `transfer(...)`
 * too. Memory that threads share cannot be sent; the locks, queues, arrays and so on of @switchyard/multiprocessing can.
 *
 * ```ts
 * await using pool = new ProcessPoolExecutor({ maxWorkers: 4 });
 * const future = pool.submit(parse, html);
 * console.log(await future);
 * ```
 *
 * Workers start as they are needed, and stay for the tasks that come; the program ends when nothing runs, also without a
 * `shutdown`, and no worker outlives it, however it ends. They are no daemons, and may have children of their own.
 *
 * A worker that exits, crashes, runs out of memory or is killed fails only the task that it was running, with a
 * `BrokenExecutor` that has its `pid`, its `exitCode` or the `signal`; tasks that it had not begun go to another, and a new
 * one takes its place. In Python the whole pool is broken then. Here it is only when its initializer fails, or no worker can
 * be started.
 *
 * While tasks are short, a worker has some of them at hand. One of those can be killed but not cancelled any more, as in
 * Python. When the task before it takes longer than expected, it is asked back for another worker.
 *
 * Python: `concurrent.futures.ProcessPoolExecutor`.
 */
export class ProcessPoolExecutor<A extends unknown[] = unknown[]> extends WorkerPool {
  /**
   * @throws RangeError when a number is not a whole one from 1 up; TypeError when another option is not what it should be;
   *   TaskError when the initializer cannot be found by name in another process; BootstrapError when the module that makes
   *   it is only being imported to find a task
   */
  constructor(options: ProcessPoolOptions<A> = {}) {
    super(options, (who, name) => processPoolSettings(options, who, name));
  }
}
