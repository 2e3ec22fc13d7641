import { availableParallelism } from 'node:os';
import type { Setting } from '../result.ts';
import { show } from './show.ts';

/** Ways to do items, in the order of a report. */
export const TASK_ENGINES = ['serial', 'greenlet', 'threads', 'processes', 'hybrid'] as const;

/**
 * `serial`: one item after the other, on one thread. `greenlet`: many at a time on one thread. `threads`, `processes`: one at a time
 * in each of several. `hybrid`: many at a time, in greenlets, in each of several threads.
 */
export type TaskEngineName = (typeof TASK_ENGINES)[number];

/** An engine, set as one wants it. */
export interface TaskEngine {
  readonly engine: TaskEngineName;
  /** Items at a time, over all workers. */
  readonly inFlight?: number;
  /** Threads or processes. */
  readonly workers?: number;
}

/** As many as a machine bears of threads and processes. */
const MOST = 256;

/** Items at a time where nobody says: two a core, as for the quick comparison of crawls. */
export function usualInFlight(): number {
  return Math.min(16, Math.max(4, 2 * availableParallelism()));
}

/**
 * The settings of the engines. Where nothing else is said, all have the same number of items at a time, `serial` excepted; a thread or
 * process has one, and those of `hybrid` are as many as cores.
 *
 * @throws TypeError, RangeError when there is no such engine, or it cannot be set like that
 */
export function taskSettings(given: unknown, inFlight: number): Setting[] {
  if (!Array.isArray(given))
    throw new TypeError(
      `Expected a list of engines as the second argument of compare, as in ['greenlet', 'threads'], got ${show(given)}`,
    );
  if (given.length === 0)
    throw new RangeError(
      `Expected at least one engine of ${TASK_ENGINES.join(', ')} as the second argument of compare, got an empty list`,
    );
  const settings = given.map((one) => settingOf(one, inFlight));
  const named = settings.map((setting) => {
    const shared = settings.filter(({ engine }) => engine === setting.engine).length > 1;
    return shared ? { ...setting, id: longId(setting) } : setting;
  });
  const twice = named.find(({ id }, at) => named.findIndex((other) => other.id === id) < at);
  if (twice !== undefined) throw new RangeError(`Expected each engine once, got ${twice.id} twice`);
  return named;
}

function longId({ engine, workers, inFlight }: Setting): string {
  if (workers === 0) return `${engine} (${inFlight} in flight)`;
  return inFlight === workers ? `${engine} (${workers})` : `${engine} (${inFlight} in ${workers})`;
}

function settingOf(given: unknown, usual: number): Setting {
  const { engine, inFlight, workers } = (typeof given === 'string' ? { engine: given } : (given ?? {})) as {
    readonly engine?: unknown;
    readonly inFlight?: unknown;
    readonly workers?: unknown;
  };
  const known = TASK_ENGINES.find((name) => name === engine);
  if (known === undefined)
    throw new RangeError(
      `Expected ${TASK_ENGINES.join(', ')} as an engine of compare, got ${show(engine ?? given)}`,
    );
  const places = count(inFlight, `the inFlight of ${known}`);
  const own = count(workers, `the workers of ${known}`);
  switch (known) {
    case 'serial':
      if ((places ?? 1) !== 1)
        throw new RangeError(`serial has one item at a time: leave out inFlight: ${places}`);
      none(known, own);
      return setting(known, 1, 0);
    case 'greenlet':
      none(known, own);
      return setting(known, places ?? usual, 0);
    case 'hybrid': {
      const cores = Math.min(availableParallelism(), places ?? Infinity);
      const used = own ?? cores;
      const atOnce = places ?? Math.max(usual, used);
      if (atOnce < used)
        throw new RangeError(
          `Expected at least as many items at a time as workers of hybrid, got inFlight: ${atOnce} and workers: ${used}`,
        );
      return setting(known, atOnce, used);
    }
    case 'threads':
    case 'processes':
      if (places !== undefined && own !== undefined && places !== own)
        throw new RangeError(
          `Each worker of ${known} has one item at a time: leave out inFlight: ${places} or workers: ${own}`,
        );
      return setting(known, own ?? places ?? usual, own ?? places ?? usual);
  }
}

function setting(engine: TaskEngineName, inFlight: number, workers: number): Setting {
  const each = Math.ceil(inFlight / Math.max(1, workers));
  return { id: engine, engine, terms: 'equal', inFlight, workers, each };
}

function none(engine: string, workers: number | undefined): void {
  if (workers !== undefined)
    throw new RangeError(`${engine} has no workers of its own: leave out workers: ${workers}`);
}

/** @throws RangeError when it is there and no number of places */
export function count(value: unknown, what: string, least = 1, most = MOST): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw new RangeError(`Expected a whole number from ${least} to ${most} as ${what}, got ${show(value)}`);
  return value as number;
}
