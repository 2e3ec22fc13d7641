import {
  type Coroutine,
  getHub,
  isInterrupt,
  sleep,
  until,
  type Waitable,
  withTimeout,
} from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Contract, hold } from './contract.ts';
import { Killed, type WorkerBody } from './crew.ts';
import { thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** How to put and get, as every queue of the house takes it. */
export interface QueueWaitLike {
  timeout?: number | null | undefined;
  block?: boolean;
}

/** Python: `queue.Queue`. */
export interface QueueLike {
  put(item: unknown, options?: QueueWaitLike): Waitable<void>;
  get(options?: QueueWaitLike): Waitable<unknown>;
  /** May be a waitable where the queue is kept elsewhere. */
  putNowait(item: unknown): unknown;
  getNowait(): unknown;
  qsize(): number;
  empty(): boolean;
  full(): boolean;
}

/** A queue that can be joined. */
export interface JoinableLike extends QueueLike {
  readonly unfinishedTasks: number;
  taskDone(): void;
  join(options?: { timeout?: number | null }): Waitable<unknown>;
}

/** A queue that can be shut down. */
export interface ClosableLike extends QueueLike {
  readonly isShutdown: boolean;
  shutdown(options?: { immediate?: boolean }): void;
}

export interface QueueAdapter extends World {
  /** Makes one that holds so many at most; any number when it is left out. */
  make(maxsize?: number): QueueLike;
  /** In which order it gives what it holds. */
  readonly order: 'fifo' | 'lifo' | 'priority';
  /** Whether it can be joined. */
  readonly joinable: boolean;
  /** Whether it can be shut down. */
  readonly closable: boolean;
  /** Whether those who wait in one thread are served in the order in which they came; they are unless told. */
  readonly fair?: boolean;
}

const SHORT = 60;
const ascending = (a: unknown, b: unknown): number => (a as number) - (b as number);
const SIZE = 5;
/** What tells a consumer to end: after everything else, also by priority. */
const END = 1_000_000;

/** The name of the error in the place of an item. */
function* got(wait: Waitable<unknown>): Coroutine<unknown> {
  try {
    return yield* wait;
  } catch (error) {
    if (error instanceof Killed || isInterrupt(error)) throw error;
    return (error as Error).name;
  }
}

export const queueBodies = {
  /** Puts one item: 'put', or the name of the error, and after how long. */
  *queuePut(
    index: number,
    queue: QueueLike,
    tally: Tally,
    options?: QueueWaitLike,
  ): Coroutine<[unknown, number]> {
    count(tally, 0);
    const [outcome, elapsed] = yield* timed<unknown>(got(queue.put(100 + index, options)));
    count(tally, 1);
    return [outcome ?? 'put', elapsed];
  },

  /** Gets one item, or the name of the error, and after how long. */
  *queueGet(
    _index: number,
    queue: QueueLike,
    tally: Tally,
    options?: QueueWaitLike,
  ): Coroutine<[unknown, number]> {
    count(tally, 0);
    const outcome = yield* timed<unknown>(got(queue.get(options)));
    count(tally, 1);
    return outcome;
  },

  /** Puts `many` items that nobody else puts. */
  *queueProduce(index: number, queue: QueueLike, many: number): Coroutine {
    for (let n = 0; n < many; n++) {
      yield* queue.put(index * many + n);
      if (n % 7 === index) yield* sleep(0);
    }
  },

  /** Gets items until it is told to end: what it got. */
  *queueConsume(index: number, queue: QueueLike): Coroutine<unknown[]> {
    const items: unknown[] = [];
    for (;;) {
      const item = yield* queue.get();
      if (item === END) return items;
      items.push(item);
      if (items.length % 5 === index) yield* sleep(0);
    }
  },

  /** The same with time limits that are up again and again. */
  *queueConsumeLimited(_index: number, queue: QueueLike): Coroutine<unknown[]> {
    const items: unknown[] = [];
    for (;;) {
      const item = yield* got(queue.get({ timeout: 1 }));
      if (item === END) return items;
      if (item !== 'Empty') items.push(item);
    }
  },

  /** Gets items until it is told to end, and reports each, once it has added it to slot 0. */
  *queueDeal(_index: number, queue: JoinableLike, tally: Tally): Coroutine {
    for (;;) {
      const item = (yield* queue.get()) as number;
      yield* sleep(0);
      if (item !== END) count(tally, 0, item);
      queue.taskDone();
      if (item === END) return;
    }
  },

  /** Waits until all is reported. */
  *queueJoin(_index: number, queue: JoinableLike, tally: Tally): Coroutine<number> {
    count(tally, 1);
    yield* queue.join();
    count(tally, 2);
    return queue.unfinishedTasks;
  },

  /** Gets items until the queue is shut down: how many. */
  *queueDrain(_index: number, queue: QueueLike, tally: Tally): Coroutine<[number, string]> {
    for (let n = 0; ; n++) {
      count(tally, 0);
      const item = yield* got(queue.get());
      if (typeof item === 'string') return [n, item];
    }
  },
} satisfies Record<string, WorkerBody>;

/** What a method that does not wait gives, also where it has to be asked for. */
function* now(given: unknown): Coroutine<unknown> {
  if (given === null || typeof given !== 'object' || !(Symbol.iterator in given)) return given;
  return yield* given as Coroutine<unknown>;
}

const joinable = (adapter: QueueAdapter): boolean => adapter.joinable;
const closable = (adapter: QueueAdapter): boolean => adapter.closable;
const fair = (adapter: QueueAdapter): boolean => adapter.fair !== false;
const names = (results: unknown[]): unknown[] => (results as [unknown, number][]).map(([outcome]) => outcome);

export const queueCases: Contract<QueueAdapter> = {
  *'Q01: 111, 333, 222 come in the order of the queue, twice'({ make, order }) {
    const queue = make();
    const expected = { fifo: [111, 333, 222], lifo: [222, 333, 111], priority: [111, 222, 333] }[order];
    for (let again = 0; again < 2; again++) {
      assert.is(queue.empty(), true);
      assert.is(queue.full(), false);
      for (const item of [111, 333, 222]) yield* queue.put(item);
      assert.is(queue.qsize(), 3);
      assert.is(queue.empty(), false);
      assert.equal([yield* queue.get(), yield* queue.get(), yield* queue.get()], expected);
    }
    assert.is(queue.qsize(), 0);
  },

  'Q01: many with priorities come sorted': {
    when: (adapter) => adapter.order === 'priority',
    *body({ make }) {
      const queue = make();
      const items = Array.from({ length: 200 }, (_, n) => (n * 7919) % 101);
      for (const item of items) queue.putNowait(item);
      const taken = items.map(() => queue.getNowait());
      assert.equal(taken, items.toSorted(ascending));
    },
  },

  *'Q02: Full and Empty at once without blocking'({ make }) {
    const queue = make(SIZE);
    for (let n = 0; n < SIZE; n++) {
      assert.is(queue.full(), false);
      yield* now(queue.putNowait(n));
    }
    assert.is(queue.full(), true);
    assert.is(queue.qsize(), SIZE);
    assert.is(yield* thrown(() => queue.putNowait(9)), 'Full');
    assert.is(yield* thrown(() => queue.put(9, { block: false })), 'Full');
    assert.is(queue.qsize(), SIZE);
    for (let n = 0; n < SIZE; n++) yield* now(queue.getNowait());
    assert.is(yield* thrown(() => queue.getNowait()), 'Empty');
    assert.is(yield* thrown(() => queue.get({ block: false })), 'Empty');
    assert.is(queue.empty(), true);
  },

  'what needs no wait does not park': {
    when: (adapter) => adapter.remote !== true,
    *body({ make }) {
      const queue = make(SIZE);
      const before = getHub().switches;
      yield* queue.put(1);
      yield* queue.put(2, { timeout: 100 });
      yield* queue.get();
      yield* queue.get({ timeout: 100 });
      assert.is(getHub().switches, before);
    },
  },

  *'Q02: Full and Empty when the time is up'({ make }, scene) {
    const queue = make(1);
    const tally = scene.tally();
    const getters = yield* scene.crew(3, 'queueGet', queue, tally, { timeout: SHORT }).results();
    yield* now(queue.putNowait(1));
    const putters = yield* scene.crew(3, 'queuePut', queue, tally, { timeout: SHORT }).results();
    for (const [, elapsed] of [...getters, ...putters] as [string, number][]) scene.took(elapsed, SHORT);
    assert.equal([...names(getters), ...names(putters)], ['Empty', 'Empty', 'Empty', 'Full', 'Full', 'Full']);
    assert.is(yield* thrown(() => queue.put(2, { timeout: 0 })), 'Full');
    assert.is(yield* now(queue.getNowait()), 1, 'what was not put is not in it');
    assert.is(yield* thrown(() => queue.get({ timeout: 0 })), 'Empty');
  },

  *'what is no time limit is refused'({ make }) {
    const queue = make(1);
    for (const wait of [() => queue.get({ timeout: -1 }), () => queue.put(1, { timeout: -1 })]) {
      const name = yield* thrown(wait);
      assert.ok(name === 'TypeError' || name === 'RangeError', name);
    }
    assert.is(queue.qsize(), 0);
  },

  *'what is no size is a RangeError'({ make }) {
    for (const size of [-1, 1.5]) assert.is(yield* thrown(() => make(size)), 'RangeError', `${size}`);
  },

  *'Q02: a put that waits goes on with a get'({ make }, scene) {
    const queue = make(1);
    for (const options of [undefined, { timeout: 7000 }]) {
      const tally = scene.tally();
      yield* now(queue.putNowait(1));
      const crew = scene.crew(1, 'queuePut', queue, tally, options);
      yield* scene.reaches(tally, 0, 1);
      assert.is(read(tally, 1), 0, 'it waits');
      assert.is(yield* queue.get(), 1);
      assert.equal(names(yield* crew.results()), ['put']);
      assert.is(yield* queue.get(), 100);
    }
  },

  *'Q02: a get that waits goes on with a put'({ make }, scene) {
    const queue = make(1);
    for (const options of [undefined, { timeout: 7000 }]) {
      const tally = scene.tally();
      const crew = scene.crew(1, 'queueGet', queue, tally, options);
      yield* scene.reaches(tally, 0, 1);
      assert.is(read(tally, 1), 0, 'it waits');
      yield* queue.put(7);
      assert.equal(names(yield* crew.results()), [7]);
      assert.is(queue.qsize(), 0);
    }
  },

  *'five that wait to get and five that wait to put are all served'({ make }, scene) {
    const queue = make(2);
    const tally = scene.tally();
    const getters = scene.crew(5, 'queueGet', queue, tally);
    yield* scene.reaches(tally, 0, 5);
    const putters = scene.crew(7, 'queuePut', queue, scene.tally());
    assert.equal(names(yield* putters.results()), Array(7).fill('put'));
    const items = [...names(yield* getters.results()), yield* queue.get(), yield* queue.get()] as number[];
    assert.equal(items.toSorted(ascending), [100, 101, 102, 103, 104, 105, 106]);
  },

  *'many producers and consumers: every item comes once'({ make, order }, scene) {
    for (const consume of ['queueConsume', 'queueConsumeLimited']) {
      // A last-in queue would give the sign to end before the rest if there were room for both.
      const queue = make(order === 'lifo' ? 1 : 4);
      const consumers = scene.crew(3, consume, queue);
      yield* scene.crew(4, 'queueProduce', queue, 50).results();
      if (order === 'lifo') while (queue.qsize() > 0) yield* sleep(1);
      for (let n = 0; n < 3; n++) yield* queue.put(END);
      const results = (yield* consumers.results()) as number[][];
      assert.equal(
        results.flat().toSorted(ascending),
        Array.from({ length: 200 }, (_, n) => n),
      );
    }
  },

  'one producer and one consumer: the order holds': {
    when: (adapter) => adapter.order === 'fifo',
    *body({ make }, scene) {
      const queue = make(3);
      const consumer = scene.crew(1, 'queueConsume', queue);
      yield* scene.crew(1, 'queueProduce', queue, 100).results();
      yield* queue.put(END);
      assert.equal(yield* consumer.results(), [Array.from({ length: 100 }, (_, n) => n)]);
    },
  },

  'Q03: taskDone once too often is a RangeError': {
    when: joinable,
    *body({ make }, scene) {
      const queue = make() as JoinableLike;
      assert.is(yield* thrown(() => queue.taskDone()), 'RangeError');
      yield* now(queue.putNowait(1));
      assert.is(queue.unfinishedTasks, 1);
      yield* now(queue.getNowait());
      queue.taskDone();
      yield* scene.known();
      assert.is(yield* thrown(() => queue.taskDone()), 'RangeError');
      assert.is(queue.unfinishedTasks, 0);
    },
  },

  'Q03: join waits until a hundred items are dealt with by two workers, and again': {
    when: joinable,
    *body({ make }, scene) {
      const queue = make() as JoinableLike;
      for (let again = 0; again < 2; again++) {
        const tally = scene.tally();
        yield* queue.join();
        const crew = scene.crew(2, 'queueDeal', queue, tally);
        for (let n = 0; n < 100; n++) yield* queue.put(n);
        yield* queue.join();
        assert.is(read(tally, 0), 4950, 'join came back before all was done');
        for (let n = 0; n < 2; n++) yield* queue.put(END);
        yield* queue.join();
        yield* crew.results();
        assert.is(queue.unfinishedTasks, 0);
      }
      assert.is(yield* thrown(() => queue.taskDone()), 'RangeError');
    },
  },

  'all who join go on, and no one before': {
    when: joinable,
    *body({ make }, scene) {
      const queue = make() as JoinableLike;
      const tally = scene.tally();
      yield* now(queue.putNowait(1));
      yield* now(queue.putNowait(2));
      const crew = scene.crew(3, 'queueJoin', queue, tally);
      yield* scene.reaches(tally, 1, 3);
      yield* now(queue.getNowait());
      yield* now(queue.getNowait());
      queue.taskDone();
      yield* sleep(5);
      yield* scene.settle();
      assert.is(read(tally, 2), 0, 'one is not reported');
      queue.taskDone();
      assert.equal(yield* crew.results(), [0, 0, 0]);
    },
  },

  'shut down: nothing can be put, what it holds can be got, then ShutDown': {
    when: closable,
    *body({ make }) {
      const queue = make(2) as ClosableLike;
      assert.is(queue.isShutdown, false);
      yield* queue.put(1);
      yield* now(queue.putNowait(2));
      queue.shutdown();
      assert.is(queue.isShutdown, true);
      assert.is(yield* thrown(() => queue.put(3)), 'ShutDown');
      assert.is(yield* thrown(() => queue.put(3, { block: false })), 'ShutDown');
      assert.is(yield* thrown(() => queue.putNowait(3)), 'ShutDown');
      const items = [yield* queue.get(), yield* now(queue.getNowait())] as number[];
      assert.equal(items.toSorted(ascending), [1, 2]);
      assert.is(yield* thrown(() => queue.get()), 'ShutDown');
      assert.is(yield* thrown(() => queue.get({ timeout: 1000 })), 'ShutDown');
      assert.is(yield* thrown(() => queue.getNowait()), 'ShutDown');
      queue.shutdown();
      assert.is(queue.isShutdown, true);
    },
  },

  'shut down at once: what it held is gone': {
    when: closable,
    *body({ make }) {
      const queue = make(2) as ClosableLike;
      yield* queue.put(1);
      queue.shutdown({ immediate: true });
      assert.is(queue.empty(), true);
      assert.is(yield* thrown(() => queue.get()), 'ShutDown');
      assert.is(yield* thrown(() => queue.getNowait()), 'ShutDown');
      assert.is(yield* thrown(() => queue.put(2)), 'ShutDown');
      // The later one may be milder; it takes nothing back.
      queue.shutdown({ immediate: false });
      assert.is(queue.isShutdown, true);
      const other = make() as ClosableLike;
      yield* now(other.putNowait(1));
      other.shutdown();
      other.shutdown({ immediate: true });
      assert.is(yield* thrown(() => other.get()), 'ShutDown');
    },
  },

  'shut down: those who wait to get or to put are told': {
    when: closable,
    *body({ make }, scene) {
      for (const immediate of [false, true]) {
        const empty = make(1) as ClosableLike;
        const full = make(1) as ClosableLike;
        yield* now(full.putNowait(1));
        const tally = scene.tally();
        const getters = scene.crew(3, 'queueGet', empty, tally);
        const putters = scene.crew(3, 'queuePut', full, tally, { timeout: 7000 });
        yield* scene.reaches(tally, 0, 6);
        empty.shutdown({ immediate });
        full.shutdown({ immediate });
        const outcomes = [...names(yield* getters.results()), ...names(yield* putters.results())];
        assert.equal(outcomes, Array(6).fill('ShutDown'));
        assert.is(full.qsize(), immediate ? 0 : 1, 'nothing was put');
      }
    },
  },

  'shut down: consumers get the rest and end, each item once': {
    when: closable,
    *body({ make }, scene) {
      const queue = make() as ClosableLike;
      const tally = scene.tally();
      for (let n = 0; n < 50; n++) yield* now(queue.putNowait(n));
      const crew = scene.crew(4, 'queueDrain', queue, tally);
      yield* scene.reaches(tally, 0, 54);
      for (let n = 0; n < 50; n++) yield* now(queue.putNowait(n));
      queue.shutdown();
      const results = (yield* crew.results()) as [number, string][];
      assert.is(
        results.reduce((sum, [n]) => sum + n, 0),
        100,
      );
      for (const [, name] of results) assert.is(name, 'ShutDown');
    },
  },

  'shut down: join waits for what is left, or for nothing when that is gone': {
    when: (adapter) => adapter.joinable && adapter.closable,
    *body({ make }, scene) {
      for (const immediate of [false, true]) {
        const queue = make() as JoinableLike & ClosableLike;
        const tally = scene.tally();
        yield* now(queue.putNowait(1));
        yield* now(queue.putNowait(2));
        const crew = scene.crew(2, 'queueJoin', queue, tally);
        yield* scene.reaches(tally, 1, 2);
        queue.shutdown({ immediate });
        if (!immediate) {
          yield* now(queue.getNowait());
          queue.taskDone();
          yield* now(queue.getNowait());
          yield* scene.settle();
          assert.is(read(tally, 2), 0);
          queue.taskDone();
        }
        assert.equal(yield* crew.results(), [0, 0]);
        yield* scene.known();
        assert.is(yield* thrown(() => queue.taskDone()), 'RangeError');
      }
    },
  },

  'shut down at once: an item that was got is still to be reported': {
    when: (adapter) => adapter.joinable && adapter.closable,
    *body({ make }) {
      const queue = make() as JoinableLike & ClosableLike;
      yield* now(queue.putNowait(1));
      yield* now(queue.putNowait(2));
      yield* now(queue.getNowait());
      queue.shutdown({ immediate: true });
      assert.is(queue.unfinishedTasks, 1);
      queue.taskDone();
      yield* queue.join();
    },
  },

  'those who wait are served in the order in which they came': {
    when: fair,
    *body({ make }, scene) {
      const queue = make(1);
      const gotten: string[] = [];
      const getters = ['a', 'b', 'c'].map((name) =>
        scene.start(function* () {
          gotten.push(`${name} ${String(yield* queue.get())}`);
        }),
      );
      yield* scene.settle();
      for (const item of [1, 2, 3]) yield* queue.put(item);
      for (const getter of getters) yield* getter.outcome();
      assert.equal(gotten, ['a 1', 'b 2', 'c 3']);
      yield* now(queue.putNowait(0));
      const putters = [1, 2, 3].map((item) => scene.start(() => queue.put(item)));
      yield* scene.settle();
      const items: unknown[] = [];
      for (let n = 0; n < 4; n++) {
        items.push(yield* queue.get());
        yield* scene.settle();
      }
      assert.equal(items, [0, 1, 2, 3]);
      for (const putter of putters) yield* putter.outcome();
    },
  },

  *'one that is killed while it waits takes no item with it, and leaves none'({ make }, scene) {
    const queue = make(1);
    const victim = scene.start(() => queue.get());
    const getter = scene.start(() => queue.get());
    yield* scene.settle();
    victim.kill();
    yield* now(queue.putNowait(1));
    assert.is(yield* getter.outcome(), 1);
    assert.is(yield* thrown(() => victim.outcome()), 'Killed');
    yield* now(queue.putNowait(2));
    const putVictim = scene.start(() => queue.put(3));
    const putter = scene.start(() => queue.put(4));
    yield* scene.settle();
    putVictim.kill();
    yield* scene.known();
    assert.is(yield* queue.get(), 2);
    yield* putter.outcome();
    assert.is(yield* thrown(() => putVictim.outcome()), 'Killed');
    assert.is(yield* queue.get(), 4);
    assert.is(queue.qsize(), 0);
  },

  *'a kill as an item comes: the item is got, or still there'({ make }, scene) {
    const queue = make();
    const gotten: unknown[] = [];
    const victims = [0, 1, 2].map(() =>
      scene.start(function* () {
        gotten.push(yield* queue.get());
        yield* sleep(7000);
      }),
    );
    yield* scene.settle();
    yield* now(queue.putNowait(1));
    victims[0]?.kill();
    victims[1]?.kill();
    yield* now(queue.putNowait(2));
    yield* sleep(10);
    victims[2]?.kill();
    for (const victim of victims) assert.is(yield* thrown(() => victim.outcome()), 'Killed');
    while (queue.qsize() > 0) gotten.push(yield* queue.get());
    assert.equal((gotten as number[]).toSorted(ascending), [1, 2]);
  },

  *'limits, kills and items at the same time: every item comes once'({ make }, scene) {
    const queue = make(2);
    const gotten: number[] = [];
    const members = Array.from({ length: 12 }, (_, n) =>
      scene.start(function* () {
        const get = (): Waitable<unknown> => queue.get({ timeout: 5 * (1 + (n % 3)) });
        const item =
          n % 2 === 0 ? yield* got(get()) : yield* withTimeout(5 * (1 + (n % 2)), get, { value: 'late' });
        if (typeof item === 'number') gotten.push(item);
      }),
    );
    const put: number[] = [];
    for (let n = 0; n < 20; n++) {
      if ((yield* got(queue.put(n, { timeout: n % 4 }))) === undefined) put.push(n);
      if (n % 5 === 4) yield* sleep(5);
      if (n % 6 === 3) members[n % 12]?.kill();
    }
    for (const member of members) yield* thrown(() => member.outcome());
    while (queue.qsize() > 0) gotten.push((yield* queue.get()) as number);
    const sorted = (items: number[]): number[] => items.toSorted(ascending);
    assert.equal(sorted(gotten), sorted(put));
  },

  *'a Timeout around the wait is never lost'({ make }, scene) {
    const queue = make(1);
    const member = scene.start(function* () {
      assert.is(yield* thrown(() => withTimeout(SHORT, () => queue.get())), 'Timeout');
      const get = (): Waitable<unknown> => queue.get({ timeout: 7000 });
      const got = yield* withTimeout(SHORT, get, { value: 'late' });
      yield* now(queue.putNowait(1));
      assert.is(yield* thrown(() => withTimeout(SHORT, () => queue.put(2))), 'Timeout');
      return got;
    });
    assert.is(yield* member.outcome(), 'late');
    assert.is(yield* now(queue.getNowait()), 1);
    assert.is(queue.qsize(), 0);
  },

  *'await waits as yield* does'({ make }) {
    const queue = make(1);
    const items = yield* until(async () => {
      const getting = queue.get().then((item) => item);
      await queue.put(1);
      const items = [await getting];
      await queue.put(2);
      const putting = queue.put(3).then(() => 'put');
      items.push(await queue.get(), await putting, await queue.get());
      return items;
    });
    assert.equal(items, [1, 2, 'put', 3]);
  },
};

/** Holds a queue to its contract: cases Q01 to Q03, shutdown, and what greenlets add. */
export function queueContract(adapter: QueueAdapter): void {
  hold(queueCases, adapter);
}
