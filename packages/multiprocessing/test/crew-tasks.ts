/** What the processes of a crew run: the bodies of the contracts, by name. */
import { barrierActions, Member, perform } from '@switchyard/conformance';
import { until } from '@switchyard/hub';
import { task } from '@switchyard/remote';
import { heard } from '../src/connect.ts';
import { becomeMember } from './process-tally.ts';

/** Runs a body for each of these members of a crew, as greenlets of this process. */
export const work = task(
  import.meta,
  'work',
  function* (number: number, name: string, indexes: readonly number[], args: unknown[]) {
    becomeMember(number);
    const members = indexes.map(
      (index) => new Member(`${name} ${index}`, () => perform(name, index, ...args)),
    );
    const results: unknown[] = [];
    for (const member of members) results.push(yield* member.outcome());
    // What it has done is known to all before its results are.
    yield* until(heard());
    return results;
  },
);

export const counts = task(import.meta, 'counts', barrierActions.counts);
export const fails = task(import.meta, 'fails', barrierActions.fails);
