/** Event. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { LoopExit, withTimeout, withVirtualTime } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { Event } from '../src/event.ts';
import { changed, go, inWorker, sharedInts, start, thrownBy, turn } from './support.ts';

const test = suite('Event');

test('set and clear', () => {
  const event = new Event();
  assert.is(event.isSet(), false);
  event.set();
  event.set();
  assert.is(event.isSet(), true);
  event.clear();
  event.clear();
  assert.is(event.isSet(), false);
});

test('one that is set is not waited for', { switches: false }, function* () {
  const event = new Event();
  event.set();
  assert.is(yield* event.wait(), true);
  assert.is(yield* event.wait({ timeout: 0 }), true);
});

test('E01: a timeout', async () => {
  const event = new Event();
  assert.is(await event.wait({ timeout: 0 }), false);
  const before = performance.now();
  assert.is(await event.wait({ timeout: 50 }), false);
  assert.ok(performance.now() - before >= 49);
});

test('E01: set lets all who wait go on, in order, and a second wait is true', async () => {
  const event = new Event();
  const order: number[] = [];
  const waiters = [1, 2, 3, 4, 5].map((n) =>
    start(function* () {
      assert.is(yield* event.wait(), true);
      order.push(n);
      assert.is(yield* event.wait(), true);
    }),
  );
  await turn();
  event.set();
  for (const { done } of waiters) await done;
  assert.equal(order, [1, 2, 3, 4, 5]);
});

test('set and then clear at once wakes those who waited, here and in workers', async () => {
  const event = new Event();
  const ready = sharedInts(1);
  const workers = [inWorker('waitEvent', event, ready, null), inWorker('waitEventAsync', event, ready)];
  const here = start(() => event.wait() as never);
  await changed(ready, 0, 0);
  await changed(ready, 0, 1);
  // They have said so just before they wait: until they do, an event that is cleared at once would pass them by.
  const results = Promise.all(workers.map(({ result }) => result));
  let done = false;
  void results.then(() => (done = true));
  event.set();
  event.clear();
  await here.done;
  assert.is(here.outcome, true);
  while (!done) {
    event.set();
    event.clear();
    await turn();
  }
  assert.equal(await results, [true, true]);
  assert.is(event.isSet(), false);
});

test('a worker that waits with a timeout', async () => {
  assert.is(await inWorker('waitEvent', new Event(), sharedInts(1), 20).result, false);
});

test('one that is killed or timed out is out of it', async () => {
  const event = new Event();
  const killed = start(() => event.wait() as never);
  const timedOut = start(() => withTimeout(3, () => event.wait(), { value: 'late' }) as never);
  const patient = start(() => event.wait() as never);
  await turn();
  killed.kill();
  await timedOut.done;
  assert.is(timedOut.outcome, 'late');
  event.set();
  await patient.done;
  assert.is(patient.outcome, true);
});

test('what nobody can set any more is a LoopExit', async () => {
  const error = await thrownBy(() => new Event().wait());
  assert.instance(error, LoopExit);
  assert.match(error.message, 'Event.wait');
});

test('virtual time does not wait for what only this thread could set', async () => {
  const before = performance.now();
  await withVirtualTime(function* () {
    assert.is(yield* new Event().wait({ timeout: 3_600_000 }), false);
  });
  assert.ok(performance.now() - before < 5000);
});

test('the blocking form is refused on the main thread, unless it need not wait', async () => {
  const event = new Event();
  const error = await thrownBy(() => event.waitSync());
  assert.instance(error, RuntimeError);
  assert.match(error.message, 'write await event.wait(), or yield* event.wait()');
  assert.is(event.waitSync({ timeout: 0 }), false);
});

test('options are checked', async () => {
  for (const options of [{ timeout: -1 }, { timeout: 'x' }, 5, null]) {
    assert.instance(await thrownBy(() => new Event().wait(options as never)), TypeError);
  }
});

test('20,000 greenlets at once', async () => {
  const event = new Event();
  const waits = Array.from({ length: 20_000 }, () => go(() => event.wait() as never));
  await turn();
  event.set();
  for (const wait of waits) assert.is(await wait, true);
});

test.run();
