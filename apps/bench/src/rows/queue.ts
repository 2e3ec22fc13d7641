import { atMost } from '../mark.ts';
import { loadEffect } from '../npm/effect.ts';
import { loadEffection } from '../npm/effection.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';

// A number goes into one queue and comes back through the other. One operation is one such round trip: two puts, two gets.

const ours: NodeContender = {
  id: OURS,
  label: 'ours: Queue',
  async load() {
    const { Queue, joinall, spawn } = await import('@switchyard/gevent');
    return (n) => {
      const there = new Queue<number>();
      const back = new Queue<number>();
      const ping = spawn(function* () {
        for (let i = 0; i < n; i++) {
          yield* there.put(i);
          yield* back.get();
        }
      });
      const pong = spawn(function* () {
        for (let i = 0; i < n; i++) yield* back.put(yield* there.get());
      });
      return joinall([ping, pong]);
    };
  },
};

/** The least a queue between async functions can be: no bound, no timeout, no cancelling. */
class PromiseQueue<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  get(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift() as T);
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}

const asyncFunctions: NodeContender = {
  id: 'async',
  label: 'async functions, a bare promise queue',
  async load() {
    return (n) => {
      const there = new PromiseQueue<number>();
      const back = new PromiseQueue<number>();
      const ping = async (): Promise<void> => {
        for (let i = 0; i < n; i++) {
          there.put(i);
          await back.get();
        }
      };
      const pong = async (): Promise<void> => {
        for (let i = 0; i < n; i++) back.put(await there.get());
      };
      return Promise.all([ping(), pong()]);
    };
  },
};

const effect: NodeContender = {
  id: 'effect',
  label: 'Effect: Queue',
  peer: 'effect',
  async load() {
    const { Effect, Fiber, Queue } = await loadEffect();
    return (n) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const there = yield* Queue.unbounded<number>();
          const back = yield* Queue.unbounded<number>();
          const ping = Effect.gen(function* () {
            for (let i = 0; i < n; i++) {
              yield* Queue.offer(there, i);
              yield* Queue.take(back);
            }
          });
          const pong = Effect.gen(function* () {
            for (let i = 0; i < n; i++) yield* Queue.offer(back, yield* Queue.take(there));
          });
          const first = yield* Effect.forkChild(ping);
          const second = yield* Effect.forkChild(pong);
          yield* Fiber.join(first);
          yield* Fiber.join(second);
        }),
      );
  },
};

const effection: NodeContender = {
  id: 'effection',
  label: 'Effection: createQueue',
  peer: 'effection',
  async load() {
    const { createQueue, run, spawn } = await loadEffection();
    return (n) =>
      run(function* () {
        const there = createQueue<number>();
        const back = createQueue<number>();
        const ping = yield* spawn(function* () {
          for (let i = 0; i < n; i++) {
            there.add(i);
            yield* back.next();
          }
        });
        const pong = yield* spawn(function* () {
          for (let i = 0; i < n; i++) {
            const taken = yield* there.next();
            back.add(taken.value as number);
          }
        });
        yield* ping;
        yield* pong;
      });
  },
};

export const row: Row = {
  id: 'queue',
  title: 'queue ping-pong',
  per: 'round trip',
  method: 'time',
  n: 200_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    asyncFunctions,
    effect,
    effection,
    { id: 'gevent', label: 'Python gevent: Queue', script: 'gevent_queue.py' },
  ],
  marks: [atMost(350, 'at most 350 ns a round trip')],
};
