/** Channel. The originals' promises are those of gevent's test__queue, TestChannel and TestNoWait. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Channel, type Coroutine, Empty, Event, Full, ShutDown, sleep, spawn } from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

const test = suite('Channel');

test('an item goes from hand to hand; the getter goes on first', function* () {
  const log = new Log();
  const channel = new Channel<string>();
  const sender = spawn(function* () {
    log.add('sending');
    for (const word of ['hello', 'world']) {
      yield* channel.put(word);
      log.add('sent', word);
    }
  });
  const receiver = spawn(function* () {
    log.add(yield* channel.get());
    log.add(yield* channel.get());
  });
  yield* sender;
  yield* receiver;
  assert.is(log.take(), 'sending, hello, sent hello, world, sent world');
});

test('the same when the getter comes first', function* () {
  const log = new Log();
  const channel = new Channel<string>();
  const receiver = spawn(function* () {
    log.add(yield* channel.get());
  });
  const sender = spawn(function* () {
    yield* channel.put('hello');
    log.add('sent');
  });
  yield* receiver;
  yield* sender;
  assert.is(log.take(), 'hello, sent');
});

test('it holds nothing, and is empty and full at once', function* () {
  const channel = new Channel<number>();
  assert.is(`${channel.qsize()} ${channel.empty()} ${channel.full()} ${channel.balance}`, '0 true true 0');
  const putters = [1, 2].map((n) => spawn(() => channel.put(n)));
  yield* sleep(0);
  assert.is(`${channel.qsize()} ${channel.balance}`, '0 2');
  assert.is(yield* channel.get(), 1);
  assert.is(yield* channel.get(), 2);
  for (const putter of putters) yield* putter;
  const getters = [1, 2, 3].map(() => spawn(() => channel.get()));
  yield* sleep(0);
  assert.is(channel.balance, -3);
  for (const n of [1, 2, 3]) yield* channel.put(n);
  const got: number[] = [];
  for (const getter of getters) got.push(yield* getter);
  assert.equal(got, [1, 2, 3], 'first come, first served');
});

test('one that puts waits although somebody waits for the item', function* () {
  const channel = new Channel<number>();
  const log = new Log();
  const getter = spawn(function* () {
    log.add('got', yield* channel.get());
  });
  yield* sleep(0);
  yield* channel.put(1);
  log.add('put');
  yield* getter;
  assert.is(log.take(), 'got 1, put');
});

test('an offer is taken without parking', { switches: false }, function* () {
  const channel = new Channel<number>();
  const putter = channel.put(1).then(() => 'put');
  assert.is(yield* channel.get(), 1);
  void putter;
});

test('without waiting: only when the other one is there', function* () {
  const channel = new Channel<number>();
  assert.instance(
    thrownBy(() => channel.putNowait(1)),
    Full,
  );
  assert.instance(
    thrownBy(() => channel.getNowait()),
    Empty,
  );
  assert.instance(yield* thrownIn(channel.put(1, { block: false })), Full);
  assert.instance(yield* thrownIn(channel.get({ block: false })), Empty);
  const putter = spawn(() => channel.put(1));
  yield* sleep(0);
  assert.is(channel.getNowait(), 1);
  assert.is(putter.dead, false, 'it goes on in its turn');
  yield* putter;
  const getter = spawn(() => channel.get());
  yield* sleep(0);
  channel.putNowait(2);
  assert.instance(
    thrownBy(() => channel.putNowait(3)),
    Full,
    'there was one getter',
  );
  assert.is(yield* getter, 2);
});

test('what waits for others is not taken from them', function* () {
  const channel = new Channel<number>();
  const getter = spawn(() => channel.get());
  yield* sleep(0);
  channel.putNowait(1);
  assert.instance(
    thrownBy(() => channel.getNowait()),
    Empty,
  );
  assert.is(yield* getter, 1);
});

test(
  'Full and Empty when the time is up, and nothing has been given or taken',
  timed(function* () {
    const channel = new Channel<number>();
    assert.instance(yield* thrownIn(channel.put(1, { timeout: 10 })), Full);
    const error = yield* thrownIn(channel.get({ timeout: 10 }));
    assert.instance(error, Empty);
    assert.is((error as Error).message, 'nothing came through the channel within 10 ms');
    assert.is(channel.balance, 0);
  }),
);

test(
  'a time that is up when the item has been taken already is no Full',
  timed(function* () {
    const channel = new Channel<number>();
    const putter = spawn(() => channel.put(1, { timeout: 10 }));
    const taker = spawn(function* () {
      yield* sleep(10);
      return channel.getNowait();
    });
    yield* sleep(0);
    const [put, got] = [yield* ending(putter), yield* ending(taker)];
    // Whichever comes first: both of them know the same.
    assert.ok(
      (put === undefined && got === 1) || (put instanceof Full && got instanceof Empty),
      `${String(put)} and ${String(got)}`,
    );
  }),
);

test('one that is killed while it waits has neither given nor taken', function* () {
  const channel = new Channel<number>();
  const [victim, getter] = [spawn(() => channel.get()), spawn(() => channel.get())];
  yield* sleep(0);
  victim.kill({ block: false });
  channel.putNowait(1);
  assert.is(yield* getter.get(), 1);
  const [putVictim, putter] = [spawn(() => channel.put(2)), spawn(() => channel.put(3))];
  yield* sleep(0);
  yield* putVictim.kill();
  assert.is(yield* channel.get(), 3);
  yield* putter;
});

test('an item whose getter was killed goes to the next one, also if that comes later', function* () {
  const channel = new Channel<number>();
  const victim = spawn(() => channel.get());
  yield* sleep(0);
  victim.kill({ block: false });
  channel.putNowait(1);
  yield* victim.kill();
  assert.is(channel.balance, 1);
  assert.is(yield* channel.get(), 1);
  assert.is(channel.balance, 0);
});

test('shutdown: who waits and who comes gets ShutDown, and a loop ends', function* () {
  for (const immediate of [false, true]) {
    const channel = new Channel<number>();
    const putter = spawn(() => channel.put(1));
    yield* sleep(0);
    assert.is(channel.isShutdown, false);
    channel.shutdown({ immediate });
    assert.is(channel.isShutdown, true);
    assert.instance(yield* thrownIn(putter), ShutDown);
    const other = new Channel<number>();
    const getters = [spawn(() => other.get()), spawn(() => other.get({ timeout: 1000 }))];
    yield* sleep(0);
    other.shutdown({ immediate });
    for (const getter of getters) assert.instance(yield* thrownIn(getter), ShutDown);
    assert.instance(yield* thrownIn(other.put(1)), ShutDown);
    assert.instance(yield* thrownIn(other.get()), ShutDown);
    assert.instance(
      thrownBy(() => other.putNowait(1)),
      ShutDown,
    );
    assert.instance(
      thrownBy(() => other.getNowait()),
      ShutDown,
    );
  }
});

test('shutdown: those who have found each other exchange their item, unless it is immediate', function* () {
  for (const immediate of [false, true]) {
    const channel = new Channel<number>();
    const getter = spawn(() => channel.get());
    yield* sleep(0);
    const putters = [1, 2].map((n) => spawn(() => channel.put(n)));
    const closer = spawn(() => channel.shutdown({ immediate }));
    yield* closer;
    const outcomes: unknown[] = [yield* ending(getter)];
    for (const putter of putters) outcomes.push(yield* ending(putter));
    assert.equal(
      outcomes.map((one) => (one instanceof Error ? one.name : one)),
      immediate ? ['ShutDown', 'ShutDown', 'ShutDown'] : [1, undefined, 'ShutDown'],
    );
  }
});

test('shutdown: nobody waits for ever when his partner is killed just then', function* () {
  const channel = new Channel<number>();
  const getter = spawn(() => channel.get());
  yield* sleep(0);
  const putter = spawn(() => channel.put(1));
  spawn(() => {
    getter.kill({ block: false });
    channel.shutdown();
  });
  const put = yield* ending(putter);
  assert.ok(put === undefined || put instanceof ShutDown);
});

test('for await takes what comes until it is shut down', async () => {
  const channel = new Channel<number>();
  spawn(function* () {
    for (let n = 0; n < 3; n++) yield* channel.put(n);
    channel.shutdown();
  });
  const got: number[] = [];
  for await (const n of channel) got.push(n);
  assert.equal(got, [0, 1, 2]);
});

test('leaving a loop while it waits takes no item', async () => {
  const channel = new Channel<number>();
  const loop = channel[Symbol.asyncIterator]();
  const next = loop.next();
  await loop.return?.();
  assert.is((await next).done, true);
  assert.is(channel.balance, 0);
});

test('a thousand items through one channel, each once and in order', function* () {
  const channel = new Channel<number>();
  const sender = spawn(function* () {
    for (let n = 0; n < 1000; n++) yield* channel.put(n);
  });
  for (let n = 0; n < 1000; n++) assert.is(yield* channel.get(), n);
  yield* sender;
});

test('only 1 is a size', () => {
  assert.is(new Channel(1).balance, 0);
  for (const size of [0, 2, -1, null, '1']) {
    const error = thrownBy(() => new Channel(size as never));
    assert.instance(error, RangeError);
    assert.match(error.message, 'Expected 1 as the size of a Channel, got ');
  }
});

test('a callback in the hub hands over and takes, but never waits', function* () {
  const channel = new Channel<number>();
  const [first, second] = [new Event(), new Event()];
  const log = new Log();
  first.rawlink(() => channel.putNowait(1));
  second.rawlink(() => log.add('took', channel.getNowait()));
  const getter = spawn(() => channel.get());
  yield* sleep(0);
  first.set();
  assert.is(yield* getter, 1);
  const putter = spawn(() => channel.put(2));
  yield* sleep(0);
  second.set();
  yield* putter;
  assert.is(log.take(), 'took 2');
});

/** What a greenlet ends with, be it a value or an error. */
function* ending(greenlet: Iterable<unknown>): Coroutine<unknown> {
  try {
    return yield* greenlet as Coroutine<unknown>;
  } catch (error) {
    return error;
  }
}

test.run();
