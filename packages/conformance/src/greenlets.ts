import { idle, type Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import { perform } from './bodies.ts';
import { type Crew, Member } from './crew.ts';

/** A crew of greenlets in the tester's own thread. */
export function greenletCrew(count: number, body: string, ...args: unknown[]): Crew {
  const members = Array.from(
    { length: count },
    (_, index) => new Member(`${body} ${index}`, () => perform(body, index, ...args)),
  );
  return {
    results: () =>
      new Block<unknown[]>('Crew.results', function* () {
        const results: unknown[] = [];
        for (const member of members) results.push(yield* member.outcome());
        return results;
      }),
    kill() {
      for (const member of members) if (!member.done) member.kill();
    },
  };
}

/** What the adapters of things that greenlets share have in common. */
export const greenlets = {
  crew: greenletCrew,
  settle: (): Waitable<unknown> => idle(),
};
