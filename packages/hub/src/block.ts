import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import type { LoopExit } from './errors.ts';
import { hub } from './hub.ts';
import type { Outsider } from './outsiders.ts';
import { interrupt } from './interrupt.ts';
import { Strand } from './scheduled.ts';
import type { Waitable } from './waitable.ts';

/**
 * A waitable made of several steps: a coroutine runs for each consumer, in the consumer's own greenlet under `yield*`,
 * in one of its own under `await`.
 */
export class Block<T> implements Waitable<T> {
  private readonly label: string;
  private readonly steps: () => Coroutine<T>;

  constructor(label: string, steps: () => Coroutine<T>) {
    this.label = label;
    this.steps = steps;
  }

  [Symbol.iterator](): Coroutine<T> {
    return this.steps();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return inStrand(this.label, this.steps).then(fulfilled, rejected);
  }
}

/** Runs a coroutine in a greenlet of its own on behalf of async code that waits for it. @internal */
export function inStrand<T>(label: string, steps: () => Coroutine<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const strand = new Strand<T>(label, steps, (failed, outcome) => {
      hub.outsiders.delete(outsider);
      if (failed || outcome instanceof GreenletExit) reject(outcome);
      else resolve(outcome as T);
    });
    const outsider: Outsider = {
      before: null,
      after: null,
      describe: () => label,
      giveUp(error: LoopExit) {
        // It may catch that, go on, and wait for ever a second time.
        hub.outsiders.add(outsider);
        hub.schedule({ turn: () => interrupt(strand, error) });
      },
    };
    hub.outsiders.add(outsider);
  });
}
