import { show } from '@switchyard/greenlet/scheduler';
import { requireReference } from '@switchyard/remote/core';

/** What a process is made of. */
export type ProcessOptions<A extends unknown[] = never[], R = unknown> = ProcessSettings<A, R> &
  (
    | {
        /** What the task is called with. */
        args?: NoInfer<Arguments<A>>;
        kwargs?: null | undefined;
      }
    | {
        args?: NoInfer<Leading<A>>;
        /** The options object that the task takes as its last argument: stands in for Python's keyword arguments. */
        kwargs: NoInfer<Last<A>>;
      }
  );

/** @see ProcessOptions */
export interface ProcessSettings<A extends unknown[], R> {
  /** The task that it runs: a function made with `task(import.meta, name, fn)` or `inline(fn)`. */
  target?: ((...args: A) => R) | null;
  /** By default `Process-1`; of a child's second child `Process-1:2`. */
  name?: string;
  /** Whether it is ended with the process that started it; false by default. */
  daemon?: boolean | null;
}

/** Where nothing is known of a target, as in a subclass, its arguments can be anything. */
type Arguments<A> = A extends never[] ? (never[] extends A ? readonly unknown[] : A) : A;

/** All arguments but the last, and that. */
export type Leading<A extends unknown[]> = Required<A> extends [...infer L, unknown] ? L : readonly unknown[];
export type Last<A extends unknown[]> = Required<A> extends [...unknown[], infer K] ? K : object;

/** What a process runs, once it has been checked. @internal */
export interface ProcessSpec {
  readonly target: ((...args: never[]) => unknown) | null;
  readonly args: readonly unknown[];
  readonly name: string | null;
  readonly daemon: boolean;
}

/** @throws TypeError, TaskError as the constructor of Process @internal */
export function processSpec(options: unknown): ProcessSpec {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(
      `Expected options for a Process, as in { target: work, args: [1] }, got ${show(options)}`,
    );
  }
  const { target = null, args = [], kwargs, name, daemon } = options as Record<string, unknown>;
  if (target !== null) requireReference('Process', target);
  if (name !== undefined && typeof name !== 'string') {
    throw new TypeError(`Expected a string as the name of a Process, got ${show(name)}`);
  }
  checkDaemon(daemon ?? false);
  return {
    target: target as ProcessSpec['target'],
    args: allArguments('a Process', args, kwargs),
    name: name ?? null,
    daemon: (daemon ?? false) as boolean,
  };
}

/** The arguments of a task, the keyword arguments behind the others. @throws TypeError @internal */
export function allArguments(of: string, args: unknown, kwargs: unknown): readonly unknown[] {
  if (!Array.isArray(args)) throw new TypeError(`Expected an array as the args of ${of}, got ${show(args)}`);
  if (kwargs === undefined || kwargs === null) return args;
  if (typeof kwargs !== 'object' || Array.isArray(kwargs)) {
    throw new TypeError(`Expected an object as the kwargs of ${of}, as in { depth: 2 }, got ${show(kwargs)}`);
  }
  return [...(args as unknown[]), kwargs];
}

/** @internal */
export function checkDaemon(daemon: unknown): asserts daemon is boolean {
  if (typeof daemon === 'boolean') return;
  throw new TypeError(`Expected true or false as the daemon of a Process, got ${show(daemon)}`);
}

/** @throws TypeError @internal */
export function checkAuthkey(key: unknown): asserts key is Uint8Array {
  if (key instanceof Uint8Array) return;
  throw new TypeError(`Expected a Buffer as the authkey of a Process, got ${show(key)}`);
}
