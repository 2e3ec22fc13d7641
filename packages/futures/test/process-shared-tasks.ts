/** Tasks that use what processes share. */
import {
  type Array as SharedArray,
  currentProcess,
  type Lock,
  type Queue,
  type Value,
} from '@switchyard/multiprocessing';
import { task } from '@switchyard/remote';

export const processName = task(import.meta, 'processName', () => currentProcess().name);

/** Adds to a number so often, under a lock. */
export const add = task(import.meta, 'add', function* (value: Value<'i'>, lock: Lock, times: number) {
  for (let time = 0; time < times; time++) {
    using _held = yield* lock.hold();
    value.value++;
  }
});

export const fill = task(import.meta, 'fill', (array: SharedArray<'d'>, at: number, item: number) =>
  array.set(at, item),
);

export const put = task(import.meta, 'put', function* (queue: Queue<unknown>, item: unknown) {
  yield* queue.put(item);
});

let given: Queue<unknown> | null = null;

/** An initializer. */
export const takeQueue = task(import.meta, 'takeQueue', (queue: Queue<unknown>) => {
  given = queue;
});

export const putThere = task(import.meta, 'putThere', function* (item: unknown) {
  yield* given!.put(item);
});
