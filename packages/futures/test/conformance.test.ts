/** The executors and their futures are held to the contract that every package's are held to. */
import { type ExecutorAdapter, futureContract, greenlets, tasks } from '@switchyard/conformance';
import { asCompleted } from '../src/as-completed.ts';
import type { Future } from '../src/future.ts';
import { GreenletPoolExecutor } from '../src/greenlet-pool.ts';
import { ThreadPoolExecutor } from '../src/thread-pool.ts';
import { wait } from '../src/wait.ts';
import { threadTasks } from './conformance-worker.ts';

const waits = {
  wait: (futures, options) => wait(futures as Iterable<Future>, options),
  asCompleted: (futures, options) => asCompleted(futures as Iterable<Future>, options),
} as Pick<ExecutorAdapter, 'wait' | 'asCompleted'>;

futureContract({
  ...greenlets,
  ...waits,
  name: 'GreenletPoolExecutor',
  make: (making) => new GreenletPoolExecutor(making) as never,
  task: (name) => tasks[name],
});

futureContract({
  ...greenlets,
  ...waits,
  name: 'ThreadPoolExecutor',
  make: (making) => new ThreadPoolExecutor(making) as never,
  task: (name) => threadTasks[name],
  deadline: 60_000,
});
