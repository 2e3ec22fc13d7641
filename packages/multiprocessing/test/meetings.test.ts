/** Events, conditions, barriers and semaphores between processes. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Barrier } from '../src/barrier.ts';
import { Condition } from '../src/condition.ts';
import { heard } from '../src/connect.ts';
import { Event } from '../src/event.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import { BoundedSemaphore, Semaphore } from '../src/semaphore.ts';
import { endHelpers, type Helper, startHelpers, thrown, until } from './told-process.ts';
import { signal, waitFor } from './told-tasks.ts';

const test = suite('meetings');
const timeout = 30_000;

new Lock();
const spares = startHelpers(6);
const next = (): Helper => spares.shift() as Helper;
const [one, two] = [next(), next()];
test.after(endHelpers);

test('an event that is set in one process wakes those of all others', { timeout }, async () => {
  const event = new Event();
  await Promise.all([one.keep({ event }), two.keep({ event })]);
  const waits = [one.act('event', 'wait'), event.wait().then((is) => is)];
  assert.is(await two.act('event', 'wait', { timeout: 5 }), false);
  assert.is(event.isSet(), false);
  await two.act('event', 'set');
  assert.equal(await Promise.all(waits), [true, true]);
  assert.is(event.isSet(), true);
  event.clear();
  assert.is(event.isSet(), false, 'at once');
  await heard();
  assert.is(await one.act('event', 'wait', { timeout: 5 }), false);
});

test('a process that waits for an event is killed', { timeout }, async () => {
  const event = new Event();
  const helper = next();
  await Promise.all([helper.keep({ event }), one.keep({ event })]);
  helper.act('event', 'wait').catch(() => {});
  const other = one.act('event', 'wait');
  await helper.kill();
  event.set();
  assert.is(await other, true);
});

for (const Kind of [Lock, RLock]) {
  test(`a condition over a ${Kind.name}`, { timeout }, async () => {
    const condition = new Condition(new Kind());
    const ready = new Event();
    const waits = one.run(waitFor, condition, ready, 5000);
    await ready.wait();
    // The lock is free only once it waits.
    await condition.acquire();
    condition.notify();
    condition.release();
    assert.is(await waits, true);
    ready.clear();
    const late = one.run(waitFor, condition, ready, 20);
    assert.is(await late, false);
    const both = [one, two].map((helper) => helper.run(waitFor, condition, new Event(), 20_000));
    const ends = Promise.all(both);
    let over = false;
    void ends.then(() => (over = true));
    while (!over) await notifyAll(condition);
    assert.equal(await ends, [true, true]);
  });
}

async function notifyAll(condition: Condition): Promise<void> {
  using _held = await condition.hold();
  condition.notifyAll();
}

test('a notification for a process that was killed goes to the next', { timeout }, async () => {
  const condition = new Condition();
  const ready = new Event();
  const helper = next();
  const lost = helper.run(waitFor, condition, ready, 20_000).catch(() => 'lost');
  await ready.wait();
  ready.clear();
  await condition.acquire();
  condition.release();
  const waits = one.run(waitFor, condition, ready, 20_000);
  await ready.wait();
  await condition.acquire();
  condition.release();
  await helper.kill();
  assert.is(await two.run(signal, condition), undefined);
  assert.is(await waits, true);
  assert.is(await lost, 'lost');
});

test('a barrier is broken for the others when a party is killed', { timeout }, async () => {
  const barrier = new Barrier(3);
  const helper = next();
  await Promise.all([helper.keep({ barrier }), one.keep({ barrier })]);
  helper.act('barrier', 'wait').catch(() => {});
  const other = one.act('barrier', 'wait');
  await until(() => barrier.nWaiting === 2);
  await helper.kill();
  assert.is(await other, 'BrokenBarrierError');
  assert.is(barrier.broken, true);
  assert.is(await thrown(() => barrier.wait()), 'BrokenBarrierError');
  barrier.reset();
  assert.is(barrier.broken, false);
  await two.keep({ barrier });
  const numbers = await Promise.all([one.act('barrier', 'wait'), two.act('barrier', 'wait'), barrier.wait()]);
  assert.equal(
    numbers.toSorted((a, b) => Number(a) - Number(b)),
    [0, 1, 2],
  );
  barrier.abort();
  assert.is(barrier.broken, true);
  assert.is(await one.act('barrier', 'wait'), 'BrokenBarrierError');
});

test('an action that is no task cannot travel', async () => {
  const barrier = new Barrier(2, { action: () => {} });
  assert.throws(() => one.keep({ barrier }), /make it a task/);
});

test('permits are for all processes, and one that is killed keeps those it had', { timeout }, async () => {
  const semaphore = new Semaphore(2);
  const helper = next();
  await Promise.all([helper.keep({ semaphore }), one.keep({ semaphore })]);
  assert.is(semaphore.value, 2);
  await helper.act('semaphore', 'acquire');
  assert.is(semaphore.value, 1);
  await helper.kill();
  assert.is(await one.act('semaphore', 'acquire', { timeout: 5000 }), true);
  assert.is(await semaphore.acquire({ blocking: false }), false);
  assert.is(semaphore.locked(), true);
  semaphore.release();
  assert.is(await semaphore.acquire(), true);
});

test(
  'greenlets that release a bounded one at the same time are not told of too many',
  { timeout },
  async () => {
    const semaphore = new BoundedSemaphore(3);
    await one.keep({ semaphore });
    for (let round = 0; round < 50; round++) {
      for (let n = 0; n < 3; n++) await semaphore.acquire();
      for (let n = 0; n < 3; n++) {
        semaphore.release();
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.is(semaphore.value, 3);
    }
    await heard();
    assert.throws(() => semaphore.release(), /released too many times/);
    assert.is(await one.act('semaphore', 'release'), 'RangeError');
  },
);

test.run();
