import { availableParallelism } from 'node:os';
import type { Engine } from '../engine.ts';
import type { Setting } from './result.ts';

/** Names of the engines as they are compared, in the order of a report. */
export const COMPARED = ['serial', 'greenlet', 'select', 'threads', 'processes', 'hybrid'] as const;

/**
 * How an engine is shown: with as many requests in flight as all others, a page a worker where its workers have one at a time; and
 * where that is not how one would run it, also at its best. `hybrid` is what `processes` are at their best: as many as cores, with
 * coroutines in each. `threads (best)` is the same of threads.
 */
export function settingsOf({ name, workersFor, manyEach }: Engine, inFlight: number): Setting[] {
  const cores = Math.min(inFlight, availableParallelism());
  if (name === 'serial') return [equal(name, 1, 0)];
  if (workersFor === undefined) return [equal(name, inFlight, 0)];
  if (manyEach === true) return [equal(name, inFlight, workersFor(inFlight))];
  const onePage = equal(name, inFlight, inFlight);
  if (name !== 'threads' || cores === inFlight) return [onePage];
  return [onePage, { ...equal(name, inFlight, cores), id: `${name} (best)`, terms: 'best' }];
}

function equal(engine: string, inFlight: number, workers: number): Setting {
  const each = Math.ceil(inFlight / Math.max(1, workers));
  return { id: engine, engine, terms: 'equal', inFlight, workers, each };
}
