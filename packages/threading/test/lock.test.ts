/** Lock and RLock: what both promise, then what each does. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletExit } from '@switchyard/greenlet';
import { LoopExit, race, sleep, withTimeout } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { Event } from '../src/event.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import { go, inWorker, sharedInts, start, thrownBy, turn } from './support.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

for (const Kind of [Lock, RLock]) {
  const test = suite(Kind.name);

  test('acquire, locked, release', async () => {
    const lock = new Kind();
    assert.is(lock.locked(), false);
    assert.is(await lock.acquire(), true);
    assert.is(lock.locked(), true);
    lock.release();
    assert.is(lock.locked(), false);
    assert.is(lock.tryAcquire(), true);
    lock.release();
    assert.is(lock.abandoned, false);
  });

  test('one that is free is taken without a switch', { switches: false }, function* () {
    const lock = new Kind();
    assert.is(yield* lock.acquire(), true);
    lock.release();
    using held = yield* lock.hold();
    assert.is(held.abandoned, false);
  });

  test('L01: one that another holds is not waited for with blocking: false, nor longer than the timeout', async () => {
    const lock = new Kind();
    const holder = start(function* () {
      yield* lock.acquire();
      yield* sleep(Infinity);
    });
    await turn();
    assert.is(await lock.acquire({ blocking: false }), false);
    assert.is(await lock.acquire({ timeout: 0 }), false);
    assert.is(lock.tryAcquire(), false);
    const before = performance.now();
    assert.is(await lock.acquire({ timeout: 20 }), false);
    assert.ok(performance.now() - before >= 19, 'it waited that long');
    holder.kill();
    await holder.done;
  });

  test('L01: release of one that is free', async () => {
    const error = await thrownBy(() => new Kind().release());
    assert.instance(error, RuntimeError);
    assert.match(error.message, `that nobody holds`);
  });

  test('L02: those who wait get it one after the other, in the order in which they came', async () => {
    const lock = new Kind();
    const order: number[] = [];
    const greenlets = [1, 2, 3, 4, 5].map((n) =>
      start(function* () {
        using _held = yield* lock.hold();
        yield* sleep(0);
        order.push(n);
      }),
    );
    for (const greenlet of greenlets) await greenlet.done;
    assert.equal(order, [1, 2, 3, 4, 5]);
    assert.is(lock.locked(), false);
  });

  test('L04: a block gives it back when it throws', async () => {
    const lock = new Kind();
    await thrownBy(() =>
      go(function* () {
        using _held = yield* lock.hold();
        throw new RangeError('inside');
      }),
    );
    assert.is(lock.locked(), false);
    {
      using held = await lock.hold();
      held.release();
      assert.is(lock.locked(), false);
      held.release();
    }
  });

  test('one that is killed or timed out while it waits takes nothing along', async () => {
    const lock = new Kind();
    const holder = start(function* () {
      yield* lock.acquire();
      yield* sleep(10);
      lock.release();
    });
    await turn();
    const killed = start(() => lock.acquire() as never);
    const timedOut = start(() => withTimeout(5, () => lock.acquire(), { value: 'late' }) as never);
    const lost = start(() => race([lock.acquire(), sleep(5)]) as never);
    const patient = start(function* () {
      assert.is(yield* lock.acquire(), true);
      lock.release();
      return 'got it';
    });
    await turn();
    killed.kill();
    for (const one of [holder, killed, timedOut, lost, patient]) await one.done;
    assert.is(timedOut.outcome, 'late');
    assert.is(patient.outcome, 'got it');
    assert.is(lock.locked(), false);
  });

  test('one that is killed in the turn in which it would get it leaves it to the next', async () => {
    const lock = new Kind();
    const holder = start(function* () {
      yield* lock.acquire();
      yield* sleep(1);
      first.kill();
      lock.release();
    });
    await turn();
    const first = start(() => lock.acquire() as never);
    const second = start(function* () {
      yield* lock.acquire();
      lock.release();
      return 'second';
    });
    for (const one of [holder, first, second]) await one.done;
    assert.instance(first.outcome, GreenletExit);
    assert.is(second.outcome, 'second');
  });

  test('waiting for what nobody can release is a LoopExit', async () => {
    const lock = new Kind();
    await go(function* () {
      yield* lock.acquire();
    });
    const error = await thrownBy(() => lock.acquire());
    assert.instance(error, LoopExit);
    assert.match(error.message, `${Kind.name}.acquire`);
  });

  test('the blocking forms are refused on the main thread', async () => {
    const lock = new Kind();
    for (const action of [
      () => lock.acquireSync(),
      () => lock.holdSync(),
      () => lock.acquireSync({ timeout: 5 }),
    ]) {
      const error = await thrownBy(action);
      assert.instance(error, RuntimeError);
      assert.match(error.message, `write await ${Kind === Lock ? 'lock' : 'rLock'}.acquire(), or yield*`);
    }
    assert.is(lock.locked(), false);
    assert.is(lock.acquireSync({ blocking: false }), true);
    lock.release();
  });

  test('options are checked', async () => {
    const lock = new Kind();
    for (const options of [
      { timeout: -1 },
      { timeout: 'x' },
      { blocking: 1 },
      5,
      { blocking: false, timeout: 5 },
    ]) {
      assert.instance(await thrownBy(() => lock.acquire(options as never)), TypeError);
      assert.instance(await thrownBy(() => lock.acquireSync(options as never)), TypeError);
    }
  });

  test('a worker and this thread exclude each other', async () => {
    const lock = new Kind();
    const held = new Event();
    const letGo = new Event();
    const { result } = inWorker('holdUntil', lock, held, letGo);
    await held.wait();
    assert.is(lock.locked(), true);
    assert.is(lock.tryAcquire(), false);
    assert.is(await lock.acquire({ timeout: 5 }), false);
    const waiting = lock.acquire().then((got) => got);
    letGo.set();
    assert.is(await waiting, true);
    await result;
    assert.is(lock.abandoned, false);
    assert.is(await inWorker('tryLock', lock).result, false);
    lock.release();
    assert.is(await inWorker('tryLock', lock).result, true);
  });

  test('100,000 waits that were given up leave nothing behind', { timeout: 30_000 }, async () => {
    const lock = new Kind();
    await go(() => lock.acquire() as never);
    const attempts = async (count: number): Promise<number> => {
      for (let n = 0; n < count; n += 1000) {
        const waits = Array.from({ length: 1000 }, async () => lock.acquire({ timeout: 0.01 }));
        for (const got of await Promise.all(waits)) assert.is(got, false);
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await attempts(5000);
    const after = await attempts(100_000);
    assert.ok(after - before < 3e6, `the heap grew by ${after - before} bytes`);
  });

  test.run();
}

const test = suite('Lock and RLock apart');

test('L03: a Lock may be released by another thread, an RLock not', async () => {
  const lock = new Lock();
  await lock.acquire();
  assert.is(await inWorker('release', lock).result, 'released');
  assert.is(lock.locked(), false);
  const rlock = new RLock();
  await rlock.acquire();
  assert.is(
    await inWorker('release', rlock).result,
    'RuntimeError: release of an RLock by plain or async code that does not hold it: another thread does',
  );
  rlock.release();
});

test('R01: an RLock is taken again by its owner, and released as often', async () => {
  const lock = new RLock();
  assert.is(lock.recursionCount(), 0);
  for (let n = 1; n <= 3; n++) {
    assert.is(await lock.acquire(), true);
    assert.is(lock.recursionCount(), n);
  }
  assert.is(lock.tryAcquire(), true);
  assert.is(await inWorker('tryLock', lock).result, false);
  for (let n = 0; n < 4; n++) {
    assert.is(lock.locked(), true);
    lock.release();
  }
  assert.is(lock.locked(), false);
  assert.instance(await thrownBy(() => lock.release()), RuntimeError);
});

test('a greenlet owns an RLock by itself', async () => {
  const lock = new RLock();
  await lock.acquire();
  await go(function* () {
    assert.is(lock.owned(), false);
    assert.is(yield* lock.acquire({ blocking: false }), false);
    assert.throws(() => lock.release(), /by a greenlet that does not hold it/);
  });
  assert.is(lock.owned(), true);
  const waits = start(function* () {
    yield* lock.acquire();
    yield* lock.acquire();
    assert.is(lock.recursionCount(), 2);
    yield* sleep(0);
    lock.release();
    lock.release();
    return 'both';
  });
  await turn();
  assert.is(waits.ended, false);
  lock.release();
  await waits.done;
  assert.is(waits.outcome, 'both');
});

test('500,000 turns each of two workers are exact', { timeout: 60_000 }, async () => {
  for (const lock of [new Lock(), new RLock()]) {
    const words = sharedInts(2);
    const workers = [1, 2].map(() => inWorker('incrementSync', lock, words, 500_000, 2));
    for (const { result } of workers) assert.type(await result, 'number');
    assert.is(words[0], 1_000_000);
  }
});

test('this thread, waiting, against a worker that blocks: exact', { timeout: 60_000 }, async () => {
  for (const lock of [new Lock(), new RLock()]) {
    const words = sharedInts(2);
    const { result } = inWorker('incrementSync', lock, words, 200_000, 1);
    let own = 0;
    let done = false;
    void result.then(() => (done = true));
    while (!done) {
      await lock.acquire();
      words[0] = (words[0] as number) + 1;
      lock.release();
      if (++own % 1000 === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    assert.is(words[0], 200_000 + own);
  }
});

test('async code of two workers: exact', { timeout: 60_000 }, async () => {
  const lock = new Lock();
  const words = sharedInts(2);
  await Promise.all([1, 2].map(() => inWorker('incrementAsync', lock, words, 30_000).result));
  assert.is(words[0], 60_000);
});

test.run();
