export { asCompleted } from './as-completed.ts';
export {
  BrokenExecutor,
  CancelledError,
  InvalidStateError,
  RuntimeError,
  TimeoutError,
  UnretrievedError,
} from './errors.ts';
export { Executor } from './executor.ts';
export type { ExecutorMapOptions, ExecutorOptions, ShutdownOptions, SubmitOptions } from './executor-options.ts';
export { Future, type FutureState, type KillTaskOptions } from './future.ts';
export { GreenletPoolExecutor, type GreenletPoolOptions } from './greenlet-pool.ts';
export type { HistogramSnapshot } from './histogram.ts';
export type { MapResults } from './map-results.ts';
export type { ExecutorStats } from './pool-stats.ts';
export { ThreadPoolExecutor, type ThreadPoolOptions } from './thread-pool.ts';
export { ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, wait } from './wait.ts';
export { currentTask, inline, isMain, register, type TaskContext, task, transfer } from '@switchyard/remote';
