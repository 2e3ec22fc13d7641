import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { call, GreenletExit } from '@switchyard/greenlet';
import { type Coroutine, sleep, until, Waiter, withTimeout, withVirtualTime } from '@switchyard/hub';
import { hub, interrupt, type Strand } from '@switchyard/hub/core';
import { type Started, start, thrownBy, turn } from './support.ts';

const test = suite('kill');

test('cleanup may wait, inside out, and the outer frames do not go on', async () => {
  const log: string[] = [];
  function* inner(): Coroutine<void> {
    try {
      yield* sleep(60_000);
    } finally {
      log.push('inner cleans');
      yield* sleep(20);
      log.push('inner cleaned');
    }
    log.push('inner went on');
  }
  function* outer(): Coroutine<void> {
    try {
      yield* inner();
      log.push('outer went on');
    } finally {
      yield* until(Promise.resolve());
      log.push('outer cleaned');
    }
  }
  await withVirtualTime(function* () {
    const victim = start('victim', outer);
    yield* sleep(1);
    victim.kill();
    yield* sleep(10);
    assert.equal(log, ['inner cleans']);
    yield* until(victim.done);
    assert.instance(victim.outcome, GreenletExit);
    assert.is(victim.failed, false);
  });
  assert.equal(log, ['inner cleans', 'inner cleaned', 'outer cleaned']);
});

test('the same through call', async () => {
  const log: string[] = [];
  function* level(n: number): Coroutine<void> {
    try {
      if (n === 0) yield* sleep(60_000);
      else yield* call(level(n - 1));
      log.push(`went on at ${n}`);
    } finally {
      yield* sleep(1);
      log.push(`cleaned ${n}`);
    }
  }
  const victim = start('victim', () => level(2));
  await turn();
  victim.kill();
  await victim.done;
  assert.equal(log, ['cleaned 0', 'cleaned 1', 'cleaned 2']);
});

test('one that has not begun never runs', async () => {
  let began = false;
  hub.schedule({ turn: () => interrupt(victim.greenlet as Strand<unknown>, new GreenletExit()) });
  const victim: Started = start('victim', () => {
    began = true;
  });
  await victim.done;
  await turn();
  assert.equal([victim.failed, victim.outcome instanceof GreenletExit, began], [false, true, false]);
});

test('a second kill cuts the cleanup of the first one short', async () => {
  const log: string[] = [];
  const victim = start('victim', function* () {
    try {
      yield* sleep(60_000);
    } finally {
      log.push('cleaning');
      yield* sleep(60_000);
      log.push('not reached');
    }
  });
  await turn();
  victim.kill(new GreenletExit('first'));
  await turn();
  victim.kill(new GreenletExit('second'));
  await victim.done;
  assert.equal(log, ['cleaning']);
  assert.is((victim.outcome as Error).message, 'second');
});

test('one that catches the exit goes on, and a kill of the dead does nothing', async () => {
  const stubborn = start('stubborn', function* () {
    try {
      yield* sleep(60_000);
    } catch {
      return 'survived';
    }
    return 'slept';
  });
  await turn();
  stubborn.kill();
  await stubborn.done;
  assert.is(stubborn.outcome, 'survived');
  stubborn.kill();
  await turn();
});

test('another error than an exit fails the greenlet with that very error', async () => {
  const error = new RangeError('killed by');
  const victim = start('victim', function* () {
    yield* new Waiter();
  });
  await turn();
  victim.kill(error);
  await victim.done;
  assert.equal([victim.failed, victim.outcome === error], [true, true]);
});

test('a kill before the wake-up of the same drain wins', async () => {
  const waiter = new Waiter<number>();
  const victim = start('victim', function* () {
    return yield* waiter;
  });
  await turn();
  victim.kill();
  waiter.wake(1);
  await victim.done;
  assert.instance(victim.outcome, GreenletExit);
});

test('a wake-up before the kill wins, and the kill comes at the next wait', async () => {
  const log: unknown[] = [];
  const waiter = new Waiter<number>();
  const victim = start('victim', function* () {
    log.push(yield* waiter);
    yield* sleep(60_000);
    log.push('not reached');
  });
  await turn();
  waiter.wake(1);
  victim.kill();
  await victim.done;
  assert.equal(log, [1]);
});

test('an await of what is killed fails with the exit', async () => {
  const exit = new GreenletExit('stop');
  const waiter = new Waiter();
  const op = withTimeout(60_000, function* () {
    yield* waiter;
  });
  const waiting = thrownBy(() => op);
  await turn();
  waiter.fail(exit);
  assert.is(await waiting, exit);
});

test('ten thousand parked greenlets are killed, and nothing is left', async () => {
  const before = hub.alive;
  const victims = Array.from({ length: 10_000 }, () =>
    start('victim', function* () {
      yield* new Waiter();
    }),
  );
  await turn();
  assert.is(hub.alive, before + 10_000);
  for (const victim of victims) victim.kill();
  await Promise.all(victims.map(({ done }) => done));
  assert.is(hub.alive, before);
});

test.run();
