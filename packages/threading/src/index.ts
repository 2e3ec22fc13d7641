export { type AcquireOptions, Empty, Full, Held, ShutDown } from '@switchyard/remote/core';
export { Barrier, type BarrierOptions, BrokenBarrierError } from './barrier.ts';
export { Condition } from './condition.ts';
export { activeCount, enumerate, mainThread } from './current-thread.ts';
export { Event } from './event.ts';
export { excepthook, type ExceptHook, type ExceptHookArgs, setExcepthook } from './excepthook.ts';
export { local } from './local.ts';
export { Lock } from './lock.ts';
export { RLock } from './rlock.ts';
export { BoundedSemaphore, Semaphore } from './semaphore.ts';
export { currentThread, type KillThreadOptions, Thread, type ThreadOptions } from './thread.ts';
export { Timer, type TimerOptions } from './timer.ts';
export {
  BootstrapError,
  CloneError,
  currentTask,
  inline,
  isMain,
  register,
  RuntimeError,
  task,
  TaskError,
  TimeoutError,
  transfer,
} from '@switchyard/remote';
export { LifoQueue } from './lifo-queue.ts';
export { PriorityQueue } from './priority-queue.ts';
export { Queue, type QueueOptions } from './queue.ts';
