import type { Coroutine } from '@switchyard/gevent';
import type { Setting } from '../result.ts';
import { type Done, equip, itemError, performed } from './perform.ts';
import type { AnyTask } from './workload.ts';

export type Items = readonly (readonly unknown[])[];

/** Called with what came of each item. */
export type OnDone = (index: number, done: Done) => void;

/** Those who do the items of a run. */
export interface Crew {
  /** Whether there are other processes. */
  readonly inProcesses: boolean;
  /** Brings all workers up, each of which does an item that does not count. @param gate what they wait at for each other */
  gather(gate: string, items: Items): Coroutine;
  /** Does items that do not count. */
  warm(items: Items): Coroutine;
  /** Does them all. Fails with the first that does. */
  all(items: Items, onDone: OnDone): Coroutine;
  /** Ends them. */
  close(): Coroutine;
}

/** The crew of an engine. Only what it needs is loaded: what the others need is no part of its start. */
export async function crewFor(setting: Setting, target: AnyTask, items: Items): Promise<Crew> {
  if (setting.engine !== 'serial') {
    const { poolFor } = await import('./pool-crew.ts');
    return poolFor(setting, target, items);
  }
  equip(target, true, []);
  return SERIAL;
}

/** Item after item, and nobody in between. */
const SERIAL: Crew = {
  inProcesses: false,
  *gather(_gate, items) {
    yield* SERIAL.warm(items.slice(0, 1));
  },
  *warm(items) {
    yield* SERIAL.all(items, () => {});
  },
  *all(items, onDone) {
    for (const [index, args] of items.entries()) {
      let done: Done;
      try {
        done = yield* performed(args);
      } catch (error) {
        throw itemError(index, error);
      }
      onDone(index, done);
    }
  },
  *close() {},
};
