/** What the threads of conformance.test.ts run: the bodies of the contracts, by name. */
import { barrierActions, perform } from '@switchyard/conformance';
import { task } from '@switchyard/remote';

export const work = task(import.meta, 'work', function* (name: string, index: number, args: unknown[]) {
  return yield* perform(name, index, ...args);
});

export const counts = task(import.meta, 'counts', barrierActions.counts);
export const fails = task(import.meta, 'fails', barrierActions.fails);
