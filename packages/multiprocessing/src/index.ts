export { Array, type BytesOf, type ItemsOf, type TextOf } from './array.ts';
export { AsyncResult, type Callbacks } from './async-result.ts';
export { AuthenticationError } from './authentication.ts';
export { Barrier, type BarrierOptions, BrokenBarrierError } from './barrier.ts';
export { Condition } from './condition.ts';
export { cpuCount } from './cpu-count.ts';
export { activeChildren, currentProcess, parentProcess } from './current-process.ts';
export { DictProxy, type Items } from './dict-proxy.ts';
export { Event } from './event.ts';
export { JoinableQueue } from './joinable-queue.ts';
export { KeyError } from './key-error.ts';
export { ListProxy, type SortOptions } from './list-proxy.ts';
export { Lock } from './lock.ts';
export { Manager, type ManagerFactory, type ManagerOptions, SyncManager } from './manager.ts';
export { NamespaceProxy } from './namespace-proxy.ts';
export { Connection, Pipe, type PipeOptions } from './pipe.ts';
export { BrokenPipeError, EOFError } from './pipe-errors.ts';
export type { Source } from './pool-items.ts';
export type { ApplyOptions, ChunkOptions, ImapOptions, MapOptions, PoolOptions } from './pool-options.ts';
export type { PoolResults } from './pool-results.ts';
export { Pool } from './pool.ts';
export { ProcessError } from './process-error.ts';
export type { ProcessOptions } from './process-options.ts';
export { Process } from './process.ts';
export { Queue, type QueueOptions } from './queue.ts';
export { RLock } from './rlock.ts';
export { BoundedSemaphore, Semaphore } from './semaphore.ts';
export { SimpleQueue } from './simple-queue.ts';
export type { ItemOf, ItemTypes, Raws, TypeCode } from './type-code.ts';
export type { LockOption, ValueLock } from './value-lock.ts';
export { ValueProxy } from './value-proxy.ts';
export { Value } from './value.ts';
export {
  BootstrapError,
  CloneError,
  currentTask,
  isMain,
  register,
  RuntimeError,
  task,
  TaskError,
  TimeoutError,
} from '@switchyard/remote';
export { type AcquireOptions, Empty, Full, Held, ShutDown } from '@switchyard/remote/core';
