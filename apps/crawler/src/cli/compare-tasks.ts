import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TaskError } from '@switchyard/remote';
import type { PlannedRun } from '../compare/course.ts';
import { compareUntil, prepare, type PreparedTasks } from '../compare/tasks/compare-tasks.ts';
import { TASK_ENGINES } from '../compare/tasks/engines.ts';
import type { AnyWorkload } from '../compare/tasks/workload.ts';
import type { RawCompareOptions } from './compare-command.ts';
import { checkWritable } from './compare-settings.ts';
import { commandLine, compareAndShow, quoted } from './show-comparison.ts';
import { UsageError } from './usage-error.ts';

/**
 * Compares the workloads that a module exports, and shows and writes what it found.
 *
 * @returns the exit code
 * @throws UsageError for what cannot work, before anything is run
 */
export async function runCompareTasks(
  path: string,
  urls: readonly string[],
  raw: RawCompareOptions,
): Promise<number> {
  checkFitting(urls, raw);
  for (const file of [raw.json, raw.html]) if (file !== undefined) checkWritable(file);
  const workloads = await workloadsIn(path);
  // Both times: before anything is run, and for the seed of the run.
  const prepared = (seed: number): PreparedTasks => {
    const { runs, inFlight, engines = TASK_ENGINES } = raw;
    return prepare(workloads, engines, { runs, seed, ...(inFlight !== undefined && { inFlight }) });
  };
  try {
    prepared(raw.seed);
  } catch (error) {
    if (isMisuse(error)) throw new UsageError(error.message);
    throw error;
  }
  return await compareAndShow(raw, async (seed, signal, progress) => {
    const ready = prepared(seed);
    const onProgress: PreparedTasks['options']['onProgress'] = (news) => progress?.tell(news);
    return await compareUntil({ ...ready, options: { ...ready.options, onProgress } }, signal, {
      command: commandLine(),
      commandOf: (cell) => commandOf(path, cell, raw),
    });
  });
}

function isMisuse(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof TaskError;
}

/** What is said of crawls does not go with tasks. */
function checkFitting(
  urls: readonly string[],
  { demo, full, latency, work, pages }: RawCompareOptions,
): void {
  const [first] = [
    ...(urls.length > 0 ? ['URLs'] : []),
    ...(demo ? ['--demo'] : []),
    ...(full ? ['--full'] : []),
    ...(latency !== undefined ? ['--latency'] : []),
    ...(work !== undefined ? ['--work'] : []),
    ...(pages !== undefined ? ['--pages'] : []),
  ];
  if (first !== undefined)
    throw new UsageError(`--tasks compares tasks and not crawls: leave it out, or leave out ${first}`);
}

async function workloadsIn(path: string): Promise<AnyWorkload[]> {
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(
      `Cannot load ${path} for --tasks: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const found = Object.values(module).flat().filter(isWorkload);
  if (found.length === 0)
    throw new UsageError(
      `${path} exports no workload for --tasks; write export const work = { name: 'hash', task: hash, items: [['a'], ['b']] }`,
    );
  return [...new Set(found)];
}

/** Whether it is meant as one: what is wrong with it is said later. */
function isWorkload(value: unknown): value is AnyWorkload {
  return value !== null && typeof value === 'object' && 'task' in value && 'items' in value;
}

/** What measures this engine alone. */
function commandOf(path: string, { setting }: PlannedRun, { runs, seed }: RawCompareOptions): string {
  const many = setting.inFlight > 1 ? ` --in-flight ${setting.inFlight}` : '';
  return `switchyard compare --tasks ${quoted(path)} --engines ${setting.engine}${many} --runs ${runs} --seed ${seed}`;
}
