import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine } from '@switchyard/hub';
import { Greenlet } from '../greenlet.ts';
import { Group } from '../group.ts';
import { Callback } from '../linkable.ts';
import { Pool } from '../pool.ts';
import { spawnRaw } from '../spawn-raw.ts';
import { Handler, type Job, serve } from './handler.ts';

/**
 * How handlers are started: `'default'` in a greenlet each; a number, or a `Pool`, so many at a time; a `Group`; `'raw'` in
 * greenlets that nobody can kill, whose connection is closed instead, and whose end `stop` waits for; or a function that starts what it is given.
 */
export type SpawnOption =
  | 'default'
  | 'raw'
  | number
  | Pool
  | Group
  | ((body: () => Coroutine<unknown>) => unknown);

/** Starts handlers. @internal */
export interface Spawner {
  /** What limits them, if anything does. */
  readonly pool: Pool | null;
  /** Starts one at once; null when there is a pool. @returns the greenlet, if it can be killed */
  readonly now: ((job: Job) => Greenlet<unknown> | null) | null;
}

/** @throws TypeError, or RangeError for a size that is none @internal */
export function spawnerOf(option: SpawnOption | undefined, who: string): Spawner {
  if (option === undefined || option === 'default') return unlimited(startAlone);
  if (option === 'raw') return unlimited(startRaw);
  if (option instanceof Pool) return { pool: option, now: null };
  if (option instanceof Group) {
    return unlimited((job) => {
      const handler = new Handler(job);
      option.start(handler);
      return handler;
    });
  }
  if (typeof option === 'function') return unlimited((job) => startWith(option, job));
  if (typeof option === 'number') {
    if (Number.isInteger(option) && option >= 1) return spawnerOf(new Pool(option), who);
    throw new RangeError(`Expected a whole number from 1 up as the spawn of ${who}, got ${option}`);
  }
  throw new TypeError(
    `Expected 'default', 'raw', a number, a Pool, a Group or a function as the spawn of ${who}, got ${show(option)}`,
  );
}

function unlimited(now: (job: Job) => Greenlet<unknown> | null): Spawner {
  return { pool: null, now };
}

function startAlone(job: Job): Greenlet<unknown> {
  const handler = new Handler(job);
  handler.start();
  return handler;
}

function startRaw(job: Job): null {
  spawnRaw(serve, job).name = job.name;
  return null;
}

function startWith(spawn: (body: () => Coroutine<unknown>) => unknown, job: Job): Greenlet<unknown> | null {
  let over = false;
  const once: Job = {
    name: job.name,
    run: () => job.run(),
    expects: (error) => job.expects?.(error) === true,
    ended(failed, outcome) {
      if (over) return;
      over = true;
      job.ended(failed, outcome);
    },
  };
  let started: unknown;
  try {
    started = spawn(() => serve(once));
  } catch (error) {
    once.ended(true, error);
    throw error;
  }
  if (!(started instanceof Greenlet)) return null;
  started.name = job.name;
  // One that is killed before it begins never gets to its end.
  const end = (): void => once.ended(false, undefined);
  started.enqueue(new Callback<unknown>(end, false));
  return started as Greenlet<unknown>;
}
