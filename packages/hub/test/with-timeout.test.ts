import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletExit } from '@switchyard/greenlet';
import { all, sleep, Timeout, until, Waiter, withTimeout, withVirtualTime } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('withTimeout');

test('P31 the value on expiry, the result otherwise', async () => {
  await withVirtualTime(function* () {
    assert.is(yield* withTimeout(10, sleep(100), { value: 'late' }), 'late');
    assert.is(
      yield* withTimeout(
        100,
        function* () {
          yield* sleep(10);
          return 'in time';
        },
        { value: 'late' },
      ),
      'in time',
    );
    assert.is(hub.timers.size, 0);
  });
});

test('P31 without a value it throws its timeout', async () => {
  const error = await thrownBy(() => withTimeout(2, sleep(60_000)));
  assert.instance(error, Timeout);
  assert.is((error as Timeout).ms, 2);
  assert.is(hub.timers.size, 0);
});

test('giving the key counts, even with undefined', async () => {
  assert.is(await withTimeout(1, sleep(60_000), { value: undefined }), undefined);
  assert.instance(await thrownBy(() => withTimeout(1, sleep(60_000), {})), Timeout);
});

test('takes whatever can be run or waited for', async () => {
  await withVirtualTime(function* () {
    const late = { value: 'late' } as const;
    assert.is(yield* withTimeout(10, () => 5), 5);
    assert.is(yield* withTimeout(10, async () => 'async'), 'async');
    assert.is(yield* withTimeout(10, Promise.resolve('promise')), 'promise');
    assert.is(yield* withTimeout(10, sleep(1)), undefined);
    assert.is(yield* withTimeout(10, () => sleep(1)), undefined);
    assert.is(
      yield* withTimeout(
        10,
        until(() => 'until'),
      ),
      'until',
    );
    assert.is(
      yield* withTimeout(
        10,
        withTimeout(5, () => 'nested'),
      ),
      'nested',
    );
    assert.is(
      yield* withTimeout(
        10,
        (function* () {
          yield* sleep(1);
          return 'a coroutine';
        })(),
      ),
      'a coroutine',
    );
    assert.is(yield* withTimeout(10, () => sleep(100), late), 'late');
    assert.is(yield* withTimeout(10, async () => new Promise<never>(() => {}), late), 'late');
    assert.is(yield* withTimeout(10, all([sleep(5), sleep(100)]), late), 'late');
    assert.is(yield* withTimeout(null, sleep(100)), undefined);
  });
});

test('works the same under await', async () => {
  assert.is(await withTimeout(60_000, sleep(1)), undefined);
  assert.is(await withTimeout(1, () => sleep(60_000), { value: 'late' }), 'late');
  assert.instance(await thrownBy(() => withTimeout(1, new Waiter())), Timeout);
  assert.is(hub.timers.size, 0);
});

test('an error of the body passes', async () => {
  const error = new RangeError('body');
  const fails = (): never => {
    throw error;
  };
  assert.is(await thrownBy(() => withTimeout(60_000, fails, { value: 1 })), error);
  assert.is(await thrownBy(() => withTimeout(60_000, Promise.reject(error), { value: 1 })), error);
  assert.is(hub.timers.size, 0);
});

test('only its own expiry becomes the value: an outer one passes', async () => {
  await withVirtualTime(function* () {
    const outer = withTimeout(
      10,
      function* () {
        yield* withTimeout(100, sleep(1000), { value: 'inner value' });
        return 'went on';
      },
      { value: 'outer value' },
    );
    assert.is(yield* outer, 'outer value');
    const other = new Timeout(5);
    try {
      yield* withTimeout(
        100,
        () => {
          throw other;
        },
        { value: 1 },
      );
      assert.unreachable();
    } catch (error) {
      assert.is(error, other);
    }
  });
});

test('the inner one ends, and the outer one goes on to count', async () => {
  const log: string[] = [];
  await withVirtualTime(function* () {
    const value = yield* withTimeout(
      50,
      function* () {
        log.push(String(yield* withTimeout(10, sleep(1000), { value: 'inner' })));
        yield* sleep(1000);
        return 'went on';
      },
      { value: 'outer' },
    );
    log.push(value);
  });
  assert.equal(log, ['inner', 'outer']);
});

test('equal deadlines: the outer one was started first, and wins', async () => {
  const value = await withVirtualTime(function* () {
    return yield* withTimeout(10, withTimeout(10, sleep(1000), { value: 'inner' }), { value: 'outer' });
  });
  assert.is(value, 'outer');
});

test('a body that swallows the interrupt does not end well', async () => {
  await withVirtualTime(function* () {
    const swallows = function* () {
      try {
        yield* sleep(1000);
      } catch {}
      return 'as if nothing had been';
    };
    assert.is(yield* withTimeout(10, swallows, { value: 'late' }), 'late');
    try {
      yield* withTimeout(10, swallows);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, Timeout);
    }
  });
});

test('cleanup of the body may wait, and is waited for', async () => {
  const log: string[] = [];
  await withVirtualTime(function* () {
    const value = yield* withTimeout(
      10,
      function* () {
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(500);
          log.push('cleaned');
        }
      },
      { value: 'late' },
    );
    log.push(String(value));
  });
  assert.equal(log, ['cleaned', 'late']);
});

test('a kill passes, and takes the timer away', async () => {
  const waiting = start('waiting', function* () {
    yield* withTimeout(60_000, sleep(60_000), { value: 'late' });
  });
  await turn();
  waiting.kill();
  await waiting.done;
  assert.instance(waiting.outcome, GreenletExit);
  assert.is(hub.timers.size, 0);
});

test('one and the same can be waited for twice', async () => {
  let runs = 0;
  const op = withTimeout(60_000, () => ++runs);
  assert.is(runs, 0);
  assert.is(await op, 1);
  assert.is(
    await go(function* () {
      return yield* op;
    }),
    2,
  );
});

test('arguments are checked', () => {
  assert.throws(
    () => withTimeout(-1, sleep(1)),
    /^Expected milliseconds from 0 up, or null for no limit, for withTimeout, got -1$/,
  );
  assert.throws(() => withTimeout('5' as never, sleep(1)), /, for withTimeout, got "5"$/);
  assert.throws(
    () => withTimeout(5, 5 as never),
    /^Expected a function or something to wait for as the body of withTimeout, got 5$/,
  );
});

test.run();
