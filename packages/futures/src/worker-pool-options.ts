import { availableParallelism } from 'node:os';
import { show } from '@switchyard/greenlet/scheduler';
import { requireReference, type RuntimeOptions } from '@switchyard/remote/core';
import { checkCount, type ExecutorOptions } from './executor-options.ts';
import type { Pace } from './pace.ts';
import type { HostKind } from './worker-host.ts';

/** What executors take whose workers are threads or processes. */
export interface WorkerPoolOptions<A extends unknown[] = unknown[]> extends ExecutorOptions {
  /** How many workers there are at most; by default as many as there are cores. */
  maxWorkers?: number;
  /** A task that runs once in each worker, before anything else. All tasks fail when it fails. */
  initializer?: (...args: A) => unknown;
  /** The arguments of the initializer. */
  initargs?: A;
  /** A worker is replaced after so many tasks; never when left out. */
  maxTasksPerChild?: number | null;
  /**
   * A worker is replaced when its heap holds more than so many MB, garbage that has not been collected included; never
   * when left out. It is looked at between tasks, some twenty times a second at the most.
   */
  recycleHeapMb?: number | null;
  /** The limits of each worker's heap, in MB: a task that needs more fails, with its worker. */
  resourceLimits?: NonNullable<RuntimeOptions['resourceLimits']>;
}

/** The options as a pool uses them. @internal */
export interface WorkerPoolSettings {
  readonly kind: HostKind;
  readonly pace: Pace;
  readonly maxWorkers: number;
  /** What the names of workers begin with. */
  readonly prefix: string;
  /** What each worker does before it may be given tasks. */
  readonly first: { readonly target: object; readonly args: unknown[] } | null;
  /** Whether that is an initializer. */
  readonly initializes: boolean;
  /** After so many tasks a worker is replaced; Infinity for never. */
  readonly maxTasks: number;
  /** A heap above so many bytes has its worker replaced; Infinity for never. */
  readonly maxHeap: number;
  /** As `maxHeap`, for all that its process holds. */
  readonly maxRss: number;
}

/** Checks what threads and processes have in common. @param who made it @internal */
export function workerPoolSettings<A extends unknown[]>(
  options: WorkerPoolOptions<A>,
  who: string,
): Omit<WorkerPoolSettings, 'kind' | 'pace' | 'prefix'> {
  const { maxWorkers = availableParallelism(), initializer, initargs, resourceLimits } = options;
  if (initializer !== undefined) requireReference(`the initializer of ${who}`, initializer);
  if (initargs !== undefined && !Array.isArray(initargs)) {
    throw new TypeError(`Expected an array as the initargs of ${who}, got ${show(initargs)}`);
  }
  if (resourceLimits !== undefined && (resourceLimits === null || typeof resourceLimits !== 'object')) {
    throw new TypeError(
      `Expected limits as in { maxOldGenerationSizeMb: 64 } as the resourceLimits of ${who}, got ${show(resourceLimits)}`,
    );
  }
  return {
    maxWorkers: checkCount(maxWorkers, `the maxWorkers of ${who}`),
    first: initializer === undefined ? null : { target: initializer, args: initargs ?? [] },
    initializes: initializer !== undefined,
    maxTasks: limit(options.maxTasksPerChild, `the maxTasksPerChild of ${who}`),
    maxHeap: limit(options.recycleHeapMb, `the recycleHeapMb of ${who}`) * MB,
    maxRss: Infinity,
  };
}

/** @internal */
export const MB = 2 ** 20;

/** Checks a number that can be left out. @returns Infinity when it is @internal */
export function limit(value: number | null | undefined, what: string): number {
  return value == null ? Infinity : checkCount(value, what);
}
