/** Lock and RLock. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  BoundedSemaphore,
  type Coroutine,
  joinall,
  Lock,
  RLock,
  RuntimeError,
  sleep,
  spawn,
  wait,
} from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

const locks = suite('Lock');

locks('one at a time; anybody may release it', function* () {
  const lock = new Lock();
  assert.is(lock.locked(), false);
  yield* lock.acquire();
  assert.is(lock.locked(), true);
  assert.is(yield* lock.acquire({ blocking: false }), false);
  yield* spawn(() => lock.release());
  assert.is(lock.locked(), false);
});

locks('the release of a free one is a RuntimeError', () => {
  const error = thrownBy(() => new Lock().release());
  assert.instance(error, RuntimeError);
  assert.is(error.message, 'release of a Lock that nobody holds');
});

locks('is a bounded semaphore of one', () => {
  assert.instance(new Lock(), BoundedSemaphore);
  assert.is(new Lock().counter, 1);
});

const test = suite('RLock');

test('its owner takes it again and again without parking', { switches: false }, function* () {
  const lock = new RLock();
  for (let level = 1; level <= 3; level++) {
    assert.is(yield* lock.acquire(), true);
    assert.is(lock.recursionCount(), level);
  }
  assert.is(`${lock.owned()} ${lock.locked()} ${lock.ready()}`, 'true true false');
  for (let level = 2; level >= 0; level--) {
    lock.release();
    assert.is(lock.recursionCount(), level);
  }
  assert.is(`${lock.owned()} ${lock.locked()} ${lock.ready()}`, 'false false true');
});

test(
  'to another greenlet it is taken',
  timed(function* () {
    const lock = new RLock();
    yield* lock.acquire();
    yield* spawn(function* () {
      assert.is(lock.owned(), false);
      assert.is(lock.recursionCount(), 0);
      assert.is(yield* lock.acquire({ blocking: false }), false);
      assert.is(yield* lock.acquire({ timeout: 10 }), false);
    });
    lock.release();
  }),
);

test('a release by somebody else says who holds it', function* () {
  const lock = new RLock();
  const owner = spawn(function* () {
    using _held = yield* lock.hold();
    yield* sleep(5);
  });
  owner.name = 'owner';
  yield* sleep(0);
  const thief = spawn(() => thrownBy(() => lock.release()));
  thief.name = 'thief';
  const error = yield* thief;
  assert.instance(error, RuntimeError);
  assert.is(
    error.message,
    'release of an RLock by greenlet thief that does not hold it: greenlet owner does',
  );
  yield* owner;
  assert.is(thrownBy(() => lock.release()).message, 'release of an RLock that nobody holds');
});

test('all plain and async code is one owner', async () => {
  const lock = new RLock();
  await lock.acquire();
  using held = await lock.hold();
  assert.is(lock.recursionCount(), 2);
  const message = await spawn(() => thrownBy(() => lock.release()).message);
  assert.match(message, 'plain or async code does');
  held.release();
  lock.release();
  assert.is(lock.locked(), false);
});

test('those who wait get it in the order in which they came; its owner may take it again before', function* () {
  const log = new Log();
  const lock = new RLock();
  yield* lock.acquire();
  const others = [1, 2, 3].map((n) =>
    spawn(function* () {
      using _held = yield* lock.hold();
      log.add(n);
      yield* sleep(0);
    }),
  );
  yield* sleep(0);
  lock.release();
  assert.is(yield* lock.acquire({ blocking: false }), true, 'the others have only been woken');
  log.add('again');
  lock.release();
  yield* joinall(others);
  assert.is(log.take(), 'again, 1, 2, 3');
});

test('a held one that is given back in the middle of its block is not given back twice', function* () {
  const lock = new RLock();
  yield* lock.acquire();
  {
    using held = yield* lock.hold();
    held.release();
    assert.is(lock.recursionCount(), 1);
  }
  assert.is(lock.recursionCount(), 1);
  lock.release();
});

test('the block of one that is killed gives it back, all levels of it', function* () {
  const lock = new RLock();
  const owner = spawn(function* () {
    using _outer = yield* lock.hold();
    using _inner = yield* lock.hold();
    yield* sleep(1000);
  });
  yield* sleep(0);
  yield* owner.kill();
  assert.is(yield* lock.acquire({ blocking: false }), true);
  lock.release();
});

test('one wait object, waited for by two greenlets: each gets it for itself', function* () {
  const lock = new RLock();
  yield* lock.acquire();
  const acquire = lock.acquire();
  const both = [1, 2].map(() =>
    spawn(function* (): Coroutine<number> {
      yield* acquire;
      const levels = lock.recursionCount();
      yield* sleep(0);
      lock.release();
      return levels;
    }),
  );
  yield* sleep(0);
  lock.release();
  assert.equal([yield* both[0]!, yield* both[1]!], [1, 1]);
});

test('wait() takes it as something that can be ready, and does not take the lock', function* () {
  const lock = new RLock();
  yield* lock.acquire();
  const waiter = spawn(() => wait([lock]));
  yield* sleep(0);
  assert.is(lock.linkcount(), 1);
  lock.release();
  assert.equal(yield* waiter, [lock]);
  assert.is(lock.locked(), false);
});

test('what is no option is refused', function* () {
  const lock = new RLock();
  assert.match(thrownBy(() => lock.acquire(5 as never)).message, 'an options object for RLock.acquire');
  assert.match(
    (
      (yield* thrownIn(function* () {
        yield* lock.acquire({ timeout: -1 });
      })) as Error
    ).message,
    'as the timeout of RLock.acquire, got -1',
  );
});

locks.run();
test.run();
