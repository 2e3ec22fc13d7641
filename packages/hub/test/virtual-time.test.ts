import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  all,
  getHub,
  LoopExit,
  sleep,
  Timeout,
  until,
  VirtualTimeError,
  Waiter,
  withTimeout,
  withVirtualTime,
} from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { start, thrownBy, turn } from './support.ts';

const test = suite('virtual time');

test('hours pass in no time', async () => {
  const before = performance.now();
  const passed = await withVirtualTime(function* () {
    const start = getHub().now();
    yield* sleep(3_600_000);
    yield* sleep(1_800_000);
    return getHub().now() - start;
  });
  assert.is(passed, 5_400_000);
  const took = performance.now() - before;
  assert.ok(took < 5000, `${took} ms of real time`);
});

test('everything happens in due order, timers and the run queue in the usual one', async () => {
  const log: string[] = [];
  const at = (what: string): void => void log.push(`${getHub().now()} ${what}`);
  await withVirtualTime(function* () {
    yield* all(
      [20, 10, 20].map((ms, i) =>
        (function* () {
          yield* sleep(ms);
          at(`slept #${i}`);
          yield* sleep(0);
          at(`went on #${i}`);
        })(),
      ),
    );
    using _ = Timeout.start(15);
    try {
      yield* sleep(100);
    } catch {
      at('timed out');
    }
  });
  assert.equal(log, [
    '10 slept #1',
    '10 went on #1',
    '20 slept #0',
    '20 slept #2',
    '20 went on #0',
    '20 went on #2',
    '35 timed out',
  ]);
});

test('time does not pass while something is runnable', async () => {
  await withVirtualTime(function* () {
    const start = getHub().now();
    for (let i = 0; i < 10_000; i++) yield* sleep(0);
    assert.is(getHub().now(), start);
  });
});

test('promises of the real world that are under way are waited for', async () => {
  const log: string[] = [];
  await withVirtualTime(function* () {
    const sleeper = start('sleeper', function* () {
      yield* sleep(10);
      log.push('slept');
    });
    // A few turns of the event loop, as a request would take.
    yield* until(turn().then(turn));
    log.push('the promise');
    yield* until(sleeper.done);
  });
  assert.equal(log, ['the promise', 'slept']);
});

test('a promise that never settles holds time up only for a moment, and not once it is given up', async () => {
  await withVirtualTime(function* () {
    const never = new Promise<never>(() => {});
    assert.is(yield* withTimeout(1000, until(never), { value: 'late' }), 'late');
    assert.is(hub.outside, 0);
    const before = performance.now();
    for (let i = 0; i < 100; i++) yield* sleep(1000);
    // Each of these jumps used to wait 20 ms for the promise that nobody waited for any more.
    assert.ok(performance.now() - before < 1000);
  });
});

test('it does not nest, and says so', async () => {
  const error = await withVirtualTime(function* () {
    return yield* until(thrownBy(() => withVirtualTime(() => 5)));
  });
  assert.instance(error, VirtualTimeError);
  assert.is((error as Error).message, 'virtual time is running already: withVirtualTime does not nest');
});

test('it does not start while timers run in real time', async () => {
  const sleeper = start('sleeper', function* () {
    yield* sleep(60_000);
  });
  await turn();
  const error = await thrownBy(() => withVirtualTime(() => 5));
  assert.instance(error, VirtualTimeError);
  assert.is(
    (error as Error).message,
    '1 timers run in real time: start virtual time before any sleep or timeout',
  );
  sleeper.kill();
  await sleeper.done;
});

test('afterwards the clock is the real one again, also after an error', async () => {
  await withVirtualTime(() => sleep(60_000_000));
  assert.ok(Math.abs(getHub().now() - performance.now()) < 5000);
  const error = new RangeError('body');
  assert.is(
    await thrownBy(() =>
      withVirtualTime(() => {
        throw error;
      }),
    ),
    error,
  );
  const before = performance.now();
  await sleep(3);
  assert.ok(performance.now() - before >= 3);
});

test('who still sleeps at the end sleeps on in real time', async () => {
  // Its deadline used to stay on the clock that was gone, and it never woke.
  let sleeper!: ReturnType<typeof start>;
  await withVirtualTime(function* () {
    yield* sleep(1_000_000);
    sleeper = start('sleeper', function* () {
      yield* sleep(8);
    });
    yield* sleep(5);
  });
  assert.is(sleeper.ended, false);
  await sleeper.done;
  assert.is(hub.timers.size, 0);
});

test('takes any kind of body, and gives what it returns', async () => {
  assert.is(await withVirtualTime(() => 5), 5);
  assert.is(await withVirtualTime(async () => 'async'), 'async');
  assert.is(await withVirtualTime(sleep(60_000)), undefined);
});

test('a wait for ever is found out all the same', async () => {
  assert.instance(await thrownBy(() => withVirtualTime(new Waiter())), LoopExit);
  assert.is(hub.clock, null);
});

test.run();
