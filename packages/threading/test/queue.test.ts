/** The three kinds of queues, in one thread. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { sleep } from '@switchyard/hub';
import { CloneError, RuntimeError } from '@switchyard/remote';
import { dehydrate, Empty, Full, hydrate, ShutDown } from '@switchyard/remote/core';
import { LifoQueue } from '../src/lifo-queue.ts';
import { Lock } from '../src/lock.ts';
import { PriorityQueue } from '../src/priority-queue.ts';
import { Queue } from '../src/queue.ts';
import { random } from './queue-support.ts';
import { go, start, thrownBy, turn } from './support.ts';

const inOrder = { Queue: [111, 333, 222], LifoQueue: [222, 333, 111], PriorityQueue: [111, 222, 333] };

for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
  const test = suite(Kind.name);
  const sent = <T>(queue: Queue<T>): Queue<T> => hydrate(structuredClone(dehydrate(queue).value)) as Queue<T>;

  // Q01
  test('gives items in its order', async () => {
    const queue = new Kind<number>();
    for (const item of [111, 333, 222]) await queue.put(item);
    assert.is(queue.qsize(), 3);
    const got = [await queue.get(), queue.getNowait(), await queue.get({ block: false })];
    assert.equal(got, inOrder[Kind.name as keyof typeof inOrder]);
    assert.is(queue.empty(), true);
  });

  test('uncontended put and get do not park', { switches: false }, function* () {
    const queue = new Kind<number>(100);
    for (let n = 0; n < 100; n++) yield* queue.put(n);
    for (let n = 0; n < 100; n++) yield* queue.get();
    assert.is(queue.empty(), true);
  });

  // A thread that had not seen how another let the memory grow wrote behind the end of what it knew of, where the records
  // had gone round.
  test('memory that one thread has let grow is known to another that puts into it', () => {
    const near = new Kind<string>();
    const far = sent(near);
    const there: string[] = [];
    const put = (queue: Queue<string>, size: number): void => {
      const item = String(there.length).padEnd(size, '.');
      queue.putNowait(item);
      there.push(item);
    };
    const next = (): string | undefined =>
      Kind === Queue ? there.shift() : Kind === LifoQueue ? there.pop() : there.toSorted()[0];

    for (let left = 1000; left > 0; left--) put(far, 50);
    // Room at the beginning, which is used once the end is reached: the near side has seen nothing of it all.
    for (let left = 900; left > 0; left--) {
      const item = next();
      assert.is(far.getNowait(), item);
      if (Kind === PriorityQueue) there.splice(there.indexOf(item!), 1);
    }
    for (let left = 850; left > 0; left--) put(far, 50);
    put(near, 50);
    put(near, 10_000);
    while (there.length > 0) {
      const item = next();
      assert.is(near.getNowait(), item);
      if (Kind === PriorityQueue) there.splice(there.indexOf(item!), 1);
    }
    assert.is(near.empty(), true);
  });

  // Q02
  test('without waiting: Empty and Full at once', async () => {
    const queue = new Kind<number>(1);
    assert.instance(await thrownBy(() => queue.getNowait()), Empty);
    assert.instance(await thrownBy(() => queue.get({ block: false })), Empty);
    assert.instance(await thrownBy(() => queue.get({ timeout: 0 })), Empty);
    assert.instance(await thrownBy(() => queue.getSync({ block: false })), Empty);
    queue.putNowait(1);
    assert.is(queue.full(), true);
    assert.instance(await thrownBy(() => queue.putNowait(2)), Full);
    assert.instance(await thrownBy(() => queue.put(2, { block: false })), Full);
    assert.instance(await thrownBy(() => queue.putSync(2, { timeout: 0 })), Full);
    assert.is(queue.getNowait(), 1);
    assert.is(queue.qsize(), 0);
  });

  // Q02
  test('with a timeout: Empty and Full after it, and nothing is put', async () => {
    const queue = new Kind<number>(1);
    const empty = await thrownBy(() => queue.get({ timeout: 10 }));
    assert.instance(empty, Empty);
    assert.is(empty.message, 'nothing in the queue within 10 ms');
    queue.putNowait(1);
    assert.instance(await thrownBy(() => queue.put(2, { timeout: 10 })), Full);
    assert.is(queue.getNowait(), 1);
    assert.is(queue.empty(), true);
  });

  // Q02
  test('a put that waits for room is let in by a get, a get that waits by a put', async () => {
    const queue = new Kind<number>(1);
    await queue.put(1);
    const putting = start(function* () {
      yield* queue.put(2);
    });
    await turn();
    assert.is(putting.ended, false);
    assert.is(await queue.get(), 1);
    await putting.done;
    assert.is(await queue.get(), 2);
    const getting = queue.get().then((item) => item);
    await turn();
    queue.putNowait(3);
    assert.is(await getting, 3);
  });

  test('those who wait are served in the order in which they came', async () => {
    const queue = new Kind<number>();
    const log: string[] = [];
    const waiting = [1, 2, 3].map((name) =>
      start(function* () {
        log.push(`${name}:${yield* queue.get()}`);
      }),
    );
    await turn();
    for (const item of [10, 20, 30]) {
      queue.putNowait(item);
      await turn();
    }
    for (const one of waiting) await one.done;
    assert.is(log.join(' '), '1:10 2:20 3:30');
  });

  test('one who is killed takes nothing with it', async () => {
    const queue = new Kind<number>(1);
    const second = start(function* () {
      return yield* queue.get();
    });
    const killed = start(function* () {
      return yield* queue.get();
    });
    await turn();
    killed.kill();
    second.kill();
    await turn();
    assert.is(killed.ended && second.ended, true);
    queue.putNowait(1);
    assert.is(await queue.get(), 1);
    queue.putNowait(2);
    const putter = start(function* () {
      yield* queue.put(3);
    });
    await turn();
    putter.kill();
    await putter.done;
    assert.is(await queue.get(), 2);
    await turn();
    assert.is(queue.empty(), true);
  });

  test('one who is killed while an item comes leaves the item to the next', async () => {
    const queue = new Kind<number>();
    const first = start(function* () {
      return yield* queue.get();
    });
    const second = start(function* () {
      return yield* queue.get();
    });
    await turn();
    first.kill();
    queue.putNowait(7);
    await second.done;
    assert.is(second.outcome, 7);
  });

  test('an item is copied, and may be anything', async () => {
    const queue = new Kind<unknown>();
    const rank = 1;
    const values = [
      { a: [1] },
      new Map([[1, new Set([2])]]),
      5n,
      'text 日本',
      new Error('e'),
      Buffer.alloc(3_000_000, 5),
    ];
    for (const value of values) {
      await queue.put([rank, value]);
      const [, got] = (await queue.get()) as [number, unknown];
      assert.equal(got, structuredClone(value));
      if (typeof value === 'object') assert.is.not(got, value);
    }
  });

  test('an item that cannot be cloned is refused with the path to it, and nothing is put', async () => {
    const queue = new Kind<unknown>(1);
    const item = [1, { a: [0, { f: () => {} }] }];
    for (const put of [() => queue.put(item), () => queue.putNowait(item)]) {
      const error = await thrownBy(put);
      assert.instance(error, CloneError);
      assert.is((error as CloneError).code, 'ERR_ITEM_CLONE');
      assert.ok(error.message.includes('item[1].a[1].f: a function'), error.message);
    }
    assert.is(queue.empty(), true);
    await queue.put([1, 'fits']);
  });

  test('queues and locks inside of items arrive as themselves', async () => {
    const queue = new Kind<[number, { replies: Queue<string>; lock: Lock }]>();
    const replies = new Kind<string>(3) as Queue<string>;
    const lock = new Lock();
    await queue.put([1, { replies, lock }]);
    const [, got] = await queue.get();
    assert.instance(got.replies, Kind);
    assert.is(got.replies.maxsize, 3);
    await got.replies.put('answer');
    assert.is(await replies.get(), 'answer');
    lock.tryAcquire();
    assert.is(got.lock.locked(), true);
  });

  test('what was sent is the same queue, waits included', async () => {
    const queue = new Kind<number>(2);
    const twin = sent(queue);
    assert.is(twin.maxsize, 2);
    const getting = twin.get().then((item) => item);
    await turn();
    await queue.put(5);
    assert.is(await getting, 5);
    await twin.put(1);
    await queue.put(2);
    const putting = twin.put(3).then(() => 'put');
    await turn();
    await queue.get();
    assert.is(await putting, 'put');
    twin.shutdown();
    assert.is(queue.isShutdown, true);
  });

  // Q03
  test('taskDone and join', async () => {
    const queue = new Kind<number>();
    const many = await thrownBy(() => queue.taskDone());
    assert.instance(many, RangeError);
    assert.is(many.message, 'taskDone() called too many times: all items that were put have been reported');
    assert.is(await queue.join(), true);
    queue.putNowait(1);
    queue.putNowait(2);
    assert.is(queue.unfinishedTasks, 2);
    assert.is(await queue.join({ timeout: 5 }), false);
    const joined = [queue.join().then((done) => done), go(() => queue.join()[Symbol.iterator]() as never)];
    queue.getNowait();
    queue.taskDone();
    queue.getNowait();
    await turn();
    queue.taskDone();
    assert.equal(await Promise.all(joined), [true, true]);
    assert.is(await queue.join(), true);
    assert.instance(await thrownBy(() => queue.taskDone()), RangeError);
  });

  test('shutdown: no more is put, what is there is taken, loops end', async () => {
    const queue = new Kind<number>(1);
    await queue.put(1);
    const putting = thrownBy(() => queue.put(2));
    await turn();
    queue.shutdown();
    assert.instance(await putting, ShutDown);
    assert.instance(await thrownBy(() => queue.put(3)), ShutDown);
    const got: number[] = [];
    for await (const item of queue) got.push(item);
    assert.equal(got, [1]);
    assert.instance(await thrownBy(() => queue.get()), ShutDown);
    assert.instance(await thrownBy(() => queue.getNowait()), ShutDown);
  });

  test('shutdown at once: what is there is discarded, those who wait are told', async () => {
    const queue = new Kind<unknown>();
    const waiting = [thrownBy(() => queue.get()), thrownBy(() => queue.get())];
    await turn();
    queue.shutdown({ immediate: true });
    for (const error of await Promise.all(waiting)) assert.instance(error, ShutDown);
    const other = new Kind<unknown>();
    for (let n = 0; n < 5; n++) other.putNowait([n, { queue }]);
    const joined = other.join().then((done) => done);
    await turn();
    other.shutdown({ immediate: true });
    assert.is(await joined, true);
    assert.is(other.qsize(), 0);
    assert.instance(await thrownBy(() => other.get()), ShutDown);
  });

  test('what is no size is refused; no size, null and 0 are no limit', async () => {
    for (const size of [-1, 1.5, '3', NaN, 2 ** 31]) {
      assert.instance(await thrownBy(() => new Kind(size as never)), RangeError);
    }
    for (const queue of [new Kind(), new Kind(null), new Kind(0)]) {
      assert.is(queue.maxsize, null);
      assert.is(queue.full(), false);
    }
  });

  test('the main thread cannot be stopped', async () => {
    const queue = new Kind<number>(1);
    for (const [call, instead] of [
      [() => queue.getSync(), 'await queue.get()'],
      [() => queue.putSync(1), 'await queue.put()'],
      [() => queue.joinSync(), 'await queue.join()'],
    ] as const) {
      const error = await thrownBy(call);
      assert.instance(error, RuntimeError);
      assert.ok(error.message.includes(instead), error.message);
    }
    assert.is(queue.empty(), true);
  });

  test('greenlets and async code together', async () => {
    const queue = new Kind<number>(3);
    let sum = 0;
    const producers = [1, 2, 3].map((by) =>
      start(function* () {
        for (let n = 0; n < 100; n++) {
          yield* queue.put(by);
          if (n % 7 === 0) yield* sleep(0);
        }
      }),
    );
    const consumers = [1, 2].map(async () => {
      for await (const item of queue) sum += item;
    });
    for (const producer of producers) await producer.done;
    queue.shutdown();
    await Promise.all(consumers);
    assert.is(sum, 600);
  });

  test('keeps its items apart through thousands of random puts and gets of all sizes', () => {
    const next = random(7);
    const queue = new Kind<[number, string]>();
    const twin = sent(queue);
    const model: [number, string][] = [];
    let order = 0;
    for (let step = 0; step < 20_000; step++) {
      const growing = Math.floor(step / 2500) % 2 === 0;
      if (model.length === 0 || next() < (growing ? 0.6 : 0.4)) {
        const size = next() < 0.02 ? Math.floor(next() * 20_000) : Math.floor(next() * 60);
        const item: [number, string] = [Math.floor(next() * 50), `${order++}`.padEnd(size, 'x')];
        (step % 2 === 0 ? queue : twin).putNowait(item);
        if (Kind === PriorityQueue) {
          // Strings after equal numbers count as well.
          let at = model.length;
          while (at > 0 && before(item, model[at - 1]!)) at--;
          model.splice(at, 0, item);
        } else model.push(item);
      } else {
        const expected = Kind === LifoQueue ? model.pop()! : model.shift()!;
        const got = (step % 3 === 0 ? queue : twin).getNowait();
        if (got[0] !== expected[0] || got[1] !== expected[1]) assert.equal(got, expected, `step ${step}`);
      }
    }
    assert.is(queue.qsize(), model.length);
  });

  test('its memory does not grow with the number of items that have gone through', () => {
    const queue = new Kind<unknown>();
    const memory = (): number =>
      (queue as unknown as { exchange: { store: { memory: SharedArrayBuffer[] } } }).exchange.store.memory
        .map((one) => one.byteLength)
        .reduce((a, b) => a + b);
    for (let n = 0; n < 100; n++) queue.putNowait([n % 10, 'item']);
    for (let n = 0; n < 5000; n++) {
      queue.putNowait([n % 10, 'item']);
      queue.getNowait();
    }
    const size = memory();
    for (let n = 0; n < 300_000; n++) {
      queue.putNowait([n % 10, 'item']);
      queue.getNowait();
    }
    assert.is(memory(), size);
    assert.ok(size < 100_000, `${size} bytes`);
    assert.is(queue.qsize(), 100);
  });

  test.run();
}

function before(a: [number, string], b: [number, string]): boolean {
  return a[0] !== b[0] ? a[0] < b[0] : a[1] < b[1];
}

const test = suite('the order of a PriorityQueue');

function drained(items: readonly unknown[]): unknown[] {
  const queue = new PriorityQueue<unknown>();
  for (const item of items) queue.putNowait(item);
  return items.map(() => queue.getNowait());
}

test('numbers, strings, bigints, dates', () => {
  assert.equal(drained([3, -1, 2.5, -Infinity, 0]), [-Infinity, -1, 0, 2.5, 3]);
  assert.equal(drained(['b', 'a', 'c', 'B']), ['B', 'a', 'b', 'c']);
  assert.equal(drained([2n ** 70n, 1, 2n ** 70n - 1n, 3n]), [1, 3n, 2n ** 70n - 1n, 2n ** 70n]);
  assert.equal(drained([new Date(2), new Date(1)]), [new Date(1), new Date(2)]);
  assert.equal(drained(['1', 2, 1]), [1, 2, '1']);
});

test('arrays, element by element, as tuples in Python', () => {
  assert.equal(drained([[2], [1, 'b'], [1, 'a'], [1], [1, 'a', 0]]), [
    [1],
    [1, 'a'],
    [1, 'a', 0],
    [1, 'b'],
    [2],
  ]);
  assert.equal(
    drained([
      [[2, 1], 0],
      [[1, 9], 1],
    ]),
    [
      [[1, 9], 1],
      [[2, 1], 0],
    ],
  );
  assert.equal(
    drained([
      ['low', 1],
      ['high', 2],
    ]),
    [
      ['high', 2],
      ['low', 1],
    ],
  );
});

test('of equal priority: first come, first served', () => {
  const items = Array.from({ length: 200 }, (_, n) => [n % 3, { n }] as const);
  const expected = [...items].sort((a, b) => a[0] - b[0]);
  assert.equal(drained(items), expected);
  assert.equal(drained([1, [1, { first: false }], 1, 0]), [0, 1, [1, { first: false }], 1]);
});

test('what has no order is refused', async () => {
  const queue = new PriorityQueue<unknown>();
  for (const item of [{}, undefined, NaN, [{}, 1], [], null]) {
    const error = await thrownBy(() => queue.put(item));
    assert.instance(error, TypeError);
    assert.ok(error.message.includes('[priority, value]'), error.message);
  }
  assert.is(queue.empty(), true);
});

test('a heap that a thread has left half changed is made anew', () => {
  const queue = new PriorityQueue<[number, { n: number }]>();
  for (let n = 0; n < 500; n++) queue.putNowait([(n * 37) % 101, { n }]);
  for (let n = 0; n < 200; n++) queue.getNowait();
  const { exchange: inside } = queue as unknown as {
    exchange: {
      words: { enter(ms: number): boolean; leave(): void };
      store: { memory: SharedArrayBuffer[]; repair(words: unknown): void };
    };
  };
  new Int32Array(inside.store.memory[1]!).fill(0);
  inside.words.enter(10);
  inside.store.repair(inside.words);
  inside.words.leave();
  assert.is(queue.qsize(), 300);
  let last: [number, { n: number }] = [-1, { n: -1 }];
  for (let n = 0; n < 300; n++) {
    const item = queue.getNowait();
    assert.ok(item[0] > last[0] || (item[0] === last[0] && item[1].n > last[1].n));
    last = item;
  }
});

test.run();
