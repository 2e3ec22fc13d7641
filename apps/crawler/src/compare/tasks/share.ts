import { type Coroutine, joinall, killall, spawn } from '@switchyard/gevent';
import { currentTask, task } from '@switchyard/remote';
import { arrive, equipment, itemError, performed } from './perform.ts';

/** As `come`: a worker that has done this has all loaded that `share` needs. */
export const comeToShare = task(import.meta, 'comeToShare', arrive);

/**
 * Does items until none is left, many at a time, and tells of each: an event `[index, Done]`.
 *
 * @param counter shared with the other workers: the next that nobody has taken
 */
export const share = task(
  import.meta,
  'share',
  function* (counter: Int32Array, each: number): Coroutine<void> {
    const { items } = equipment();
    const context = currentTask();
    function* place(): Coroutine {
      for (;;) {
        const index = Atomics.add(counter, 0, 1);
        const args = items[index];
        if (args === undefined) return;
        try {
          context.emit([index, yield* performed(args)]);
        } catch (error) {
          throw itemError(index, error);
        }
      }
    }
    const places = Array.from({ length: each }, () => spawn(place));
    try {
      void (yield* joinall(places, { raiseError: true }));
    } finally {
      yield* killall(places);
    }
  },
);
