/** Threads at random. */
import { soak, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Condition } from '../src/condition.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import { changed, inWorker, sharedInts, start } from './support.ts';

const test = suite('stress');

test('threads terminated at random moments: the lock is never lost', { timeout: 300_000 }, async () => {
  const lock = new Lock();
  let told = 0;
  for (let round = 0; round < soak(8); round++) {
    const words = sharedInts(2);
    const workers = [1, 2, 3].map(() => inWorker('hammer', lock, words));
    await changed(words, 0, 0);
    const waits = lock.hold();
    for (const { worker } of workers) {
      // A moment that differs each time, anywhere in the loop.
      for (let n = Math.random() * 3000; n > 0; n--) Atomics.load(words, 0);
      await worker.terminate();
    }
    using held = await waits;
    if (held.abandoned) told++;
    held.release();
    assert.is(lock.locked(), false);
  }
  // How many are hit inside is up to chance: none at all would mean that nothing was tested.
  assert.ok(told > 0, 'some were hit while they held it');
});

for (const Kind of [Lock, RLock]) {
  test(
    `a condition with ${Kind.name}: three consumers, waits given up at random, nothing lost`,
    { timeout: 60_000 },
    async () => {
      const condition = new Condition(new Kind());
      const words = sharedInts(3);
      const items = 4000;
      const workers = [1, 2].map(() => inWorker('consume', condition, words));
      const here = start(function* () {
        let taken = 0;
        for (;;) {
          using _held = yield* condition.hold();
          while (words[0] === 0) {
            if (words[2] !== 0) return taken;
            yield* condition.wait({ timeout: Math.random() < 0.5 ? Math.random() * 2 : null });
          }
          words[0] = (words[0] as number) - 1;
          words[1] = (words[1] as number) + 1;
          taken++;
        }
      });
      for (let n = 0; n < items; n++) {
        using _held = await condition.hold();
        words[0] = (words[0] as number) + 1;
        condition.notify();
      }
      {
        using _held = await condition.hold();
        words[2] = 1;
        condition.notifyAll();
      }
      const taken = await Promise.all(workers.map(({ result }) => result));
      await here.done;
      assert.is(here.failed, false, String(here.outcome));
      assert.is(taken[0]! + taken[1]! + (here.outcome as number), items);
      assert.is(words[0], 0);
    },
  );
}

test('without any timeout, each notification is for one', { timeout: 60_000 }, async () => {
  // Should one be lost, those who wait do so for ever, and the deadline tells.
  const condition = new Condition(new Lock());
  const ready = sharedInts(1);
  for (let round = 0; round < 200; round++) {
    const waiters = [1, 2, 3].map((n) =>
      start(function* () {
        using _held = yield* condition.hold();
        Atomics.add(ready, 0, 1);
        return yield* condition.wait(n === 2 ? { timeout: Math.random() } : {});
      }),
    );
    let woken = 0;
    while (waiters.some(({ ended }) => !ended)) {
      await condition.acquire();
      condition.notify();
      condition.release();
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    for (const { outcome } of waiters) if (outcome === true) woken++;
    assert.ok(woken >= 2);
  }
});

test.run();
