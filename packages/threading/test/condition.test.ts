/** Condition. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { sleep, withTimeout } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { Condition } from '../src/condition.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import { changed, inWorker, sharedInts, start, type Started, thrownBy, turn } from './support.ts';

function waiting<T = boolean>(condition: Condition, options?: { timeout: number }): Started<T> {
  return start(function* () {
    using _held = yield* condition.hold();
    return (yield* condition.wait(options)) as T;
  });
}

for (const Kind of [Lock, RLock]) {
  const test = suite(`Condition with ${Kind.name}`);

  test('C01: wait and notify need the lock', async () => {
    const condition = new Condition(new Kind());
    for (const action of [
      () => condition.wait(),
      () => condition.waitFor(() => true),
      () => condition.notify(),
      () => condition.notifyAll(),
    ]) {
      const error = await thrownBy(action);
      assert.instance(error, RuntimeError);
      assert.match(error.message, 'needs the lock');
    }
  });

  test('notify wakes the oldest, as many as told', async () => {
    const condition = new Condition(new Kind());
    const waiters = [1, 2, 3, 4, 5].map(() => waiting(condition));
    await turn();
    const ended = (): number[] => waiters.flatMap(({ ended }, n) => (ended ? [n] : []));
    await condition.acquire();
    condition.notify();
    await turn();
    assert.equal(ended(), [], 'not before it can have the lock');
    condition.release();
    await waiters[0]!.done;
    await turn();
    assert.equal(ended(), [0]);
    {
      using _held = await condition.hold();
      condition.notify(2);
    }
    await waiters[2]!.done;
    await turn();
    assert.equal(ended(), [0, 1, 2]);
    {
      using _held = await condition.hold();
      condition.notifyAll();
      condition.notifyAll();
    }
    for (const { done } of waiters) await done;
    for (const { outcome } of waiters) assert.is(outcome, true);
  });

  test('one that comes after the notification is not woken by it', async () => {
    const condition = new Condition(new Kind());
    const early = waiting(condition);
    await turn();
    const late = start(function* () {
      using _held = yield* condition.hold();
      condition.notify(5);
      return yield* condition.wait({ timeout: 20 });
    });
    await early.done;
    await late.done;
    assert.equal([early.outcome, late.outcome], [true, false]);
  });

  test('a notification of one that was killed goes to the next', async () => {
    const condition = new Condition(new Kind());
    const first = waiting(condition);
    const second = waiting(condition);
    await turn();
    {
      using _held = await condition.hold();
      condition.notify();
      first.kill();
      await turn();
      assert.is(first.ended, false, 'it has to take the lock again');
    }
    await first.done;
    await second.done;
    assert.is(second.outcome, true);
    assert.is(condition.lock.locked(), false);
  });

  test('a notification of one that timed out in the same turn goes to the next', async () => {
    const condition = new Condition(new Kind());
    const timed = start(
      () =>
        withTimeout(
          10,
          function* () {
            using _held = yield* condition.hold();
            return yield* condition.wait();
          },
          { value: 'late' },
        ) as never,
    );
    const second = waiting(condition);
    await turn();
    {
      using _held = await condition.hold();
      condition.notify();
      // It has been notified, and its time is up before it can have the lock.
      await sleep(15);
    }
    await timed.done;
    await second.done;
    assert.is(timed.outcome, 'late');
    assert.is(second.outcome, true);
  });

  test('killed before it was notified, it takes the lock before it goes', async () => {
    const condition = new Condition(new Kind());
    let held = false;
    const victim = start(function* () {
      using _held = yield* condition.hold();
      try {
        yield* condition.wait();
      } finally {
        held = condition.lock.locked();
      }
    });
    await turn();
    victim.kill();
    await victim.done;
    assert.is(held, true);
    assert.is(condition.lock.locked(), false);
  });

  test('a timeout: false, with the lock, and a later notification goes elsewhere', async () => {
    const condition = new Condition(new Kind());
    const short = waiting(condition, { timeout: 5 });
    const long = waiting(condition);
    await short.done;
    assert.is(short.outcome, false);
    {
      using _held = await condition.hold();
      assert.is(await condition.wait({ timeout: 5 }), false);
      condition.notify();
    }
    await long.done;
    assert.is(long.outcome, true);
  });

  test('C03: waitFor', async () => {
    const condition = new Condition(new Kind());
    let value = 0;
    const waiters = [
      start(function* () {
        using _held = yield* condition.hold();
        return yield* condition.waitFor(() => value);
      }),
      start(function* () {
        using _held = yield* condition.hold();
        return yield* condition.waitFor(function* () {
          yield* sleep(0);
          return value > 0 && 'seen';
        });
      }),
    ];
    await turn();
    {
      using _held = await condition.hold();
      condition.notifyAll();
    }
    await turn();
    {
      using _held = await condition.hold();
      value = 7;
      condition.notifyAll();
    }
    for (const { done } of waiters) await done;
    assert.equal([waiters[0]!.outcome, waiters[1]!.outcome], [7, 'seen']);
    using _held = await condition.hold();
    assert.is(await condition.waitFor(async () => 'at once'), 'at once');
    const before = performance.now();
    assert.is(await condition.waitFor(() => 0, { timeout: 20 }), 0);
    assert.ok(performance.now() - before >= 19);
    assert.is((await thrownBy(() => condition.waitFor(() => JSON.parse('{')))) instanceof SyntaxError, true);
  });

  test('workers wait, this thread notifies, and the other way round', { timeout: 30_000 }, async () => {
    const condition = new Condition(new Kind());
    const ready = sharedInts(1);
    const workers = [
      inWorker('waitCondition', condition, ready, null),
      inWorker('waitCondition', condition, ready, null),
    ];
    await changed(ready, 0, 0);
    await changed(ready, 0, 1);
    for (let n = 0; n < 2; n++) {
      using _held = await condition.hold();
      condition.notify();
    }
    assert.equal(await Promise.all(workers.map(({ result }) => result)), [true, true]);
    const here = waiting(condition);
    await turn();
    assert.is(await inWorker('notifyOnce', condition).result, 'notified');
    await here.done;
    assert.is(here.outcome, true);
  });

  test('a notification of a worker that is terminated goes to the next', { timeout: 30_000 }, async () => {
    const condition = new Condition(new Kind());
    const ready = sharedInts(1);
    const victim = inWorker('waitCondition', condition, ready, null);
    await changed(ready, 0, 0);
    // It holds the lock until it waits.
    await condition.acquire();
    condition.release();
    const second = waiting(condition);
    await turn();
    await condition.acquire();
    condition.notify();
    await victim.worker.terminate();
    condition.release();
    await second.done;
    assert.is(second.outcome, true);
  });

  test('one whose worker has ended is passed over', { timeout: 30_000 }, async () => {
    const condition = new Condition(new Kind());
    const ready = sharedInts(1);
    const victim = inWorker('waitCondition', condition, ready, null);
    await changed(ready, 0, 0);
    await condition.acquire();
    condition.release();
    const second = waiting(condition);
    await turn();
    await victim.worker.terminate();
    {
      using _held = await condition.hold();
      condition.notify();
    }
    await second.done;
    assert.is(second.outcome, true);
  });

  test('20,000 waits that were given up leave nothing behind', { timeout: 60_000 }, async () => {
    const condition = new Condition(new Kind());
    for (let n = 0; n < 20_000; n += 500) {
      const waits = Array.from({ length: 500 }, () => waiting(condition, { timeout: 0.01 }));
      for (const { done } of waits) await done;
    }
    const size = (condition as unknown as { line: { words: Int32Array } }).line.words.byteLength;
    assert.ok(size < 20_000, `${size} bytes`);
  });

  test.run();
}

const test = suite('Condition');

test('all levels of an RLock are released, and taken again', async () => {
  const condition = new Condition();
  const waits = start(function* () {
    yield* condition.acquire();
    yield* condition.acquire();
    yield* condition.wait();
    const lock = condition.lock as RLock;
    const levels = lock.recursionCount();
    condition.release();
    condition.release();
    return levels;
  });
  await turn();
  {
    using _held = await condition.hold();
    condition.notify();
  }
  await waits.done;
  assert.is(waits.outcome, 2);
  assert.is(condition.lock.locked(), false);
});

test('arguments are checked', async () => {
  assert.instance(await thrownBy(() => new Condition({} as never)), TypeError);
  const condition = new Condition();
  using _held = await condition.hold();
  for (const n of [-1, 0.5, 'x', NaN]) {
    assert.instance(await thrownBy(() => condition.notify(n as never)), RangeError);
  }
  assert.instance(await thrownBy(() => condition.waitFor('x' as never)), TypeError);
  assert.instance(await thrownBy(() => condition.wait({ timeout: -1 })), TypeError);
  assert.instance(await thrownBy(() => condition.waitSync()), RuntimeError);
  assert.instance(await thrownBy(() => condition.waitForSync(() => true)), RuntimeError);
});

test('2,000 greenlets wait and are woken in order', async () => {
  const condition = new Condition();
  const order: number[] = [];
  const waiters = Array.from({ length: 2000 }, (_, n) =>
    start(function* () {
      using _held = yield* condition.hold();
      yield* condition.wait();
      order.push(n);
    }),
  );
  await turn();
  {
    using _held = await condition.hold();
    condition.notify(1000);
    condition.notifyAll();
  }
  for (const { done } of waiters) await done;
  assert.equal(
    order,
    waiters.map((_, n) => n),
  );
});

test.run();
