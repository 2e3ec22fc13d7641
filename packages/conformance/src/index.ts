export { bodies, perform } from './bodies.ts';
export {
  type BarrierAdapter,
  type BarrierActionName,
  barrierActions,
  barrierCases,
  barrierContract,
  type BarrierLike,
  type BarrierMaking,
} from './barrier.ts';
export { type ConditionAdapter, conditionCases, conditionContract, type ConditionLike } from './condition.ts';
export { type Case, type CaseBody, casesFor, type Contract, hold, runCase } from './contract.ts';
export { type Crew, Killed, Member, type WorkerBody } from './crew.ts';
export { type EventAdapter, eventCases, eventContract, type EventLike } from './event.ts';
export {
  type ExecutorAdapter,
  type ExecutorLike,
  type ExecutorMaking,
  futureCases,
  futureContract,
  type FutureLike,
  type TaskLike,
} from './future.ts';
export { greenletCrew, greenlets } from './greenlets.ts';
export { type LockAdapter, lockCases, lockContract, type LockLike } from './lock.ts';
export type { AcquireLike, MutexAdapter, MutexLike } from './mutex.ts';
export {
  type ClosableLike,
  type JoinableLike,
  type QueueAdapter,
  queueCases,
  queueContract,
  type QueueLike,
  type QueueWaitLike,
} from './queue.ts';
export { type RLockAdapter, rlockCases, rlockContract, type RLockLike } from './rlock.ts';
export { Scene, type World } from './scene.ts';
export { type SemaphoreAdapter, semaphoreCases, semaphoreContract, type SemaphoreLike } from './semaphore.ts';
export { count, read, type SharedNumbers, sharedTally, type Tally } from './tally.ts';
export { type TaskName, tasks } from './tasks.ts';
