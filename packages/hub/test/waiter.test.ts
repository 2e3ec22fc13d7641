import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletError, GreenletExit } from '@switchyard/greenlet';
import { ConcurrentObjectUseError, race, sleep, Waiter, withTimeout } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('Waiter');

test('a wake after the wait', async () => {
  const waiter = new Waiter<string>();
  const parked = start('parked', function* () {
    return yield* waiter;
  });
  await turn();
  assert.is(parked.ended, false);
  assert.is(waiter.wake('now'), true);
  assert.is(parked.ended, false, 'it goes on in its turn');
  await parked.done;
  assert.is(parked.outcome, 'now');
});

test('a wake before the wait is kept, and the wait does not switch', async () => {
  const waiter = new Waiter<string>();
  assert.is(waiter.ready(), false);
  waiter.wake('early');
  assert.is(waiter.ready(), true);
  await go(function* () {
    const before = hub.switches;
    assert.is(yield* waiter, 'early');
    assert.is(hub.switches, before);
  });
  assert.is(waiter.ready(), false);
});

test('fail throws the very error, before or after', async () => {
  const error = new RangeError('no');
  const early = new Waiter();
  early.fail(error);
  assert.is(await thrownBy(() => early), error);
  const late = new Waiter();
  const parked = start('parked', function* () {
    yield* late;
  });
  await turn();
  assert.is(late.fail(error), true);
  await parked.done;
  assert.equal([parked.failed, parked.outcome === error], [true, true]);
});

test('only the first wake counts, and the others are told so', async () => {
  const waiter = new Waiter<number>();
  assert.is(waiter.wake(1), true);
  assert.is(waiter.wake(2), false);
  assert.is(waiter.fail(new Error('x')), false);
  assert.is(await waiter, 1);
  assert.is(waiter.wake(3), false);
});

test('park() is the waiter itself', async () => {
  const waiter = new Waiter<number>();
  waiter.wake(5);
  assert.is(await waiter.park(), 5);
});

test('cancel refuses later wakes, and calls onCancel once', () => {
  let cancelled = 0;
  const waiter = new Waiter<number>(() => cancelled++);
  waiter.cancel();
  waiter.cancel();
  assert.is(waiter.wake(1), false);
  assert.is(cancelled, 1);
});

test('cancel after a wake does nothing', async () => {
  let cancelled = 0;
  const waiter = new Waiter<number>(() => cancelled++);
  waiter.wake(1);
  waiter.cancel();
  assert.is(await waiter, 1);
  assert.is(cancelled, 0);
});

test('a kill gives it up: onCancel is called, and a wake returns false', async () => {
  let cancelled = 0;
  const waiter = new Waiter<number>(() => cancelled++);
  const parked = start('parked', function* () {
    yield* waiter;
  });
  await turn();
  parked.kill();
  await parked.done;
  assert.is(cancelled, 1);
  assert.is(waiter.wake(1), false);
});

test('a timeout and a lost race give it up as well', async () => {
  let cancelled = 0;
  const timed = new Waiter(() => cancelled++);
  await withTimeout(1, timed, { value: undefined });
  const raced = new Waiter(() => cancelled++);
  await race([raced, sleep(0)]);
  assert.is(cancelled, 2);
  assert.equal([timed.wake(), raced.wake()], [false, false]);
});

test('a kill between the wake and its turn: onCancel tells the waker that the value was not seen', async () => {
  // The value used to be lost without anybody being told.
  let cancelled = 0;
  const waiter = new Waiter<string>(() => cancelled++);
  const parked = start('parked', function* () {
    return yield* waiter;
  });
  await turn();
  parked.kill();
  assert.is(waiter.wake('item'), true);
  await parked.done;
  assert.instance(parked.outcome, GreenletExit);
  assert.is(cancelled, 1);
});

test('a second consumer at the same time is refused', async () => {
  const waiter = new Waiter<number>();
  const first = start('first', function* () {
    return yield* waiter;
  });
  await turn();
  const error = await thrownBy(() =>
    go(function* () {
      yield* waiter;
    }),
  );
  assert.instance(error, ConcurrentObjectUseError);
  assert.is((error as Error).message, 'somebody waits on this Waiter already: make a Waiter for each wait');
  assert.instance(await thrownBy(() => waiter), ConcurrentObjectUseError);
  waiter.wake(5);
  await first.done;
  assert.is(first.outcome, 5, 'the first one does not notice');
});

test('a wait for an outcome that was taken, or on a cancelled waiter, is refused instead of never ending', async () => {
  const taken = new Waiter<number>();
  taken.wake(1);
  await taken;
  const second = (await thrownBy(() => taken)) as Error;
  assert.instance(second, GreenletError);
  assert.match(
    second.message,
    /^this Waiter has given its outcome to somebody, and would wait for ever: make a Waiter/,
  );

  const cancelled = new Waiter();
  cancelled.cancel();
  assert.match(
    ((await thrownBy(() => cancelled)) as Error).message,
    /^this Waiter was cancelled, and would wait for ever/,
  );

  const resumed = new Waiter<number>();
  const parked = start('parked', function* () {
    yield* resumed;
    yield* resumed;
  });
  await turn();
  resumed.wake(1);
  await parked.done;
  assert.instance(parked.outcome, GreenletError);
});

test('an onCancel that throws is reported, and the kill goes on', { greenletErrors: 1 }, async () => {
  // The kill used to be lost, and the greenlet parked on nothing.
  let cleaned = false;
  const waiter = new Waiter(() => {
    throw new Error('in onCancel');
  });
  const parked = start('parked', function* () {
    try {
      yield* waiter;
    } finally {
      cleaned = true;
    }
  });
  await turn();
  parked.kill();
  await parked.done;
  assert.equal([cleaned, parked.failed], [true, false]);
});

test('wake without a value is for waiters of nothing', async () => {
  const waiter = new Waiter();
  waiter.wake();
  assert.is(await waiter, undefined);
});

test('is woken from plain callbacks', async () => {
  const waiter = new Waiter<string>();
  process.nextTick(() => waiter.wake('tick'));
  assert.is(
    await go(function* () {
      return yield* waiter;
    }),
    'tick',
  );
});

test.run();
