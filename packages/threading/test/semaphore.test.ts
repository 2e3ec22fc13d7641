/** Semaphore and BoundedSemaphore. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { LoopExit, sleep, withTimeout } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { BoundedSemaphore, Semaphore } from '../src/semaphore.ts';
import { go, inWorker, sharedInts, start, thrownBy, turn } from './support.ts';

for (const Kind of [Semaphore, BoundedSemaphore]) {
  const test = suite(Kind.name);

  test('S01: counts its permits; one unless told', async () => {
    assert.is(new Kind().value, 1);
    const semaphore = new Kind(3);
    assert.is(await semaphore.acquire(), true);
    assert.is(semaphore.tryAcquire(), true);
    assert.is(await semaphore.acquire({ blocking: false }), true);
    assert.is(semaphore.value, 0);
    assert.is(semaphore.locked(), true);
    assert.is(semaphore.tryAcquire(), false);
    assert.is(await semaphore.acquire({ blocking: false }), false);
    assert.is(await semaphore.acquire({ timeout: 5 }), false);
    semaphore.release(2);
    assert.is(semaphore.value, 2);
    semaphore.release();
    assert.is(semaphore.value, 3);
  });

  test('S01: what is no number of permits is refused', async () => {
    for (const [value, shown] of [
      [-1, '-1'],
      [1.5, '1.5'],
      ['2', '"2"'],
      [NaN, 'NaN'],
      [null, 'null'],
      [2 ** 31, '2147483648'],
    ] as const) {
      const error = await thrownBy(() => new Kind(value as never));
      assert.instance(error, RangeError);
      assert.is(
        error.message,
        `Expected a whole number from 0 up as the value of a ${Kind.name}, got ${shown}`,
      );
    }
    for (const n of [0, -1, 0.5, 'x']) {
      assert.instance(await thrownBy(() => new Kind(5).release(n as never)), RangeError);
    }
  });

  test('those who wait get it in the order in which they came', async () => {
    const semaphore = new Kind(1);
    await semaphore.acquire();
    const order: number[] = [];
    const waiters = [1, 2, 3].map((n) =>
      start(function* () {
        using _held = yield* semaphore.hold();
        order.push(n);
        yield* sleep(0);
      }),
    );
    await turn();
    assert.equal(order, []);
    semaphore.release();
    for (const { done } of waiters) await done;
    assert.equal(order, [1, 2, 3]);
    assert.is(semaphore.value, 1);
  });

  test('one that is killed or timed out takes no permit along', async () => {
    const semaphore = new Kind(2);
    await semaphore.acquire();
    await semaphore.acquire();
    const killed = start(() => semaphore.acquire() as never);
    const timedOut = start(() => withTimeout(3, () => semaphore.acquire(), { value: 'late' }) as never);
    const patient = start(() => semaphore.acquire() as never);
    await turn();
    await timedOut.done;
    assert.is(timedOut.outcome, 'late');
    killed.kill();
    semaphore.release();
    await patient.done;
    assert.is(patient.outcome, true);
    semaphore.release(2);
    assert.is(semaphore.value, 2);
  });

  test('nobody left who could release is a LoopExit', async () => {
    const semaphore = new Kind(0);
    assert.instance(await thrownBy(() => semaphore.acquire()), LoopExit);
  });

  test('the blocking forms are refused on the main thread', async () => {
    const semaphore = new Kind(1);
    for (const action of [() => semaphore.acquireSync(), () => semaphore.holdSync()]) {
      const error = await thrownBy(action);
      assert.instance(error, RuntimeError);
      assert.match(error.message, `${Kind.name}.acquireSync would stop the main thread`);
    }
    assert.is(semaphore.value, 1);
  });

  test('arrives in a worker as what it is', async () => {
    const semaphore = new Kind(1);
    const words = sharedInts(2);
    await inWorker('useSemaphore', semaphore, words, 10).result;
    assert.is(semaphore.value, 1);
    assert.is(words[1], 1);
  });

  test.run();
}

const test = suite('semaphores between threads');

test('a bounded one is not released more often than it was acquired', async () => {
  const semaphore = new BoundedSemaphore(2);
  const error = await thrownBy(() => semaphore.release());
  assert.instance(error, RangeError);
  assert.is(
    error.message,
    'Semaphore released too many times: 2 of its 2 permits are free, and 1 more were given back',
  );
  await semaphore.acquire();
  assert.instance(await thrownBy(() => semaphore.release(2)), RangeError);
  semaphore.release();
  const plain = new Semaphore(0);
  plain.release(5);
  assert.is(plain.value, 5);
});

test('never more than its value hold it: two workers and this thread', { timeout: 60_000 }, async () => {
  const semaphore = new Semaphore(2);
  const words = sharedInts(2);
  const results = [1, 2].map(() => inWorker('useSemaphore', semaphore, words, 50_000).result);
  let done = false;
  void Promise.all(results).then(() => (done = true));
  while (!done) {
    for (const { done } of [1, 2, 3].map(() =>
      start(function* () {
        using _held = yield* semaphore.hold();
        const now = Atomics.add(words, 0, 1) + 1;
        if (now > Atomics.load(words, 1)) Atomics.store(words, 1, now);
        yield* sleep(0);
        Atomics.sub(words, 0, 1);
      }),
    ))
      await done;
  }
  await Promise.all(results);
  assert.is(semaphore.value, 2);
  assert.is(words[0], 0);
  assert.is(words[1], 2);
});

test('release(n) from a worker lets n go on here', async () => {
  const semaphore = new Semaphore(0);
  const waits = [1, 2, 3].map(() => go(() => semaphore.acquire() as never));
  await turn();
  await inWorker('give', semaphore, 2).result;
  assert.equal(await Promise.all(waits.slice(0, 2)), [true, true]);
  semaphore.release();
  assert.equal(await Promise.all(waits), [true, true, true]);
  assert.is(semaphore.value, 0);
});

test.run();
