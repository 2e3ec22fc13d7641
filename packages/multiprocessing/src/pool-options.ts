import { show } from '@switchyard/greenlet/scheduler';
import { requireReference } from '@switchyard/remote/core';
import type { Callbacks } from './async-result.ts';
import { cpuCount } from './cpu-count.ts';

/** What a pool is made with. */
export interface PoolOptions<I extends unknown[] = unknown[]> {
  /** A task that each worker runs before any other. */
  initializer?: ((...args: I) => unknown) | null;
  /** What the initializer is called with. */
  initargs?: NoInfer<I>;
  /** How many tasks, or chunks of a map, a worker runs before another takes its place; no limit when left out. */
  maxTasksPerChild?: number | null;
}

/** What `applyAsync` takes. */
export interface ApplyOptions<T, K = object> extends Callbacks<T> {
  /** The options object that the task takes as its last argument. */
  kwargs?: K | null;
}

/** What `map` takes. */
export interface ChunkOptions {
  /** How many items a worker is given at a time; by default so many that each worker gets four chunks. */
  chunksize?: number | null;
}

/** What `mapAsync` takes. */
export interface MapOptions<T> extends ChunkOptions, Callbacks<T> {}

/** What `imap` and `imapUnordered` take. */
export interface ImapOptions {
  /** How many items a worker is given at a time; 1 by default. */
  chunksize?: number;
  /** How many results may wait to be taken before no more items are started; no limit when left out. */
  maxsize?: number | null;
}

/** @internal */
export interface PoolSettings {
  readonly processes: number;
  readonly initializer: ((...args: never[]) => unknown) | null;
  readonly initargs: readonly unknown[];
  readonly maxTasks: number;
}

/** @throws RangeError, TypeError, TaskError as the constructor of Pool @internal */
export function poolSettings(processes: unknown, options: unknown): PoolSettings {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(`Expected options for a Pool, as in { maxTasksPerChild: 10 }, got ${show(options)}`);
  }
  const { initializer, initargs = [], maxTasksPerChild } = options as Record<string, unknown>;
  if (initializer != null) requireReference('the initializer of a Pool', initializer);
  if (!Array.isArray(initargs)) {
    throw new TypeError(`Expected an array as the initargs of a Pool, got ${show(initargs)}`);
  }
  return {
    processes: processes == null ? cpuCount() : checkCount(processes, 'the number of processes of a Pool'),
    initializer: (initializer ?? null) as PoolSettings['initializer'],
    initargs,
    maxTasks:
      maxTasksPerChild == null ? Infinity : checkCount(maxTasksPerChild, 'the maxTasksPerChild of a Pool'),
  };
}

/** @throws RangeError @internal */
export function checkCount(value: unknown, what: string): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw new RangeError(`Expected a whole number from 1 up as ${what}, got ${show(value)}`);
}
