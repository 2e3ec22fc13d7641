/** Queue and JoinableQueue. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import {
  type Coroutine,
  Empty,
  Full,
  joinall,
  JoinableQueue,
  Queue,
  ShutDown,
  sleep,
  spawn,
  spawnLater,
  withTimeout,
} from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

for (const Kind of [Queue, JoinableQueue]) {
  const test = suite(Kind.name);

  test('first in, first out', { switches: false }, function* () {
    const queue = new Kind<number>();
    assert.is(queue.empty(), true);
    for (let n = 0; n < 100; n++) yield* queue.put(n);
    assert.is(queue.qsize(), 100);
    assert.is(queue.full(), false);
    for (let n = 0; n < 100; n++) assert.is(yield* queue.get(), n);
    assert.is(queue.empty(), true);
  });

  test('holds what it is given to begin with', { switches: false }, function* () {
    const queue = new Kind<string>(2, ['a', 'b']);
    assert.is(`${queue.qsize()} ${queue.full()} ${queue.maxsize}`, '2 true 2');
    assert.is(yield* queue.get(), 'a');
  });

  test('no size, null and 0 are no limit', () => {
    for (const queue of [new Kind(), new Kind(null), new Kind(0)]) {
      assert.is(queue.maxsize, null);
      assert.is(queue.full(), false);
    }
  });

  test('what is no size is refused', () => {
    for (const [size, shown] of [
      [-1, '-1'],
      [1.5, '1.5'],
      ['3', '"3"'],
      [NaN, 'NaN'],
    ] as const) {
      const error = thrownBy(() => new Kind(size as never));
      assert.instance(error, RangeError);
      assert.is(
        error.message,
        `Expected a whole number from 0 up, or null for no limit, as the size of a ${Kind.name}, got ${shown}`,
      );
    }
  });

  test('undefined and null are items like others', { switches: false }, function* () {
    const queue = new Kind<unknown>(null, [undefined, null, 0]);
    assert.equal([yield* queue.get(), yield* queue.get(), yield* queue.get()], [undefined, null, 0]);
  });

  test('without waiting: Empty and Full at once', { switches: false }, function* () {
    const queue = new Kind<number>(1);
    assert.instance(
      thrownBy(() => queue.getNowait()),
      Empty,
    );
    assert.instance(
      thrownBy(() => queue.peekNowait()),
      Empty,
    );
    assert.instance(yield* thrownIn(queue.get({ block: false })), Empty);
    assert.instance(yield* thrownIn(queue.peek({ block: false })), Empty);
    queue.putNowait(1);
    assert.instance(
      thrownBy(() => queue.putNowait(2)),
      Full,
    );
    assert.instance(yield* thrownIn(queue.put(2, { block: false })), Full);
    assert.is(queue.peekNowait(), 1);
    assert.is(queue.getNowait(), 1);
  });

  test(
    'with a timeout: Empty and Full after it, and nobody is left waiting',
    timed(function* () {
      const queue = new Kind<number>(1);
      assert.instance(yield* thrownIn(queue.get({ timeout: 10 })), Empty);
      assert.instance(yield* thrownIn(queue.peek({ timeout: 10 })), Empty);
      assert.is(queue.getters.length, 0);
      queue.putNowait(1);
      assert.instance(yield* thrownIn(queue.put(2, { timeout: 10 })), Full);
      assert.is(queue.putters.length, 0);
      assert.is(queue.qsize(), 1, 'the item of the one who gave up is not in it');
      spawnLater(5, () => queue.getNowait());
      yield* queue.put(2, { timeout: 10 });
      assert.is(yield* queue.get(), 2);
    }),
  );

  test('getters are served in the order in which they came', function* () {
    const log = new Log();
    const queue = new Kind<string>();
    const getters = [1, 2, 3].map((n) =>
      spawn(function* () {
        log.add(n, yield* queue.get());
      }),
    );
    yield* sleep(0);
    for (const item of 'abc') queue.putNowait(item);
    yield* joinall(getters);
    assert.is(log.take(), '1 a, 2 b, 3 c');
  });

  test('putters and getters are served in turn', function* () {
    const log = new Log();
    const queue = new Kind<string>(1, ['x']);
    const putters = ['a', 'b', 'c'].map((item) =>
      spawn(function* () {
        yield* queue.put(item);
        log.add('put', item);
      }),
    );
    yield* sleep(0);
    const getters = [1, 2, 3, 4].map((n) =>
      spawn(function* () {
        log.add(n, yield* queue.get());
      }),
    );
    yield* joinall([...putters, ...getters]);
    assert.is(log.take(), '1 x, put a, 2 a, put b, 3 b, put c, 4 c');
  });

  test('one who puts may take the item again before the one who waited for it', function* () {
    const queue = new Kind<string>();
    const getter = spawn(() => queue.get());
    yield* sleep(0);
    yield* queue.put('first');
    assert.is(yield* queue.get(), 'first');
    yield* sleep(0);
    assert.is(getter.dead, false, 'he waits on');
    yield* queue.put('second');
    assert.is(yield* getter, 'second');
  });

  test('one who gets may fill the room before the one who waited for it', function* () {
    const queue = new Kind<string>(1, ['a']);
    const putter = spawn(() => queue.put('waited'));
    yield* sleep(0);
    queue.getNowait();
    queue.putNowait('barged');
    yield* sleep(0);
    assert.is(putter.dead, false);
    assert.is(yield* queue.get(), 'barged');
    yield* putter;
    assert.is(yield* queue.get(), 'waited');
  });

  test('peek leaves the item, waits for one, and gives no room', function* () {
    const queue = new Kind<string>(1);
    const peekers = [1, 2].map(() => spawn(() => queue.peek()));
    const getter = spawn(() => queue.get());
    yield* sleep(0);
    yield* queue.put('a');
    const putter = spawn(() => queue.put('b'));
    assert.is(yield* peekers[0]!, 'a');
    assert.is(yield* peekers[1]!, 'a');
    assert.is(yield* getter, 'a');
    yield* putter;
    assert.is(yield* queue.peek(), 'b');
    assert.is(queue.full(), true);
  });

  test(
    'an item is not lost with a timeout around the get',
    timed(function* () {
      const queue = new Kind<string>();
      assert.is(yield* withTimeout(10, queue.get(), { value: 'late' }), 'late');
      spawnLater(10, () => queue.putNowait('item'));
      // Both are due in the same moment: whichever comes first, the item is somewhere.
      const got = yield* withTimeout(10, queue.get(), { value: 'late' });
      yield* sleep(1);
      assert.is(got === 'late' ? queue.getNowait() : got, 'item');
      assert.is(queue.getters.length, 0);
    }),
  );

  test('a backlog of a hundred thousand', { switches: false }, function* () {
    const queue = new Kind<number>();
    for (let n = 0; n < 100_000; n++) queue.putNowait(n);
    let sum = 0;
    for (let n = 0; n < 100_000; n++) sum += yield* queue.get();
    assert.is(sum, (100_000 * 99_999) / 2);
  });

  test('a hundred thousand putters that wait, of which every second one is killed', function* () {
    const queue = new Kind<number>(1);
    queue.putNowait(-1);
    const putters = Array.from({ length: 100_000 }, (_, n) => spawn(() => queue.put(n)));
    yield* sleep(0);
    assert.is(queue.putters.length, 100_000);
    for (let n = 0; n < 100_000; n += 2) putters[n]!.kill({ block: false });
    let last = yield* queue.get();
    for (let n = 0; n < 50_000; n++) {
      const item = yield* queue.get();
      assert.ok(item > last && item % 2 === 1);
      last = item;
    }
    assert.is(queue.putters.length, 0);
    yield* joinall(putters);
  });

  test('iteration in async code ends with the shutdown', async () => {
    const queue = new Kind<number>(2);
    const producer = spawn(function* () {
      for (let n = 0; n < 5; n++) yield* queue.put(n);
      queue.shutdown();
    });
    const seen: number[] = [];
    for await (const item of queue) seen.push(item);
    assert.equal(seen, [0, 1, 2, 3, 4]);
    await producer;
    for await (const item of queue) seen.push(item);
    assert.is(seen.length, 5, 'and is empty from then on');
  });

  test('iteration may be left early, and takes no more than it has given', async () => {
    const queue = new Kind<number>(null, [1, 2, 3]);
    for await (const item of queue) if (item === 2) break;
    assert.is(queue.qsize(), 1);
  });

  test('shutdown: what is there can be taken, nothing can be put, then ShutDown', function* () {
    const queue = new Kind<number>(null, [1]);
    assert.is(queue.isShutdown, false);
    queue.shutdown();
    queue.shutdown();
    assert.is(queue.isShutdown, true);
    assert.instance(
      thrownBy(() => queue.putNowait(2)),
      ShutDown,
    );
    assert.instance(yield* thrownIn(queue.put(2)), ShutDown);
    assert.is(yield* queue.peek(), 1);
    assert.is(yield* queue.get(), 1);
    assert.instance(yield* thrownIn(queue.get()), ShutDown);
    assert.instance(yield* thrownIn(queue.peek({ timeout: 10 })), ShutDown);
    assert.instance(
      thrownBy(() => queue.getNowait()),
      ShutDown,
    );
  });

  test('shutdown: those who wait get ShutDown, in order', function* () {
    const log = new Log();
    const open = new Kind<number>();
    const full = new Kind<number>(1, [1]);
    const waiting = [
      ...[1, 2].map((n) =>
        spawn(function* () {
          log.add('getter', n, ((yield* thrownIn(open.get())) as Error).name);
        }),
      ),
      ...[1, 2].map((n) =>
        spawn(function* () {
          log.add('putter', n, ((yield* thrownIn(full.put(n))) as Error).name);
        }),
      ),
    ];
    yield* sleep(0);
    full.shutdown();
    open.shutdown();
    log.add('shut down');
    yield* joinall(waiting);
    assert.is(
      log.take(),
      'shut down, putter 1 ShutDown, putter 2 ShutDown, getter 1 ShutDown, getter 2 ShutDown',
    );
    assert.is(full.qsize(), 1);
  });

  // The room that was free by then went to the one who waited, and his item into a queue that nobody looked at any more.
  test('shutdown right behind a get: who waited for the room gets ShutDown', function* () {
    for (const immediate of [false, true]) {
      const queue = new Kind<string>(1, ['a']);
      const putter = spawn(() => queue.put('b'));
      yield* sleep(0);
      queue.getNowait();
      queue.shutdown({ immediate });
      assert.instance(yield* thrownIn(putter), ShutDown);
      assert.is(queue.qsize(), 0);
    }
  });

  test('immediate shutdown: what is there is discarded', function* () {
    const queue = new Kind<number>(2, [1, 2]);
    const putter = spawn(() => queue.put(3));
    yield* sleep(0);
    queue.shutdown({ immediate: true });
    assert.is(queue.qsize(), 0);
    assert.instance(yield* thrownIn(queue.get()), ShutDown);
    assert.instance(yield* thrownIn(putter), ShutDown);
  });

  test('immediate shutdown right behind a put: who waited for the item gets ShutDown', function* () {
    const queue = new Kind<number>();
    const getter = spawn(() => queue.get());
    yield* sleep(0);
    queue.putNowait(1);
    queue.shutdown({ immediate: true });
    assert.instance(yield* thrownIn(getter), ShutDown);
  });

  test('an item of a drained queue that others were waiting for: they get ShutDown', function* () {
    const queue = new Kind<number>();
    const getters = [1, 2].map(() => spawn(() => queue.get()));
    yield* sleep(0);
    queue.putNowait(1);
    queue.shutdown();
    assert.is(yield* getters[0]!, 1);
    assert.instance(yield* thrownIn(getters[1]!), ShutDown);
  });

  test('a wait may be used again, and by two at once', function* () {
    const queue = new Kind<number>();
    const get = queue.get();
    const both = [spawn(() => get), spawn(() => get)];
    yield* sleep(0);
    queue.putNowait(1);
    queue.putNowait(2);
    yield* joinall(both);
    assert.equal(
      both.map((one) => one.value),
      [1, 2],
    );
    const put = queue.put(7);
    yield* put;
    yield* put;
    assert.equal([yield* get, yield* get], [7, 7]);
  });

  test('is awaited as it is yielded', async () => {
    const queue = new Kind<string>(1);
    const got = queue.get().then((item) => item);
    await queue.put('a');
    assert.is(await got, 'a');
    await queue.put('b');
    const waits = queue.put('c').then(() => 'put');
    assert.is(await queue.get(), 'b');
    assert.is(await waits, 'put');
  });

  // An async generator stays in its get() when it is left, hangs there, and swallowed the next item.
  test('leaving an async iteration while it waits takes nothing with it', async () => {
    const queue = new Queue<number>();
    const iterator = queue[Symbol.asyncIterator]();
    const next = iterator.next();
    assert.equal(await iterator.return?.(), { done: true, value: undefined });
    assert.equal(await next, { done: true, value: undefined });
    queue.putNowait(1);
    await sleep(0);
    assert.is(queue.qsize(), 1);
    assert.equal(await iterator.next(), { done: true, value: undefined });
    assert.is(queue.getNowait(), 1);
  });

  test.run();
}

const joinable = suite('JoinableQueue.join');

joinable('counts what was put and not reported', function* () {
  const queue = new JoinableQueue<number>(null, [1, 2]);
  assert.is(queue.unfinishedTasks, 2, 'what it began with counts');
  yield* queue.put(3);
  yield* queue.get();
  assert.is(queue.unfinishedTasks, 3, 'taking is not reporting');
  queue.taskDone();
  assert.is(queue.unfinishedTasks, 2);
});

joinable('a put that waits counts when it has its place', function* () {
  const queue = new JoinableQueue<number>(1, [1]);
  const putter = spawn(() => queue.put(2));
  yield* sleep(0);
  assert.is(queue.unfinishedTasks, 1);
  yield* queue.get();
  yield* putter;
  assert.is(queue.unfinishedTasks, 2);
});

joinable(
  'waits until all is reported; with a timeout says whether',
  timed(function* () {
    const queue = new JoinableQueue<number>(null, [1]);
    assert.is(yield* queue.join({ timeout: 10 }), false);
    const joiners = [1, 2].map(() => spawn(() => queue.join()));
    spawnLater(10, () => queue.taskDone());
    yield* joinall(joiners);
    assert.equal(
      joiners.map((joiner) => joiner.value),
      [true, true],
    );
    yield* queue.put(2);
    assert.is(yield* queue.join({ timeout: 10 }), false, 'there is something to do again');
    queue.taskDone();
    assert.is(yield* queue.join(), true);
  }),
);

joinable('one report too many is an error with nothing changed', function* () {
  const queue = new JoinableQueue<number>();
  const error = thrownBy(() => queue.taskDone());
  assert.instance(error, RangeError);
  assert.is(error.message, 'taskDone() called too many times: all items that were put have been reported');
  assert.is(queue.unfinishedTasks, 0);
});

joinable('immediate shutdown reports what it discards', function* () {
  const queue = new JoinableQueue<number>(1, [1]);
  const joiner = spawn(() => queue.join());
  const putter = spawn(() => thrownIn(queue.put(2)));
  yield* sleep(0);
  queue.shutdown({ immediate: true });
  assert.is(yield* joiner, true);
  assert.instance(yield* putter, ShutDown);
  assert.is(queue.unfinishedTasks, 0);
});

joinable(
  'workers and a producer',
  timed(function* () {
    const queue = new JoinableQueue<number>(3);
    const done: number[] = [];
    function* work(): Coroutine {
      for (;;) {
        const item = yield* queue.get();
        yield* sleep(item % 3);
        done.push(item);
        queue.taskDone();
      }
    }
    const workers = [1, 2, 3].map(() => spawn(work));
    for (let n = 0; n < 50; n++) yield* queue.put(n);
    assert.ok(queue.qsize() <= 3);
    yield* queue.join();
    assert.is(done.length, 50);
    for (const worker of workers) yield* worker.kill();
  }),
);

joinable.run();

const names = suite('what a queue waits for');

names(
  'is named in run info',
  timed(function* () {
    class Frontier extends Queue<number> {}
    const queue = new Frontier(1, [1]);
    const other = new Frontier(1);
    const waiters = [spawn(() => queue.put(2)), spawn(() => other.get()), spawn(() => other.peek())];
    yield* sleep(0);
    const info = getHub().formatRunInfo();
    for (const what of ['put', 'get', 'peek']) assert.match(info, `waits for Frontier.${what}`);
    yield* queue.get();
    yield* other.put(1);
    yield* other.get();
    for (const waiter of waiters) yield* waiter.kill();
  }),
);

names.run();
