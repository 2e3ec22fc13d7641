import { availableParallelism } from 'node:os';
import { show } from '@switchyard/greenlet/scheduler';
import { requireReference, type RuntimeOptions } from '@switchyard/remote/core';
import { checkCount, type ExecutorOptions } from './executor-options.ts';

/** What a `ThreadPoolExecutor` takes. */
export interface ThreadPoolOptions<A extends unknown[] = unknown[]> extends ExecutorOptions {
  /** How many worker threads there are at most; by default as many as there are cores. */
  maxWorkers?: number;
  /** What the threads are called, with a number behind; by default as the executor. */
  threadNamePrefix?: string;
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
export interface ThreadPoolSettings<A extends unknown[]> {
  readonly maxWorkers: number;
  /** What the names of threads begin with. */
  readonly prefix: string;
  readonly initializer: ((...args: A) => unknown) | null;
  readonly initargs: A;
  /** After so many tasks a worker is replaced; Infinity for never. */
  readonly maxTasks: number;
  /** A heap above so many bytes has its worker replaced; Infinity for never. */
  readonly recycleBytes: number;
  /** What each worker is started with; undefined when it is nothing special, so that spare ones can be used. */
  readonly runtime: RuntimeOptions | undefined;
}

/** Checks the options of a thread pool. @param name what it is called when they do not say @internal */
export function threadPoolSettings<A extends unknown[]>(
  options: ThreadPoolOptions<A>,
  who: string,
  name: string,
): ThreadPoolSettings<A> {
  const {
    maxWorkers = availableParallelism(),
    initializer,
    initargs,
    maxTasksPerChild,
    recycleHeapMb,
  } = options;
  const { threadNamePrefix = name, resourceLimits } = options;
  if (initializer !== undefined) requireReference(`the initializer of ${who}`, initializer);
  if (initargs !== undefined && !Array.isArray(initargs)) {
    throw new TypeError(`Expected an array as the initargs of ${who}, got ${show(initargs)}`);
  }
  if (typeof threadNamePrefix !== 'string') {
    throw new TypeError(`Expected a string as the threadNamePrefix of ${who}, got ${show(threadNamePrefix)}`);
  }
  if (resourceLimits !== undefined && (resourceLimits === null || typeof resourceLimits !== 'object')) {
    throw new TypeError(
      `Expected limits as in { maxOldGenerationSizeMb: 64 } as the resourceLimits of ${who}, got ${show(resourceLimits)}`,
    );
  }
  return {
    maxWorkers: checkCount(maxWorkers, `the maxWorkers of ${who}`),
    prefix: threadNamePrefix,
    initializer: initializer ?? null,
    initargs: initargs ?? ([] as unknown[] as A),
    maxTasks:
      maxTasksPerChild == null ? Infinity : checkCount(maxTasksPerChild, `the maxTasksPerChild of ${who}`),
    recycleBytes:
      recycleHeapMb == null ? Infinity : checkCount(recycleHeapMb, `the recycleHeapMb of ${who}`) * 2 ** 20,
    runtime: resourceLimits === undefined ? undefined : { resourceLimits },
  };
}
