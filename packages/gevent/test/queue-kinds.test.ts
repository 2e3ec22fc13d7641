/** SimpleQueue, LifoQueue, PriorityQueue, and what the kinds of queues have in common. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  Empty,
  Event,
  Full,
  JoinableQueue,
  LifoQueue,
  PriorityQueue,
  Queue,
  ShutDown,
  SimpleQueue,
  sleep,
  spawn,
  spawnLater,
  withTimeout,
} from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

const kinds = suite('kinds of queues');

kinds('SimpleQueue has no join, the others have', () => {
  assert.is('join' in SimpleQueue.prototype || 'taskDone' in SimpleQueue.prototype, false);
  for (const Kind of [Queue, JoinableQueue, LifoQueue, PriorityQueue]) {
    assert.instance(new Kind(), SimpleQueue);
    assert.instance(new Kind(), Queue);
    assert.is(new Kind(null, [1, 2]).unfinishedTasks, 2, 'what it holds to begin with counts');
  }
});

for (const Kind of [SimpleQueue, Queue, LifoQueue, PriorityQueue]) {
  const test = suite(Kind.name);

  test('peek leaves the item where it is', { switches: false }, function* () {
    const queue = new Kind<number>(null, [5, 7, 3]);
    const first = { LifoQueue: 3, PriorityQueue: 3 }[Kind.name] ?? 5;
    assert.is(yield* queue.peek(), first);
    assert.is(queue.peekNowait(), first);
    assert.is(queue.qsize(), 3);
    assert.is(yield* queue.get(), first);
  });

  test('peek of an empty one: as get', { timeout: 5000 }, function* () {
    const queue = new Kind<number>();
    assert.instance(
      thrownBy(() => queue.peekNowait()),
      Empty,
    );
    assert.instance(yield* thrownIn(queue.peek({ block: false })), Empty);
    assert.instance(yield* thrownIn(queue.peek({ timeout: 1 })), Empty);
    queue.shutdown();
    assert.instance(yield* thrownIn(queue.peek()), ShutDown);
  });

  test('one that peeks and waits takes no item from one that gets', function* () {
    const queue = new Kind<number>();
    const waits = [spawn(() => queue.peek()), spawn(() => queue.get()), spawn(() => queue.peek())];
    yield* sleep(0);
    queue.putNowait(1);
    yield* sleep(0);
    assert.equal(
      waits.map((wait) => wait.value),
      [1, 1, undefined],
    );
    queue.putNowait(2);
    assert.is(yield* waits[2]!, 2);
    assert.is(queue.qsize(), 1);
  });

  test('a peek frees no place', function* () {
    const queue = new Kind<number>(1, [1]);
    const putter = spawn(() => queue.put(2));
    yield* sleep(0);
    assert.is(yield* queue.peek(), 1);
    yield* sleep(0);
    assert.is(putter.dead, false);
    yield* queue.get();
    yield* putter;
  });

  test('putters that wait are served in the order in which they came, whatever they put', function* () {
    const log = new Log();
    const queue = new Kind<number>(1, [5]);
    for (const n of [3, 1, 2]) {
      spawn(function* () {
        yield* queue.put(n);
        log.add('put', n);
      });
    }
    yield* sleep(0);
    for (let n = 0; n < 4; n++) {
      log.add('got', yield* queue.get());
      yield* sleep(0);
    }
    assert.is(log.take(), 'got 5, put 3, got 3, put 1, got 1, put 2, got 2');
  });

  test(
    'copy holds the same items in the same order, and is another queue',
    { switches: false },
    function* () {
      const items = Kind === PriorityQueue ? [2, 1, 3] : [1, 2, 3];
      const queue = new Kind<number>(4, items);
      const copy = queue.copy();
      assert.is(copy.constructor, Kind);
      assert.is(copy.maxsize, 4);
      const drain = (from: SimpleQueue<number>): number[] => [0, 0, 0].map(() => from.getNowait());
      const taken = drain(copy);
      assert.is(queue.qsize(), 3);
      assert.equal(drain(queue), taken);
    },
  );

  test('a callback in the hub puts and gets without waiting', function* () {
    const queue = new Kind<number>(1);
    const log = new Log();
    const event = new Event();
    event.rawlink(() => {
      queue.putNowait(1);
      log.add(thrownBy(() => queue.putNowait(2)).name);
      log.add(queue.getNowait());
      log.add(thrownBy(() => queue.getNowait()).name);
    });
    event.set();
    yield* event.wait();
    yield* sleep(0);
    assert.is(log.take(), 'Full, 1, Empty');
  });

  test(
    'an outer limit on get and on put takes nothing and puts nothing',
    timed(function* () {
      const queue = new Kind<number>(1);
      assert.is(yield* withTimeout(5, () => queue.get(), { value: null }), null);
      queue.putNowait(1);
      assert.is(yield* withTimeout(5, () => queue.put(2), { value: null }), null);
      assert.is(yield* queue.get(), 1);
      assert.is(queue.empty(), true);
    }),
  );

  test('for await gives them in its order', async () => {
    const queue = new Kind<number>(null, [2, 3, 1]);
    queue.shutdown();
    const got: number[] = [];
    for await (const item of queue) got.push(item);
    const expected = { LifoQueue: [1, 3, 2], PriorityQueue: [1, 2, 3] }[Kind.name] ?? [2, 3, 1];
    assert.equal(got, expected);
  });

  test('what is no size is refused by its name', () => {
    const error = thrownBy(() => new Kind(-1));
    assert.instance(error, RangeError);
    assert.is(
      error.message,
      `Expected a whole number from 0 up, or null for no limit, as the size of a ${Kind.name}, got -1`,
    );
    assert.match(
      thrownBy(() => new Kind().get(5 as never)).message,
      `an options object for ${Kind.name}.get`,
    );
  });

  test.run();
}

const priority = suite('the order of a PriorityQueue');

priority('numbers, bigints, dates and booleans by value, before strings, before arrays', () => {
  const items = [[0], 'b', 'a', 3, 2n, new Date(1), true, -Infinity, Infinity, 'B'];
  const queue = new PriorityQueue<unknown>(null, items);
  const taken = items.map(() => queue.getNowait());
  // An array counts as what it holds: [0] is among the numbers.
  assert.equal(taken, [-Infinity, [0], new Date(1), true, 2n, 3, Infinity, 'B', 'a', 'b']);
});

priority('of equal ones the first that was put, also of many', () => {
  const queue = new PriorityQueue<[number, object]>();
  const items = Array.from({ length: 300 }, (_, n): [number, object] => [n % 3, { n }]);
  for (const item of items) queue.putNowait(item);
  const taken = items.map(() => queue.getNowait());
  assert.equal(
    taken,
    items.toSorted((a, b) => a[0] - b[0]),
  );
});

priority('arrays element by element, up to the first that has no order', () => {
  const [a, b, c, d] = [[1, 'z', {}], [1, 'a'], [1], [0, 'z']];
  const queue = new PriorityQueue<unknown>(null, [a, b, c, d]);
  assert.equal(
    [d, c, b, a],
    [0, 0, 0, 0].map(() => queue.getNowait()),
  );
});

priority('an item without an order is refused, also by a full queue, and is not in it', function* () {
  const queue = new PriorityQueue<unknown>(1);
  for (const item of [{}, undefined, null, NaN, [], [{}, 1], () => 1, Symbol.iterator]) {
    const error = thrownBy(() => queue.putNowait(item));
    assert.instance(error, TypeError);
    assert.match(error.message, 'Expected an item that has an order for a PriorityQueue');
  }
  assert.is(`${queue.qsize()} ${queue.unfinishedTasks}`, '0 0');
  queue.putNowait(1);
  assert.instance(yield* thrownIn(queue.put({})), TypeError);
  assert.is(queue.putters.length, 0);
  assert.instance(
    thrownBy(() => new PriorityQueue(null, [{}])),
    TypeError,
  );
});

priority('an item that lost its order while its putter waited fails that putter only', function* () {
  const queue = new PriorityQueue<unknown[]>(1, [[1]]);
  const item: unknown[] = [5];
  const [bad, good] = [spawn(() => queue.put(item)), spawn(() => queue.put([7]))];
  yield* sleep(0);
  item[0] = {};
  yield* queue.get();
  assert.instance(yield* thrownIn(bad), TypeError);
  yield* good;
  assert.equal(yield* queue.get(), [7]);
});

priority('an item that is changed in the queue keeps its place', () => {
  const item = [2];
  const queue = new PriorityQueue<number[]>(null, [[1], item, [3]]);
  item[0] = 9;
  assert.equal(
    [0, 0, 0].map(() => queue.getNowait()[0]),
    [1, 9, 3],
  );
});

priority('puts and gets in any order give the lowest of what is there', () => {
  const queue = new PriorityQueue<number>();
  const held: number[] = [];
  let seed = 7;
  for (let n = 0; n < 2000; n++) {
    seed = (seed * 48_271) % 2_147_483_647;
    if (seed % 3 > 0 || held.length === 0) {
      held.push(seed % 50);
      queue.putNowait(seed % 50);
    } else {
      const lowest = Math.min(...held);
      held.splice(held.indexOf(lowest), 1);
      assert.is(queue.getNowait(), lowest);
    }
  }
  assert.is(queue.qsize(), held.length);
});

const closing = suite('shutdown of queues');

closing('join of one that is shut down at once returns, and the count is 0', function* () {
  for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
    const queue = new Kind<number>(null, [1, 2, 3]);
    const joiner = spawn(() => queue.join());
    yield* sleep(0);
    queue.shutdown({ immediate: true });
    assert.is(yield* joiner, true);
    assert.is(queue.unfinishedTasks, 0);
    assert.is(yield* queue.join(), true);
  }
});

closing('putters that wait get ShutDown, and what they had put is nowhere', function* () {
  for (const Kind of [SimpleQueue, LifoQueue, PriorityQueue]) {
    const queue = new Kind<number>(1, [1]);
    const putters = [spawn(() => queue.put(2)), spawn(() => queue.put(3, { timeout: 1000 }))];
    yield* sleep(0);
    queue.shutdown();
    // Who takes the last item makes room for nobody.
    assert.is(yield* queue.get(), 1);
    for (const putter of putters) assert.instance(yield* thrownIn(putter), ShutDown);
    assert.is(queue.qsize(), 0);
  }
});

closing(
  'a get with a limit that is shut down meanwhile gets ShutDown, not Empty',
  timed(function* () {
    const queue = new Queue<number>();
    spawnLater(5, () => queue.shutdown());
    assert.instance(yield* thrownIn(queue.get({ timeout: 10 })), ShutDown);
    const full = new Queue<number>(1, [1]);
    spawnLater(5, () => full.shutdown());
    const error = yield* thrownIn(full.put(2, { timeout: 10 }));
    assert.instance(error, ShutDown);
    assert.not.instance(error, Full);
  }),
);

for (const test of [kinds, priority, closing]) test.run();
