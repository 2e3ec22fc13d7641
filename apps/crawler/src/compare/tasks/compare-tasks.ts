import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Coroutine, spawn } from '@switchyard/gevent';
import { until, type Waitable } from '@switchyard/hub';
import { BootstrapError } from '@switchyard/remote';
import { type CompareProgress, type Course, type PlannedRun } from '../course.ts';
import { Gate } from '../gate.ts';
import { hold } from '../hold.ts';
import type { Comparison, Setting } from '../result.ts';
import { type Measured, startCell, type StartOptions } from '../start-cell.ts';
import { systemWarnings } from '../system-warnings.ts';
import {
  count,
  TASK_ENGINES,
  type TaskEngine,
  type TaskEngineName,
  taskSettings,
  usualInFlight,
} from './engines.ts';
import { runOf, type TaskOrder } from './order.ts';
import { show } from './show.ts';
import {
  type AnyTask,
  type AnyWorkload,
  type CheckedWorkload,
  checkItems,
  checkWorkloads,
  type TaskWorkload,
} from './workload.ts';

/** Sources are run as .ts, the built package as .js: the child is whatever this file is. */
const PROGRAM = new URL(`./task-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
/** What a run may take where nobody says, in milliseconds. */
const TIMEOUT = 600_000;
/** What a run is thought to take before any was seen. */
const GUESS = 1_000;
/** More runs than this are a slip of the pen. */
const MOST_RUNS = 10_000;

/** How tasks are compared. */
export interface CompareTasksOptions {
  /** Measured runs of each engine; 5 when left out, and below that the intervals say little. */
  readonly runs?: number;
  /** Runs of each engine that come first and do not count; 1 when left out. */
  readonly warmups?: number;
  /** How often a run that other processes disturbed is made again; 2 when left out. */
  readonly repeats?: number;
  /** Of the order of the runs, and of the functions that make items; 1 when left out. */
  readonly seed?: number;
  /** Items at a time, of all engines that do not say otherwise; two a core when left out, 4 to 16. */
  readonly inFlight?: number;
  /** Milliseconds that a run may take, its start included; ten minutes when left out. Then it is ended, and its engine failed. */
  readonly timeout?: number;
  /** What the report is called. */
  readonly title?: string;
  /** Aborting it ends all processes; what `compare` gives then fails with its reason. */
  readonly signal?: AbortSignal;
  /** Told before each run. */
  readonly onProgress?: (progress: CompareProgress) => void;
}

/** One workload under one engine. */
interface TaskCell extends PlannedRun {
  readonly order: Omit<TaskOrder, 'spawned' | 'gate' | 'setting'>;
}

/**
 * Runs the same task under several engines, and measures each: every run is a fresh process, the first of each engine does not count,
 * and the others come in random order.
 *
 * ```ts
 * const comparison = await compare({ name: 'hash', task: hash, items: paths.map((path) => [path]) }, ['serial', 'threads']);
 * console.log(textReport(comparison, analyse(comparison)));
 * ```
 *
 * @param workloads what is to be done; several are compared one by one
 * @param engines all when left out
 * @returns what was found, to be waited for. It starts when somebody waits; when that wait is killed, all processes are. An engine
 *   whose task throws, or whose process dies, says so in `failed`, and the others go on
 * @throws TypeError, RangeError, TaskError for what cannot be compared, before anything runs; BootstrapError in a module that a
 *   run imports for its task
 */
export function compare<F extends AnyTask>(
  workload: TaskWorkload<F>,
  engines?: readonly (TaskEngineName | TaskEngine)[],
  options?: CompareTasksOptions,
): Waitable<Comparison>;
export function compare<F extends readonly AnyTask[]>(
  workloads: { readonly [K in keyof F]: TaskWorkload<F[K]> },
  engines?: readonly (TaskEngineName | TaskEngine)[],
  options?: CompareTasksOptions,
): Waitable<Comparison>;
export function compare(
  workloads: AnyWorkload | readonly AnyWorkload[],
  engines: readonly (TaskEngineName | TaskEngine)[] = TASK_ENGINES,
  options: CompareTasksOptions = {},
): Waitable<Comparison> {
  const prepared = prepare(workloads, engines, options);
  const { signal } = options;
  return until(async function compare(given): Promise<Comparison> {
    const stop = signal === undefined ? given : AbortSignal.any([given, signal]);
    stop.throwIfAborted();
    const comparison = await compareUntil(prepared, stop);
    stop.throwIfAborted();
    return comparison;
  });
}

/** A comparison that can be made. */
export interface PreparedTasks {
  readonly workloads: readonly CheckedWorkload[];
  readonly settings: readonly Setting[];
  readonly options: Required<Omit<CompareTasksOptions, 'inFlight' | 'signal'>>;
}

/** Looks at everything that can be wrong. @throws as `compare` does */
export function prepare(workloads: unknown, engines: unknown, options: CompareTasksOptions): PreparedTasks {
  refuseInRun();
  const checked = checkWorkloads(workloads);
  const {
    runs = 5,
    warmups = 1,
    repeats = 2,
    seed = 1,
    timeout = TIMEOUT,
    onProgress = () => {},
  } = checkOptions(options);
  const { title = `Engines on ${checked.map(({ name }) => name).join(', ')}` } = options;
  return {
    workloads: checked,
    settings: taskSettings(engines, options.inFlight ?? usualInFlight()),
    options: { runs, warmups, repeats, seed, timeout, title, onProgress },
  };
}

/** What was asked for, in the words of who asked: all of it, and one engine with one workload. */
export interface Commands {
  readonly command: string;
  readonly commandOf: (cell: PlannedRun) => string;
}

/** Compares. When it is told to stop, what there is by then is what comes back. */
export async function compareUntil(
  prepared: PreparedTasks,
  signal: AbortSignal,
  commands: Commands = callsOf(prepared),
): Promise<Comparison> {
  const { workloads, settings, options } = prepared;
  const cells = await cellsOf(workloads, settings, options.seed);
  const gate = await Gate.open();
  try {
    return await hold(
      new TaskCourse(gate, options.timeout),
      {
        ...options,
        ...commands,
        cells,
        warmUps: options.warmups,
        budget: Infinity,
        warnings: systemWarnings('tasks'),
        signal,
      },
      { kind: 'tasks', subjects: workloads.map(({ name }) => name), capacity: null },
    );
  } finally {
    await gate.close();
  }
}

/** What a run imports for its task must not compare in turn. */
function refuseInRun(): void {
  const url = runOf();
  if (url === undefined) return;
  throw new BootstrapError(
    `compare was called while a run of it was importing ${url} to find a task in it. Put the start-up code of that module behind a guard:\n` +
      "  if (isMain(import.meta)) { ... }   // import { isMain } from '@switchyard/remote'",
  );
}

function checkOptions(options: CompareTasksOptions): CompareTasksOptions {
  if (options === null || typeof options !== 'object')
    throw new TypeError(`Expected options as in { runs: 5 } for compare, got ${show(options)}`);
  const { runs, warmups, repeats, seed, inFlight, timeout, signal, onProgress, title } = options;
  count(runs, 'the runs of compare', 1, MOST_RUNS);
  count(warmups, 'the warmups of compare', 0, MOST_RUNS);
  count(repeats, 'the repeats of compare', 0, MOST_RUNS);
  count(seed, 'the seed of compare', 0, 2 ** 32 - 1);
  count(inFlight, 'the inFlight of compare', 2);
  count(timeout, 'the timeout of compare', 1, 2 ** 31 - 1);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError(`Expected an AbortSignal as the signal of compare, got ${show(signal)}`);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new TypeError(`Expected a function as onProgress of compare, got ${show(onProgress)}`);
  if (title !== undefined && typeof title !== 'string')
    throw new TypeError(`Expected a text as the title of compare, got ${show(title)}`);
  return options;
}

/** Point by point. Items are made here, once: every run gets the same. */
async function cellsOf(
  workloads: readonly CheckedWorkload[],
  settings: readonly Setting[],
  seed: number,
): Promise<TaskCell[]> {
  const cells: TaskCell[] = [];
  for (const { name, task, items: given } of workloads) {
    const items = typeof given === 'function' ? checkItems(name, await made(given, seed)) : given;
    const at = { point: { latency: null, work: name }, pages: items.length };
    for (const setting of settings) cells.push({ at, setting, rank: 0, order: { task, items } });
  }
  return cells;
}

/** Items may be made by any function that a task may be. */
async function made(maker: (seed: number) => unknown, seed: number): Promise<unknown> {
  return await spawn(() => maker(seed) as Coroutine<unknown>);
}

/** Cells that are tasks. */
class TaskCourse implements Course<TaskCell> {
  readonly trouble = 'gave a result that cannot be compared';
  readonly #gate: Gate;
  readonly #timeout: number;

  constructor(gate: Gate, timeout: number) {
    this.#gate = gate;
    this.#timeout = timeout;
  }

  guess(): number {
    return GUESS;
  }

  deadline(): number {
    return this.#timeout;
  }

  async once({ setting, order }: TaskCell, options: StartOptions): Promise<Measured> {
    this.#gate.shut(setting.workers);
    return await startCell<TaskOrder>(PROGRAM, { ...order, setting, gate: this.#gate.url }, options);
  }

  async peak(): Promise<null> {
    return null;
  }

  learn(): void {}
}

/** The calls that would do this, as they would be written. */
function callsOf({ workloads, settings, options }: PreparedTasks): Commands {
  return {
    command: callOf(workloads, settings, options),
    commandOf: ({ at, setting }) =>
      callOf(
        workloads.filter(({ name }) => name === at.point.work),
        [setting],
        options,
      ),
  };
}

function callOf(
  workloads: readonly CheckedWorkload[],
  settings: readonly Setting[],
  options: { readonly runs: number; readonly seed: number },
): string {
  const works = workloads.map(({ name, task }) => `{ name: ${show(name)}, task: ${task.name}, items }`);
  const engines = settings.map(({ engine, inFlight, workers }) => {
    if (engine === 'serial') return `'serial'`;
    const each = workers === 0 || engine === 'hybrid' ? `, inFlight: ${inFlight}` : '';
    return `{ engine: '${engine}'${each}${workers === 0 ? '' : `, workers: ${workers}`} }`;
  });
  const one = works.length === 1 ? works[0] : `[${works.join(', ')}]`;
  return `compare(${one}, [${engines.join(', ')}], { runs: ${options.runs}, seed: ${options.seed} })`;
}
