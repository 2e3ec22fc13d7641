import { follow } from '@switchyard/hub/core';
import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { task } from '@switchyard/remote';
import { CHUNK, type ChunkResult, decodeError, encodeError } from '@switchyard/remote/core';
import type { AsyncResult } from './async-result.ts';
import { Job } from './pool-job.ts';

type Run = (...args: never[]) => unknown;

/** What came of a chunk: the values up to the first error, and that. */
export interface ChunkOutcome {
  readonly values: readonly unknown[];
  readonly failure: { readonly error: unknown } | null;
  /** Whether it failed as a whole, so that nobody knows which of its items have run. */
  readonly whole: boolean;
}

/** Runs a task with each of several lists of arguments: as `CHUNK` does with items. */
const runRows = task(
  import.meta,
  'runRows',
  function* (target: Run, rows: never[][]): Coroutine<ChunkResult> {
    const values: unknown[] = [];
    try {
      for (const row of rows) values.push(yield* follow<unknown>(() => target(...row)));
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      return [values, encodeError(error)];
    }
    return [values];
  },
);

/**
 * A job that runs a task for each of several items.
 *
 * @param start the index of the first of them among all, for messages
 * @param spread whether each item is a list of arguments
 * @internal
 */
export function chunkJob(
  target: Run,
  items: readonly unknown[],
  start: number,
  spread: boolean,
  done: (outcome: ChunkOutcome) => void,
): Job {
  const ended = (failed: boolean, outcome: unknown): void => {
    if (failed) done({ values: [], failure: { error: outcome }, whole: true });
    else {
      const [values, error] = outcome as ChunkResult;
      const failure = error === undefined ? null : { error: decodeError(error as never) };
      done({ values, failure, whole: false });
    }
  };
  if (spread) return new Job(runRows, [target, items], 0, () => ['target', 'items'], ended);
  return new Job(target, items, CHUNK, () => items.map((_, at) => `items[${start + at}]`), ended);
}

/** The chunk size for so many items: each worker gets four chunks, as in Python. @internal */
export function defaultChunksize(items: number, workers: number): number {
  return Math.max(1, Math.ceil(items / (4 * workers)));
}

/**
 * Splits a map into jobs whose values it gathers. It has failed when all chunks have ended and any of them failed: with the
 * error of the first item, in the order of the items, that did. @internal
 */
export function mapJobs(
  target: Run,
  items: readonly unknown[],
  chunksize: number,
  spread: boolean,
  result: AsyncResult<unknown>,
): Job[] {
  const values: unknown[] = Array.from({ length: items.length });
  const jobs: Job[] = [];
  let left = Math.ceil(items.length / chunksize);
  let first = Infinity;
  let failure: unknown;
  for (let start = 0; start < items.length; start += chunksize) {
    const chunk = items.slice(start, start + chunksize);
    jobs.push(
      chunkJob(target, chunk, start, spread, (outcome) => {
        for (const [at, value] of outcome.values.entries()) values[start + at] = value;
        if (outcome.failure !== null && start < first) {
          first = start;
          failure = outcome.failure.error;
        }
        if (--left === 0) result.settle(first !== Infinity, first === Infinity ? values : failure);
      }),
    );
  }
  if (left === 0) result.settle(false, values);
  return jobs;
}
