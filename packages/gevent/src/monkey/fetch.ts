import { Interruptible, isSignal } from './interruptible.ts';
import { currentWork } from './work.ts';

type Fetch = typeof globalThis.fetch;

// The body of a response is read after its promise has been fulfilled: until it is garbage, an interrupt cuts it short.
const bodies = new FinalizationRegistry<Interruptible>((operation) => operation.done());

/** A global `fetch` that is aborted by the interrupts of the greenlet that it is called in. @internal */
export function patchedFetch(original: Fetch): Fetch {
  return function fetch(input, init) {
    const work = currentWork();
    if (work === null || (init !== undefined && (init === null || typeof init !== 'object'))) {
      return original(input, init);
    }
    const given = init?.signal === undefined && input instanceof Request ? input.signal : init?.signal;
    if (!isSignal(given)) return original(input, init);
    const operation = new Interruptible(work);
    return operation.run(
      given,
      (signal) => original(input, { ...init, signal }),
      (response) => {
        if (response.body === null) operation.done();
        else bodies.register(response, operation);
      },
    );
  };
}
