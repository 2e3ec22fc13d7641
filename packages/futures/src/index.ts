export { type AsCompleted, asCompleted } from './as-completed.ts';
export {
  type BrokenDetails,
  BrokenExecutor,
  CancelledError,
  InvalidStateError,
  RuntimeError,
  TimeoutError,
  UnretrievedError,
} from './errors.ts';
export { Executor } from './executor.ts';
export type {
  ExecutorMapOptions,
  ExecutorOptions,
  ShutdownOptions,
  SubmitOptions,
} from './executor-options.ts';
export { Future } from './future.ts';
export type { FutureState } from './future-state.ts';
export type { KillTaskOptions } from './future-stop.ts';
export { GreenletPoolExecutor, type GreenletPoolOptions } from './greenlet-pool.ts';
export type { HistogramSnapshot } from './histogram.ts';
export type { MapResults } from './map-results.ts';
export type { ItemSource } from './map-results-feed.ts';
export type { ExecutorStats } from './pool-stats.ts';
export { ProcessPoolExecutor } from './process-pool.ts';
export type { ProcessPoolOptions } from './process-pool-options.ts';
export { ThreadPoolExecutor } from './thread-pool.ts';
export { ThreadPool } from './thread-pool-greenlets.ts';
export type { ThreadPoolOptions } from './thread-pool-options.ts';
export type { WorkerPoolOptions } from './worker-pool-options.ts';
export {
  ALL_COMPLETED,
  type DoneAndNotDone,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  wait,
  type WaitFuturesOptions,
} from './wait.ts';
export { currentTask, inline, isMain, register, type TaskContext, task, transfer } from '@switchyard/remote';
