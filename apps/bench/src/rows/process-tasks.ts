/** What our child processes run. A module of its own, because they import it: no row may come with it. */
import type { Coroutine } from '@switchyard/greenlet';
import {
  type Array,
  type Barrier,
  type Connection,
  type Lock,
  type Queue,
  type SimpleQueue,
  task,
  type Value,
} from '@switchyard/multiprocessing';
import { checkItem, itemOf, weightOf } from './queue-items.ts';

/** The trivial task. */
export const increment = task(import.meta, 'increment', (value: number) => value + 1);

/** Does what it is told through its connection, and answers; ends with `null`. */
function* serve<T>(orders: Connection, obey: (order: T) => Coroutine<unknown>): Coroutine<void> {
  for (let order = yield* orders.recv(); order !== null; order = yield* orders.recv())
    yield* orders.send(yield* obey(order as T));
}

export interface LockOrder {
  readonly times: number;
  /** Whether others take it, too: then a step is counted in shared memory that nothing but the lock guards. */
  readonly contended: boolean;
}

export const lock = task(
  import.meta,
  'lock',
  (orders: Connection, mutex: Lock, counter: Value<'i'>, start: Barrier): Coroutine<void> =>
    serve(orders, function* ({ times, contended }: LockOrder) {
      if (contended) yield* start.wait();
      let steps = 0;
      for (let i = 0; i < times; i++) {
        yield* mutex.acquire();
        if (contended) counter.value += 1;
        else steps++;
        mutex.release();
      }
      return steps;
    }),
);

export interface ItemsOrder {
  readonly kind: number;
  readonly times: number;
}

export const put = task(
  import.meta,
  'put',
  (orders: Connection, queue: Queue | SimpleQueue): Coroutine<void> =>
    serve(orders, function* ({ kind, times }: ItemsOrder) {
      for (let i = 0; i < times; i++) yield* queue.put(itemOf(kind, i));
    }),
);

/** Answers with what all items weigh; each must be the one that was put there in its turn. */
export const get = task(
  import.meta,
  'get',
  (orders: Connection, queue: Queue | SimpleQueue): Coroutine<void> =>
    serve(orders, function* ({ kind, times }: ItemsOrder) {
      let weight = 0;
      for (let i = 0; i < times; i++) {
        const item = yield* queue.get();
        checkItem(kind, item, i);
        weight += weightOf(kind, item);
      }
      return weight;
    }),
);

/** Sends back what it gets, so often. */
export const echo = task(import.meta, 'echo', (orders: Connection, data: Connection): Coroutine<void> =>
  serve(orders, function* (times: number) {
    for (let i = 0; i < times; i++) yield* data.send(yield* data.recv());
  }),
);

/** Takes bytes, so often, and answers with what they weigh. */
export const drain = task(import.meta, 'drain', (orders: Connection, data: Connection): Coroutine<void> =>
  serve(orders, function* (times: number) {
    let weight = 0;
    for (let i = 0; i < times; i++) weight += (yield* data.recvBytes()).length;
    return weight;
  }),
);

/** Writes a number into shared memory, or tells what is there. */
export const memory = task(
  import.meta,
  'memory',
  (orders: Connection, value: Value<'d'>, array: Array<'d'>): Coroutine<void> =>
    serve(orders, function* (written: number | 'look'): Coroutine<unknown> {
      if (written === 'look') return [value.value, array.slice().reduce((sum, item) => sum + item, 0)];
      value.value = written;
      array.fill(written);
      return null;
    }),
);
