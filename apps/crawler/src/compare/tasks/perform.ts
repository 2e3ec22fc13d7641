import { connect } from 'node:net';
import { type Coroutine, until } from '@switchyard/hub';
import { task } from '@switchyard/remote';
import { now, WORKER } from '../../page/trace.ts';
import type { AnyTask } from './workload.ts';

// A module of its own, as it is what each worker imports besides the module of the task.

/** What came of an item, and when. Times are milliseconds since 1970. */
export interface Done {
  readonly value: unknown;
  readonly start: number;
  /** From here on, as far as that can be told, a core was at work. */
  readonly arrived: number;
  readonly done: number;
  readonly worker: string;
}

interface Equipment {
  readonly target: AnyTask;
  /** Whether nothing else is under way here while an item is. */
  readonly alone: boolean;
  readonly items: readonly (readonly unknown[])[];
}

let own: Equipment | undefined;

/** Gets a worker ready. @param items all of them, where it is to take them by itself */
export const equip = task(
  import.meta,
  'equip',
  (target: AnyTask, alone: boolean, items: Equipment['items']): void => {
    own = { target, alone, items };
  },
);

/** What this worker has. @throws Error when `equip` has not run in it */
export function equipment(): Equipment {
  if (own === undefined)
    throw new Error('Nothing to do: run equip(...) first, as the initializer of the pool');
  return own;
}

/** Does an item. What needs not wait is there at once. */
export const perform = task(import.meta, 'perform', (args: readonly unknown[]): Done | Coroutine<Done> => {
  const { target, alone } = equipment();
  const before = performance.eventLoopUtilization();
  const start = now();
  const value = (target as (...args: readonly unknown[]) => unknown)(...args);
  if (waits(value)) return whenThere(value, start, alone ? before : undefined);
  return { value, start, arrived: start, done: now(), worker: WORKER };
});

/** The same, for whoever waits in any case. */
export function* performed(args: readonly unknown[]): Coroutine<Done> {
  const made = perform(args);
  return Symbol.iterator in made ? yield* made : made;
}

function* whenThere(
  waiting: Waiting,
  start: number,
  before: ReturnType<typeof performance.eventLoopUtilization> | undefined,
): Coroutine<Done> {
  const value = Symbol.iterator in waiting ? yield* waiting : yield* until(waiting);
  const done = now();
  // With others about, nobody can tell whose work it was.
  const active = before === undefined ? 0 : performance.eventLoopUtilization(before).active;
  return { value, start, arrived: Math.max(start, done - active), done, worker: WORKER };
}

type Waiting = Coroutine<unknown> | PromiseLike<unknown>;

function waits(value: unknown): value is Waiting {
  if (value === null || typeof value !== 'object') return false;
  const { then, next, throw: thrown } = value as Record<'then' | 'next' | 'throw', unknown>;
  return typeof then === 'function' || (typeof next === 'function' && typeof thrown === 'function');
}

/** Waits until all workers are there, then does an item that does not count. */
export function* arrive(gate: string, args: readonly unknown[]): Coroutine<void> {
  yield* until(passed(gate));
  yield* performed(args);
}

export const come = task(import.meta, 'come', (gate: string, args: readonly unknown[]) => arrive(gate, args));

/** By hand: to load a client would be a part of the worker's start. */
function passed(gate: string): Promise<void> {
  const { hostname, port, host } = new URL(gate);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () =>
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}

/** Says which item it was. */
export function itemError(index: number, error: unknown): Error {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Error(`item ${index} failed: ${what}`, { cause: error });
}
