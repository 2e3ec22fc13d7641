/** Semaphore and BoundedSemaphore. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  BoundedSemaphore,
  type Coroutine,
  joinall,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  wait,
} from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

for (const Kind of [Semaphore, BoundedSemaphore]) {
  const test = suite(Kind.name);

  test('counts its permits', { switches: false }, function* () {
    const semaphore = new Kind(2);
    assert.is(semaphore.counter, 2);
    assert.is(yield* semaphore.acquire(), true);
    assert.is(yield* semaphore.acquire(), true);
    assert.is(`${semaphore.counter} ${semaphore.locked()} ${semaphore.ready()}`, '0 true false');
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
    assert.is(semaphore.release(), 1);
    assert.is(`${semaphore.locked()} ${semaphore.ready()}`, 'false true');
    semaphore.release();
  });

  test('is one permit unless told', () => {
    assert.is(new Kind().counter, 1);
  });

  test('what is no number of permits is refused', () => {
    for (const [value, shown] of [
      [-1, '-1'],
      [1.5, '1.5'],
      ['2', '"2"'],
      [NaN, 'NaN'],
      [null, 'null'],
    ] as const) {
      const error = thrownBy(() => new Kind(value as never));
      assert.instance(error, RangeError);
      assert.is(
        error.message,
        `Expected a whole number from 0 up as the value of a ${Kind.name}, got ${shown}`,
      );
    }
  });

  test('those who wait get it in the order in which they came', function* () {
    const log = new Log();
    const semaphore = new Kind(1);
    yield* semaphore.acquire();
    const waiters = [1, 2, 3].map((n) =>
      spawn(function* () {
        yield* semaphore.acquire();
        log.add(n);
        yield* sleep(0);
        semaphore.release();
      }),
    );
    yield* sleep(0);
    semaphore.release();
    yield* joinall(waiters);
    assert.is(log.take(), '1, 2, 3');
    assert.is(semaphore.counter, 1);
  });

  test('the one who releases may take it again before the next has run', function* () {
    const log = new Log();
    const semaphore = new Kind(1);
    yield* semaphore.acquire();
    const waiter = spawn(function* () {
      yield* semaphore.acquire();
      log.add('waiter');
    });
    yield* sleep(0);
    semaphore.release();
    yield* semaphore.acquire();
    log.add('releaser');
    assert.is(semaphore.linkcount(), 1, 'the other one waits on');
    yield* sleep(0);
    semaphore.release();
    yield* waiter;
    assert.is(log.take(), 'releaser, waiter');
  });

  test('a release wakes as many as there are permits', function* () {
    const log = new Log();
    const semaphore = new Kind(3);
    for (let n = 0; n < 3; n++) yield* semaphore.acquire();
    const waiters = [1, 2, 3].map((n) =>
      spawn(function* () {
        yield* semaphore.acquire();
        log.add(n);
      }),
    );
    yield* sleep(0);
    semaphore.release();
    semaphore.release();
    yield* sleep(0);
    assert.is(log.take(), '1, 2');
    semaphore.release();
    yield* joinall(waiters);
    assert.is(log.take(), '3');
  });

  test(
    'a timeout: false, nobody left in the line, and the permit is not lost',
    timed(function* () {
      const semaphore = new Kind(1);
      yield* semaphore.acquire();
      assert.is(yield* semaphore.acquire({ timeout: 10 }), false);
      assert.is(semaphore.linkcount(), 0);
      spawnLater(5, () => semaphore.release());
      assert.is(yield* semaphore.acquire({ timeout: 10 }), true);
      semaphore.release();
      assert.is(semaphore.counter, 1);
    }),
  );

  test('hold gives the permit back at the end of the block, also after an error, and only once', function* () {
    const semaphore = new Kind(1);
    function* critical(fail: boolean): Coroutine {
      using held = yield* semaphore.hold();
      assert.is(semaphore.counter, 0);
      yield* sleep(0);
      if (fail) throw new Error('inside');
      held.release();
      assert.is(semaphore.counter, 1);
      held.release();
      assert.is(semaphore.counter, 1);
    }
    yield* critical(false);
    assert.is(semaphore.counter, 1);
    yield* thrownIn(critical(true));
    assert.is(semaphore.counter, 1);
    const two = [spawn(critical, false), spawn(critical, false)];
    yield* joinall(two);
    assert.is(semaphore.counter, 1);
    const victim = spawn(critical, false);
    yield* sleep(0);
    yield* victim.kill();
    assert.is(semaphore.counter, 1);
  });

  test('wait does not take it, and all who wait are told of one permit', function* () {
    const log = new Log();
    const semaphore = new Kind(1);
    assert.is(yield* semaphore.wait(), 1);
    yield* semaphore.acquire();
    const waiters = [1, 2].map((n) =>
      spawn(function* () {
        log.add(n, yield* semaphore.wait());
      }),
    );
    yield* sleep(0);
    semaphore.release();
    yield* joinall(waiters);
    assert.is(log.take(), '1 1, 2 1');
    assert.is(yield* semaphore.acquire({ blocking: false }), true);
    assert.is(yield* semaphore.wait({ timeout: 0 }), 0, 'none came in time');
  });

  test('wait behind one who takes the only permit is told when there is another', function* () {
    const semaphore = new Kind(1);
    yield* semaphore.acquire();
    const taker = spawn(() => semaphore.acquire());
    yield* sleep(0);
    const waiter = spawn(() => semaphore.wait());
    yield* sleep(0);
    semaphore.release();
    yield* taker;
    yield* sleep(0);
    assert.is(waiter.dead, false);
    semaphore.release();
    assert.is(yield* waiter, 1);
  });

  test('rawlink is called when a permit is free, also when one is already', function* () {
    const log = new Log();
    const semaphore = new Kind(1);
    semaphore.rawlink((source) => log.add('free', source.counter));
    yield* sleep(0);
    assert.is(log.take(), 'free 1');
    yield* semaphore.acquire();
    semaphore.rawlink(() => log.add('free again'));
    yield* sleep(0);
    assert.is(log.take(), '');
    semaphore.release();
    yield* sleep(0);
    assert.is(log.take(), 'free again');
    assert.equal(yield* wait([semaphore]), [semaphore]);
  });

  test('is awaited as it is yielded', async () => {
    const semaphore = new Kind(1);
    assert.is(await semaphore.acquire(), true);
    const second = semaphore.acquire();
    const promise = second.then((taken) => taken);
    semaphore.release();
    assert.is(await promise, true);
    {
      semaphore.release();
      using _held = await semaphore.hold();
      assert.is(semaphore.counter, 0);
    }
    assert.is(semaphore.counter, 1);
  });

  test.run();
}

const test = suite('differences');

test('a semaphore takes more permits than it began with, a bounded one does not', function* () {
  const semaphore = new Semaphore(1);
  assert.is(semaphore.release(), 2);
  const bounded = new BoundedSemaphore(1);
  const error = thrownBy(() => bounded.release());
  assert.instance(error, RangeError);
  assert.is(error.message, 'Semaphore released too many times: all 1 of its permits are free');
  assert.is(bounded.counter, 1);
});

test(
  'a timed-out acquire and one that waits with a limit take nothing from each other',
  timed(function* () {
    const log = new Log();
    const semaphore = new Semaphore(0);
    const waiters = [5, 15, 25].map((timeout) =>
      spawn(function* () {
        log.add(timeout, yield* semaphore.acquire({ timeout }));
      }),
    );
    spawnLater(10, () => semaphore.release());
    yield* joinall(waiters);
    assert.is(log.take(), '5 false, 15 true, 25 false');
    assert.is(semaphore.counter, 0);
  }),
);

test('many who take and release keep the count', function* () {
  const semaphore = new BoundedSemaphore(3);
  let inside = 0;
  let most = 0;
  const greenlets = Array.from({ length: 300 }, () =>
    spawn(function* () {
      using _held = yield* semaphore.hold();
      most = Math.max(most, ++inside);
      yield* sleep(0);
      inside--;
    }),
  );
  yield* joinall(greenlets, { raiseError: true });
  assert.is(most, 3);
  assert.is(semaphore.counter, 3);
});

test.run();
