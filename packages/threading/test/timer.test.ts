import { withVirtualTime } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { enumerate, setExcepthook, Timer } from '../src/index.ts';
import { double, fail } from './thread-tasks.ts';

const test = suite('Timer');

test('calls a function of this thread when its time has come, with its arguments', async () => {
  const seen: unknown[] = [];
  const timer = new Timer(10, (...args: unknown[]) => seen.push(...args), [1, 'two']);
  assert.is(timer.isAlive(), false);
  const before = performance.now();
  timer.start();
  assert.is(timer.isAlive(), true);
  assert.ok(enumerate().includes(timer));
  assert.is(await timer.join(), true);
  assert.ok(performance.now() - before >= 10);
  assert.equal(seen, [1, 'two']);
  assert.is(timer.isAlive(), false);
  assert.not.ok(enumerate().includes(timer));
});

test('a task runs in a worker, and its value is the value of the timer', async () => {
  const timer = new Timer<[number], number>(5, double, [21]);
  timer.start();
  assert.is(await timer, 42);
});

test('what a generator or an async function returns is waited for', async () => {
  const timer = new Timer(1, async () => 'done');
  timer.start();
  assert.is(await timer, 'done');
});

test('cancelled, it never calls, and ends at once', async () => {
  let called = false;
  const timer = new Timer(20, () => (called = true));
  timer.start();
  timer.cancel();
  assert.is(timer.isAlive(), false);
  assert.is(await timer.join(), true);
  const probe = new Timer(40, () => 1);
  probe.start();
  await probe;
  assert.is(called, false);
});

test('cancelled before its start it ends when it is started', async () => {
  let called = false;
  const timer = new Timer(0, () => (called = true));
  timer.cancel();
  timer.start();
  assert.is(await timer.join(), true);
  assert.is(called, false);
});

test('cancel after it has rung does nothing', async () => {
  const timer = new Timer(0, () => 3);
  timer.start();
  assert.is(await timer, 3);
  timer.cancel();
  assert.is(await timer, 3);
});

test('can be started once', async () => {
  const timer = new Timer(0, () => 3);
  timer.start();
  assert.throws(
    () => timer.start(),
    (error: Error) => error instanceof RuntimeError,
  );
  await timer;
});

test('an error goes to the excepthook, in whichever thread it was', async () => {
  const told: unknown[] = [];
  setExcepthook(({ error, thread }) => told.push([(error as Error).message, thread.name]));
  try {
    const here = new Timer(
      0,
      () => {
        throw new Error('here');
      },
      [],
      { name: 'a' },
    );
    here.start();
    await here.join();
    const there = new Timer(0, fail, [], { name: 'b' });
    there.start();
    await there.join();
  } finally {
    setExcepthook(null);
  }
  assert.equal(told, [
    ['here', 'a'],
    ['out of reach', 'b'],
  ]);
});

test('runs in virtual time', async () => {
  const order: number[] = [];
  await withVirtualTime(async () => {
    const timers = [3_600_000, 60_000].map((ms) => new Timer(ms, () => order.push(ms)));
    for (const timer of timers) timer.start();
    for (const timer of timers) await timer.join();
  });
  assert.equal(order, [60_000, 3_600_000]);
});

test('bad arguments are refused', () => {
  const refused = (make: () => unknown, pattern: RegExp): void =>
    assert.throws(make, (error: Error) => pattern.test(error.message));
  refused(() => new Timer(-1, () => {}), /Expected milliseconds from 0 up for a Timer, got -1/);
  refused(() => new Timer('1' as never, () => {}), /got "1"/);
  refused(() => new Timer(1, 2 as never), /Expected a function as the target of a Timer, got 2/);
  refused(() => new Timer(1, () => {}, 3 as never), /Expected an array as the args of a Timer, got 3/);
});

test.run();
