/** Threads that end, in whatever way, while they hold a lock. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { revive, share } from '@switchyard/remote';
import { adopt, allocate, currentAgent, retire } from '../src/agent.ts';
import { Event } from '../src/event.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import { changed, go, inWorker, sharedInts, start, thrownBy, turn } from './support.ts';

const test = suite('abandoned locks');

for (const Kind of [Lock, RLock]) {
  for (const way of ['holdAndReturn', 'holdAndThrow', 'holdAndExit'] as const) {
    test(`${Kind.name}: ${way}`, async () => {
      const lock = new Kind();
      const running = inWorker(way, lock);
      await running.exited;
      await running.result.catch(() => {});
      assert.is(lock.locked(), false);
      assert.is(lock.tryAcquire(), true);
      assert.is(lock.abandoned, true, 'told to the one who holds it');
      lock.release();
      assert.is(lock.abandoned, false);
      using held = await lock.hold();
      assert.is(held.abandoned, false, 'only the next one is told');
    });
  }

  test(`${Kind.name}: terminated, while others wait here and in a worker`, async () => {
    const lock = new Kind();
    const held = new Event();
    const running = inWorker('hold', lock, held);
    await held.wait();
    const inGreenlet = start(function* () {
      using got = yield* lock.hold();
      return got.abandoned;
    });
    await turn();
    assert.is(inGreenlet.ended, false);
    const inAsync = lock.hold().then((got) => {
      const { abandoned } = got;
      got.release();
      return abandoned;
    });
    const other = inWorker('abandonedSync', lock);
    await running.worker.terminate();
    await inGreenlet.done;
    // Exactly one of them came next.
    const told = [inGreenlet.outcome, await inAsync, await other.result];
    assert.is(told.filter((one) => one === true).length, 1, `${told}`);
    assert.is(lock.locked(), false);
  });
}

test('releasing it from elsewhere is fine, and then nobody is told', async () => {
  const lock = new Lock();
  await inWorker('holdAndReturn', lock).exited;
  lock.release();
  using held = await lock.hold();
  assert.is(held.abandoned, false);
});

test('a thread that has been retired is dead, though its worker lives', async () => {
  const lock = new Lock();
  const own = currentAgent();
  const other = allocate();
  adopt(other);
  assert.is(lock.tryAcquire(), true);
  adopt(own);
  assert.is(lock.tryAcquire(), false);
  const waits = start(function* () {
    using held = yield* lock.hold();
    return held.abandoned;
  });
  await turn();
  assert.is(waits.ended, false);
  retire(other);
  await turn();
  assert.is(waits.outcome, true, 'those who wait in this thread look at once');
});

test('terminated in the critical section: always told', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 8; round++) {
    const lock = new Lock();
    const held = new Event();
    const running = inWorker('hold', lock, held);
    await held.wait();
    const waits = round % 2 === 0 ? go(() => lock.hold() as never) : Promise.resolve(lock.hold());
    void running.worker.terminate();
    const got = (await waits) as { abandoned: boolean };
    assert.is(got.abandoned, true);
    await running.exited;
  }
});

test('a worker that is terminated while it waits takes no wake-up along', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 8; round++) {
    const lock = new Lock();
    await lock.acquire();
    const words = sharedInts(2);
    const workers = [1, 2].map(() => inWorker('incrementSync', lock, words, 1, 2));
    await changed(words, 1, 0);
    await changed(words, 1, 1);
    const terminated = workers[0]!.worker.terminate();
    lock.release();
    await terminated;
    await workers[1]!.result;
    assert.ok((words[0] as number) >= 1);
  }
});

test('a lock that comes from another table of threads is refused', async () => {
  const state = new Lock()[share]();
  const error = await thrownBy(() => Lock[revive]({ ...state, table: state.table + 1 }));
  assert.match(error.message, 'before its starter imported @switchyard/threading');
});

test.run();
