import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { all, idle, sleep, Waiter } from '@switchyard/hub';
import { hub, type Queued } from '@switchyard/hub/core';
import { go, start, turn } from './support.ts';

const test = suite('run queue');

test('greenlets start in the order in which they were made, after the one who made them', async () => {
  const log: (string | number)[] = [];
  await go(function* () {
    const five = [0, 1, 2, 3, 4].map((i) => start('five', () => void log.push(i)));
    log.push('made');
    yield* all(five.map((one) => one.done));
  });
  assert.equal(log, ['made', 0, 1, 2, 3, 4]);
});

test('P17 two greenlets with a sleep(0) in the middle take turns', async () => {
  const log: string[] = [];
  const body = (name: number) =>
    function* () {
      log.push(`${name}A`);
      yield* sleep(0);
      log.push(`${name}B`);
    };
  await Promise.all([go(body(1)), go(body(2))]);
  assert.equal(log, ['1A', '2A', '1B', '2B']);
});

test('sleep(0) keeps a fixed order over many rounds', async () => {
  let log = '';
  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      go(function* () {
        for (let i = 0; i < 4; i++) {
          log += name;
          yield* sleep(0);
        }
      }),
    ),
  );
  assert.is(log, 'abcabcabcabc');
});

test('nothing switches inside of its caller: a wake runs when the caller has parked', async () => {
  const log: string[] = [];
  const waiter = new Waiter();
  const woken = start('woken', function* () {
    yield* waiter;
    log.push('woken');
  });
  await go(function* () {
    yield* sleep(0);
    waiter.wake();
    log.push('after the wake');
  });
  await woken.done;
  assert.equal(log, ['after the wake', 'woken']);
});

test('those who are woken go on in the order in which they were woken', async () => {
  const log: number[] = [];
  const waiters = [0, 1, 2, 3].map(() => new Waiter());
  const parked = waiters.map((waiter, i) =>
    start('parked', function* () {
      yield* waiter;
      log.push(i);
    }),
  );
  await turn();
  for (const i of [2, 0, 3, 1]) waiters[i]!.wake();
  await Promise.all(parked.map(({ done }) => done));
  assert.equal(log, [2, 0, 3, 1]);
});

test('what is appended while the queue is drained runs in the same drain, at its end', async () => {
  const log: string[] = [];
  const entry = (name: string, then?: () => void): Queued => ({
    turn() {
      log.push(name);
      then?.();
    },
  });
  hub.schedule(entry('a', () => hub.schedule(entry('c'))));
  hub.schedule(entry('b', () => queueMicrotask(() => log.push('microtask'))));
  await turn();
  assert.equal(log, ['a', 'b', 'c', 'microtask']);
});

test('an entry that throws is reported, and those behind it run', { greenletErrors: 1 }, async () => {
  const log: string[] = [];
  hub.schedule({
    turn() {
      throw new Error('callback');
    },
  });
  hub.schedule({ turn: () => void log.push('behind') });
  await turn();
  assert.equal(log, ['behind']);
});

test('idle waits until nothing else is runnable', async () => {
  const log: string[] = [];
  const busy = go(function* () {
    for (let i = 0; i < 10; i++) yield* sleep(0);
    log.push('busy ended');
  });
  const one = go(function* () {
    yield* idle();
    log.push('idle 1');
  });
  const two = go(function* () {
    yield* idle();
    log.push('idle 2');
  });
  await Promise.all([busy, one, two]);
  assert.equal(log, ['busy ended', 'idle 1', 'idle 2']);
});

test('idle comes back at once when there is nothing to wait for, also in async code', async () => {
  await idle();
  await go(function* () {
    yield* idle();
    yield* idle();
  });
});

test('idle does not wait for those who sleep or wait', async () => {
  const sleeper = start('sleeper', function* () {
    yield* sleep(60_000);
  });
  await idle();
  assert.is(sleeper.ended, false);
  sleeper.kill();
  await sleeper.done;
});

test('a greenlet that is killed while it idles is forgotten', async () => {
  const idler = start('idler', function* () {
    yield* idle();
  });
  const killer = start('killer', () => idler.kill());
  await Promise.all([idler.done, killer.done]);
  assert.is(hub.idlers.length, 0);
});

test('a backlog of 100,000 keeps its order', async () => {
  let last = -1;
  let sorted = true;
  for (let i = 0; i < 100_000; i++) {
    hub.schedule({
      turn() {
        sorted &&= last === i - 1;
        last = i;
      },
    });
  }
  while (last < 99_999) await turn();
  assert.is(sorted, true);
});

test.run();
