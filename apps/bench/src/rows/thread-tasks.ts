/** What our worker threads run. A module of its own, because they import it: no row may come with it. */
import type { Coroutine } from '@switchyard/greenlet';
import { type Barrier, type Lock, type Queue, task } from '@switchyard/threading';
import { itemOf, weightOf } from './queue-items.ts';

/** The trivial task. */
export const increment = task(import.meta, 'increment', (value: number) => value + 1);

/** Proves that a buffer has arrived. */
export const weigh = task(import.meta, 'weigh', (buffer: ArrayBuffer) => {
  const bytes = new Uint8Array(buffer);
  return bytes.length + (bytes.at(-1) as number);
});

/** Takes and gives back a lock so often, stopping the thread when it has to wait. Counts, without Atomics, what only the lock guards. */
export const lockSync = task(
  import.meta,
  'lockSync',
  (lock: Lock, counter: Int32Array, start: Barrier, times: number) => {
    start.waitSync();
    for (let i = 0; i < times; i++) {
      lock.acquireSync();
      counter[0] = (counter[0] as number) + 1;
      lock.release();
    }
  },
);

/** The same in a greenlet, which waits without stopping its thread. */
export const lockYielding = task(
  import.meta,
  'lockYielding',
  function* (lock: Lock, counter: Int32Array, start: Barrier, times: number): Coroutine<void> {
    yield* start.wait();
    for (let i = 0; i < times; i++) {
      yield* lock.acquire();
      counter[0] = (counter[0] as number) + 1;
      lock.release();
    }
  },
);

export const putSync = task(import.meta, 'putSync', (queue: Queue, kind: number, times: number) => {
  for (let i = 0; i < times; i++) queue.putSync(itemOf(kind, i));
});

export const getSync = task(import.meta, 'getSync', (queue: Queue, kind: number, times: number) => {
  let weight = 0;
  for (let i = 0; i < times; i++) weight += weightOf(kind, queue.getSync());
  return weight;
});

export const putYielding = task(
  import.meta,
  'putYielding',
  function* (queue: Queue, kind: number, times: number): Coroutine<void> {
    for (let i = 0; i < times; i++) yield* queue.put(itemOf(kind, i));
  },
);

export const getYielding = task(
  import.meta,
  'getYielding',
  function* (queue: Queue, kind: number, times: number): Coroutine<number> {
    let weight = 0;
    for (let i = 0; i < times; i++) weight += weightOf(kind, yield* queue.get());
    return weight;
  },
);
