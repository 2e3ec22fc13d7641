import { show } from '@switchyard/greenlet/scheduler';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { checkGrace } from './future-stop.ts';

/** What every executor takes. */
export interface ExecutorOptions {
  /** What messages call it. */
  name?: string;
  /** Milliseconds that each task may run, unless `submitWith` says otherwise; no limit when left out. */
  taskTimeout?: number | null;
  /** Milliseconds that a task which is to stop has to end by itself before what runs it is killed; 1000 by default. */
  grace?: number;
}

/** How one task is to be run. */
export interface SubmitOptions extends TimeoutOption {
  /**
   * Milliseconds that the task may run, counted from its start: then its future fails with a TimeoutError, and the task
   * is stopped as by `Future.kill`. null for no limit; the executor's `taskTimeout` by default.
   */
  timeout?: number | null;
  /** Milliseconds that the task has to end by itself when it is to stop; the executor's own by default. */
  grace?: number;
  /** Aborting it cancels the task before it begins, and kills it while it runs. */
  signal?: AbortSignal;
  /** Called with each event that the task emits. */
  onProgress?: (event: unknown) => unknown;
  /** What messages call the task; the name of its function by default. */
  name?: string;
}

/** What `map` takes. */
export interface ExecutorMapOptions extends TimeoutOption {
  /**
   * How many items make one task, 1 by default: a few hundred short ones cost less together. A time limit is that of the
   * whole task. Executors whose tasks do not cross a border take items one by one all the same.
   */
  chunksize?: number;
  /**
   * How many tasks may be submitted whose results have not been taken: the items behind them are taken from their source
   * only as results are taken. No limit when left out.
   */
  buffersize?: number | null;
}

/** What `shutdown` takes. */
export interface ShutdownOptions {
  /** Whether what it returns waits until all tasks have ended; true by default. */
  wait?: boolean;
  /** Whether the tasks that have not begun are cancelled. */
  cancelFutures?: boolean;
}

/** Checks a number of workers, items and the like. @internal */
export function checkCount(value: unknown, what: string): number {
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new RangeError(`Expected a whole number from 1 up as ${what}, got ${show(value)}`);
  }
  return value as number;
}

/** @internal */
export function checkExecutorOptions(options: ExecutorOptions, who: string): void {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(
      `Expected an options object for ${who}, as in { maxWorkers: 4 }, got ${show(options)}`,
    );
  }
  checkTimeout({ timeout: options.taskTimeout }, `the tasks of ${who} (taskTimeout)`);
  checkGrace(options.grace, who);
  checkName(options.name, who);
}

/** @internal */
export function checkSubmitOptions(options: SubmitOptions): void {
  checkTimeout(options, 'submitWith');
  checkGrace(options.grace, 'submitWith');
  checkName(options.name, 'submitWith');
  const { signal, onProgress } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Expected an AbortSignal as the signal of submitWith, got ${show(signal)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`Expected a function as onProgress of submitWith, got ${show(onProgress)}`);
  }
}

function checkName(name: unknown, who: string): void {
  if (name !== undefined && typeof name !== 'string') {
    throw new TypeError(`Expected a string as the name given to ${who}, got ${show(name)}`);
  }
}
