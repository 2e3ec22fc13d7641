import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub, sleep, withVirtualTime } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { seeded } from './seeded.ts';
import { go, program, start, turn } from './support.ts';

const test = suite('sleep');

test('is never early', async () => {
  for (const ms of [1, 1.5, 3, 7.25, 12]) {
    const before = performance.now();
    await sleep(ms);
    const took = performance.now() - before;
    assert.ok(took >= ms, `sleep(${ms}) took ${took}`);
  }
  await Promise.all(
    [1, 2, 5, 5, 9].map((ms) =>
      go(function* () {
        const before = performance.now();
        yield* sleep(ms);
        const took = performance.now() - before;
        assert.ok(took >= ms, `sleep(${ms}) took ${took}`);
      }),
    ),
  );
});

test('wakes in the order of the deadlines, equal ones in the order of their start', async () => {
  const log: string[] = [];
  await withVirtualTime(function* () {
    const rest = [30, 10, 20, 10, 30].map(
      (ms, i) =>
        start('sleeper', function* () {
          yield* sleep(ms);
          log.push(`${ms}#${i}`);
        }).done,
    );
    yield* sleep(40);
    log.push('40');
    void rest;
  });
  assert.equal(log, ['10#1', '10#3', '20#2', '30#0', '30#4', '40']);
});

test('ten thousand random sleeps end in due order', async () => {
  const random = seeded(7);
  const woken: number[] = [];
  let left = 10_000;
  await withVirtualTime(function* () {
    for (let i = 0; i < 10_000; i++) {
      const ms = 1 + Math.floor(random() * 5000);
      start('sleeper', function* () {
        yield* sleep(ms);
        woken.push(getHub().now());
        left--;
      });
    }
    yield* sleep(6000);
  });
  assert.is(left, 0);
  assert.ok(woken.every((time, i) => i === 0 || time >= woken[i - 1]!));
});

test('a killed sleeper leaves no timer behind', async () => {
  const sleepers = Array.from({ length: 100 }, () =>
    start('sleeper', function* () {
      yield* sleep(60_000);
    }),
  );
  await turn();
  assert.is(hub.timers.size, 100);
  for (const sleeper of sleepers) sleeper.kill();
  await Promise.all(sleepers.map(({ done }) => done));
  assert.is(hub.timers.size, 0);
});

test('an earlier sleep that is started later is not held up', async () => {
  const log: string[] = [];
  const long = start('long', function* () {
    yield* sleep(60_000);
  });
  await turn();
  await sleep(2);
  log.push('short');
  long.kill();
  await long.done;
  assert.equal(log, ['short']);
});

test('a sleep longer than a native timer can be is no short one', async () => {
  const far = start('far', function* () {
    yield* sleep(2 ** 33);
  });
  const never = start('never', function* () {
    yield* sleep(Infinity);
  });
  await sleep(5);
  assert.equal([far.ended, never.ended], [false, false]);
  assert.is(hub.timers.size, 1, 'an endless sleep needs no timer');
  far.kill();
  never.kill();
  await Promise.all([far.done, never.done]);
});

test('less than zero is sleep(0)', async () => {
  await sleep(-5);
  await sleep();
});

test('takes numbers only', () => {
  for (const [wrong, shown] of [
    [NaN, 'NaN'],
    ['5', '"5"'],
    [null, 'null'],
    [{}, 'an object'],
  ] as const) {
    assert.throws(
      () => sleep(wrong as never),
      (error: Error) => {
        assert.instance(error, TypeError);
        assert.is(error.message, `Expected a number of milliseconds for sleep, got ${shown}`);
        return true;
      },
    );
  }
});

test('one sleep may be used again, and by two at a time', async () => {
  const nap = sleep(3);
  const time = async (): Promise<number> => {
    const before = performance.now();
    await nap;
    return performance.now() - before;
  };
  assert.ok((await time()) >= 3);
  assert.ok((await time()) >= 3);
  const both = await Promise.all([time(), time()]);
  assert.ok(both.every((took) => took >= 3));
});

test('a sleeping greenlet keeps the process alive, as a setTimeout does', async () => {
  const outcome = await program(`
    import { sleep } from '@switchyard/hub';
    import { Strand } from '@switchyard/hub/core';
    new Strand('sleeper', function* () {
      yield* sleep(50);
      console.log('slept');
    }, () => {});
  `);
  assert.equal([outcome.code, outcome.stdout, outcome.stderr], [0, 'slept\n', '']);
});

test.run();
