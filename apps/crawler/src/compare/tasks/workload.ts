import { serialize } from 'node:v8';
import { type Reference, TaskError } from '@switchyard/remote';
import { requireReference } from '@switchyard/remote/core';
import { show } from './show.ts';

/** The arguments of one call. */
type Arguments = readonly unknown[];

/** Any function that was made a `task`. */
export type AnyTask = (...args: never[]) => unknown;

/** Work to compare engines on: one function, and what it is called with. */
export interface TaskWorkload<F extends AnyTask = AnyTask> {
  /** What the report calls it. */
  readonly name: string;
  /** A `task`: a plain, async or generator function, the same under every engine. */
  readonly task: F;
  /**
   * The arguments of each call, as plain data; or a function that makes them, which is called once, with the seed, and may be async.
   */
  readonly items: Items<F>;
}

/** What a task may be called with, whichever place it has: `paths.map((path) => [path])` is a list of arrays to the compiler, not of tuples. */
export type Argument<F extends AnyTask> = [Parameters<F>[number]] extends [never]
  ? unknown
  : Parameters<F>[number];

/** What `items` may be: argument lists, or a function that makes them. */
export type Items<F extends AnyTask> = Lists<F> | ((seed: number) => Lists<F> | PromiseLike<Lists<F>>);

type Lists<F extends AnyTask> = readonly (readonly Argument<F>[])[];

/** Any workload, whatever its task takes. */
export interface AnyWorkload {
  readonly name: string;
  readonly task: AnyTask;
  readonly items: readonly Arguments[] | ((seed: number) => unknown);
}

/** A workload that has been looked at. */
export interface CheckedWorkload {
  readonly name: string;
  readonly task: Reference;
  readonly items: AnyWorkload['items'];
}

/** What `inline` functions have in place of a module. */
const NO_MODULE = 'switchyard:inline';

/**
 * Looks at all that can be wrong with workloads before anything is run.
 *
 * @throws TypeError for what is no workload or cannot be sent to another process; TaskError when its function is no `task` of a
 *   module; RangeError when there is nothing to do, or two have the same name
 */
export function checkWorkloads(given: unknown): CheckedWorkload[] {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0)
    throw new RangeError(
      'Expected a workload or several as the first argument of compare, got an empty list',
    );
  const checked = all.map(checkWorkload);
  const twice = checked.find(({ name }, at) => checked.findIndex((other) => other.name === name) < at);
  if (twice !== undefined)
    throw new RangeError(`Expected a name of its own for each workload, got ${show(twice.name)} twice`);
  return checked;
}

function checkWorkload(given: unknown): CheckedWorkload {
  if (given === null || typeof given !== 'object' || Array.isArray(given))
    throw new TypeError(`Expected a workload as in { name, task, items } for compare, got ${show(given)}`);
  const { name, task, items } = given as Partial<Record<keyof AnyWorkload, unknown>>;
  if (typeof name !== 'string' || name.trim() === '')
    throw new TypeError(`Expected a text as the name of a workload, got ${show(name)}`);
  const reference = requireReference(`compare (workload ${show(name)})`, task);
  if (reference.url === NO_MODULE)
    throw new TaskError(
      `The workload ${show(name)} has an inline function, which fresh processes have no module of: write it as task(import.meta, ...)`,
    );
  if (typeof items === 'function') return { name, task: reference, items: items as AnyWorkload['items'] };
  return { name, task: reference, items: checkItems(name, items) };
}

/**
 * The items of a workload, once they are there.
 *
 * @throws TypeError when they are no list of argument lists, or cannot be sent to another process; RangeError when there are none
 */
export function checkItems(name: string, items: unknown): readonly Arguments[] {
  const whose = `the items of the workload ${show(name)}`;
  if (!Array.isArray(items))
    throw new TypeError(`Expected a list of argument lists as ${whose}, got ${show(items)}`);
  if (items.length === 0) throw new RangeError(`Expected at least one item as ${whose}, got an empty list`);
  for (const [at, item] of items.entries()) {
    if (!Array.isArray(item))
      throw new TypeError(
        `Expected a list of arguments as item ${at} of ${whose.slice(13)}, got ${show(item)}: write [[a], [b]], not [a, b]`,
      );
    const problem = cloneProblem(item);
    if (problem !== null)
      throw new TypeError(
        `Expected plain data as item ${at} of ${whose.slice(13)}, as it is sent to fresh processes: ${problem}`,
      );
  }
  return items as Arguments[];
}

function cloneProblem(value: unknown): string | null {
  try {
    serialize(value);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : show(error);
  }
}
