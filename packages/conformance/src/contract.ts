import type { Coroutine } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import { Scene, type World } from './scene.ts';

/** What is tested, with the adapter's object and a scene for its workers. */
export type CaseBody<A extends World> = (adapter: A, scene: Scene) => Coroutine<void>;

/** One promise. `when` says to which adapters it applies; to all unless told. */
export interface Case<A extends World> {
  when(adapter: A): boolean;
  body: CaseBody<A>;
}

/** The promises of one kind of object, by what they promise. */
export type Contract<A extends World> = Readonly<Record<string, CaseBody<A> | Case<A>>>;

/** The promises that apply to an adapter. */
export function casesFor<A extends World>(contract: Contract<A>, adapter: A): [string, CaseBody<A>][] {
  return Object.entries(contract).flatMap(([name, one]): [string, CaseBody<A>][] => {
    if (typeof one === 'function') return [[name, one]];
    return one.when(adapter) ? [[name, one.body]] : [];
  });
}

/** Runs one case in a scene of its own. */
export function* runCase<A extends World>(adapter: A, body: CaseBody<A>): Coroutine {
  const scene = new Scene(adapter);
  let well = false;
  try {
    yield* body(adapter, scene);
    well = true;
    yield* scene.end(true);
  } finally {
    if (!well) yield* scene.end(false);
  }
}

/** Registers every promise that applies as a test, in a suite that is named after what is tested. */
export function hold<A extends World>(contract: Contract<A>, adapter: A): void {
  const test = suite(adapter.name);
  for (const [name, body] of casesFor(contract, adapter)) {
    const steps = (): Coroutine => runCase(adapter, body);
    const options = adapter.deadline === undefined ? {} : { timeout: adapter.deadline };
    const { run } = adapter;
    if (run === undefined) {
      test(name, options, function* () {
        yield* steps();
      });
    } else test(name, options, () => run(steps));
  }
  test.run();
}
