import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Greenlet, GreenletError, GreenletExit, run } from '@switchyard/greenlet';
import { isInterrupt, sleep, Timeout, until, withVirtualTime } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { go, thrownBy } from './support.ts';

const test = suite('Timeout');

/** What a sleep of 1,000 ms is ended by, in virtual time, or 'slept'. */
async function endOf(body: () => Timeout): Promise<unknown> {
  return withVirtualTime(function* () {
    const timeout = body();
    try {
      yield* sleep(1000);
      return 'slept';
    } catch (error) {
      return error;
    } finally {
      timeout.cancel();
    }
  });
}

test('P29 what is thrown is the timeout itself', async () => {
  let timeout!: Timeout;
  const thrown = await endOf(() => (timeout = Timeout.start(10)));
  assert.is(thrown, timeout);
  assert.instance(thrown, Timeout);
  assert.equal([timeout.ms, timeout.pending, timeout.expired, timeout.message], [10, false, true, '10 ms']);
});

test('P29 an error or a class that was given is thrown instead', async () => {
  const error = new RangeError('mine');
  assert.is(await endOf(() => Timeout.start(10, error)), error);
  assert.instance(await endOf(() => Timeout.start(10, TypeError)), TypeError);
  assert.instance(await endOf(() => Timeout.start(10, Error)), Error);
});

test('P29 a string is the message', async () => {
  const thrown = (await endOf(() => Timeout.start(10, 'the server is slow'))) as Timeout;
  assert.instance(thrown, Timeout);
  assert.is(String(thrown), 'Timeout: the server is slow');
});

test('P29 a subclass works in place of it', async () => {
  class ConnectTimeout extends Timeout {}
  const thrown = await endOf(() => ConnectTimeout.start(10));
  assert.instance(thrown, ConnectTimeout);
});

test('P30 nothing is thrown when it is cancelled inside, ends early, or has no limit', async () => {
  assert.is(
    await endOf(() => {
      const timeout = Timeout.start(10);
      timeout.cancel();
      assert.equal([timeout.pending, timeout.expired], [false, false]);
      return timeout;
    }),
    'slept',
  );
  assert.is(await endOf(() => Timeout.start(5000)), 'slept');
  for (const never of [null, undefined, Infinity]) {
    const timeout = new Timeout(never);
    assert.is(await endOf(() => timeout.start()), 'slept');
    assert.equal([timeout.pending, timeout.expired], [false, false]);
  }
  assert.is(new Timeout().ms, null);
  assert.is(new Timeout().message, 'no time limit');
});

test('a block that ends early leaves no timer behind, with using', async () => {
  await go(function* () {
    {
      using timeout = Timeout.start(60_000);
      assert.is(timeout.pending, true);
      yield* sleep(0);
    }
    assert.is(hub.timers.size, 0);
  });
});

test('nested: the inner one ends first', async () => {
  const log = await withVirtualTime(function* () {
    const log: string[] = [];
    using outer = Timeout.start(30, 'outer');
    try {
      try {
        using inner = Timeout.start(10, 'inner');
        yield* sleep(1000);
        assert.unreachable(String(inner));
      } catch (error) {
        log.push((error as Error).message);
        yield* sleep(1000);
      }
    } catch (error) {
      log.push((error as Error).message);
      assert.is(error, outer);
    }
    return log;
  });
  assert.equal(log, ['inner', 'outer']);
});

test('nested: an outer one that is due first goes through the inner block, and takes its timer away', async () => {
  const thrown = await withVirtualTime(function* () {
    using outer = Timeout.start(10, 'outer');
    try {
      using inner = Timeout.start(20, 'inner');
      try {
        yield* sleep(1000);
      } catch (error) {
        assert.is.not(error, inner);
        throw error;
      }
    } catch (error) {
      assert.is(error, outer);
      assert.is(hub.timers.size, 0);
      yield* sleep(100);
      return (error as Error).message;
    }
    return 'nothing was thrown';
  });
  assert.is(thrown, 'outer');
});

test('equal deadlines: the one that was started first is thrown, the other at the next wait', async () => {
  const log = await withVirtualTime(function* () {
    const log: string[] = [];
    using first = Timeout.start(10, 'first');
    using second = Timeout.start(10, 'second');
    for (let i = 0; i < 3; i++) {
      try {
        yield* sleep(50);
        log.push('slept');
      } catch (error) {
        log.push((error as Error).message);
      }
    }
    assert.ok(first.expired && second.expired);
    return log;
  });
  assert.equal(log, ['first', 'second', 'slept']);
});

test('it cuts short whatever the greenlet waits for', async () => {
  const thrown = await withVirtualTime(function* () {
    using timeout = Timeout.start(10);
    try {
      yield* until(new Promise(() => {}));
    } catch (error) {
      return error === timeout;
    }
    return false;
  });
  assert.is(thrown, true);
});

test('one that was swallowed is lost', async () => {
  const slept = await withVirtualTime(function* () {
    using _ = Timeout.start(10);
    try {
      yield* sleep(20);
    } catch {}
    yield* sleep(20);
    return 'slept';
  });
  assert.is(slept, 'slept');
});

test('start while it runs is an error, after a cancel or its end it starts again', async () => {
  await withVirtualTime(function* () {
    const timeout = Timeout.start(10);
    try {
      timeout.start();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, GreenletError);
      assert.is((error as Error).message, 'this Timeout is running already: cancel() it before start()');
    }
    timeout.cancel();
    for (let i = 0; i < 2; i++) {
      timeout.start();
      assert.equal([timeout.pending, timeout.expired], [true, false]);
      try {
        yield* sleep(100);
        assert.unreachable();
      } catch (error) {
        assert.is(error, timeout);
      }
    }
  });
});

test('outside of a greenlet there is nobody to throw it into', async () => {
  const error = (await thrownBy(() => Timeout.start(10))) as Error;
  assert.instance(error, GreenletError);
  assert.is(
    error.message,
    'Timeout.start outside of a greenlet: there is nobody to throw it into; in async code write await withTimeout(ms, body)',
  );
  assert.is(hub.timers.size, 0);
});

test('it belongs to the greenlet that started it, also when another one is switched to', async () => {
  const log = await withVirtualTime(function* () {
    const log: string[] = [];
    const helper = new Greenlet(function* () {
      try {
        yield* sleep(1000);
      } catch (error) {
        log.push(`helper: ${(error as Error).name}`);
      }
    });
    using timeout = Timeout.start(10);
    try {
      yield* helper.switch();
    } catch (error) {
      log.push(error === timeout ? 'mine' : 'not mine');
    }
    assert.is(helper.dead, false, 'the helper sleeps on');
    run(helper.throw(new RangeError()));
    return log;
  });
  assert.equal(log, ['mine', 'helper: RangeError']);
});

test('isInterrupt knows kills and timeouts, and nothing else', () => {
  class Left extends GreenletExit {}
  for (const yes of [new GreenletExit(), new Left(), new Timeout(5)]) assert.is(isInterrupt(yes), true);
  for (const no of [
    new Error(),
    new RangeError(),
    new GreenletError(),
    null,
    undefined,
    'Timeout',
    { name: 'Timeout' },
  ]) {
    assert.is(isInterrupt(no), false);
  }
});

test('its fields do not clutter what a console prints of it', () => {
  const timeout = new Timeout(5);
  assert.equal(Object.keys(timeout), ['ms']);
  assert.is(timeout.name, 'Timeout');
});

test('arguments are checked', () => {
  for (const [wrong, shown] of [
    [-1, '-1'],
    [NaN, 'NaN'],
    ['5', '"5"'],
  ] as const) {
    assert.throws(
      () => new Timeout(wrong as never),
      (error: Error) => {
        assert.is(
          error.message,
          `Expected milliseconds from 0 up, or null for never, for Timeout, got ${shown}`,
        );
        return error instanceof TypeError;
      },
    );
  }
  assert.throws(
    () => new Timeout(5, false),
    (error: Error) => {
      assert.is(
        error.message,
        'Expected an error, an error class or a message for Timeout, got false; for a silent end write ' +
          'withTimeout(ms, body, { value: undefined })',
      );
      return error instanceof TypeError;
    },
  );
  for (const wrong of [5, {}, () => 0])
    assert.throws(() => new Timeout(5, wrong), /^Expected an error, an error class or/);
});

test.run();
