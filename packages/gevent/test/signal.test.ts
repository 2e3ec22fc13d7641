/** Greenlet.signal. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  type Coroutine,
  Greenlet,
  GreenletExit,
  Group,
  killall,
  shield,
  sleep,
  spawn,
  spawnLater,
  withTimeout,
} from '../src/index.ts';
import { Log, timed } from './support.ts';

const test = suite('Greenlet.signal');

/** When a signal is aborted, and with what. */
function watched(g: Greenlet<unknown>, log: Log): AbortSignal {
  g.signal.addEventListener('abort', () => log.add('aborted', (g.signal.reason as Error).name, g.dead));
  return g.signal;
}

test('is made once, and is not aborted', function* () {
  const g = spawn(() => sleep(1));
  assert.instance(g.signal, AbortSignal);
  assert.is(g.signal, g.signal);
  assert.is(g.signal.aborted, false);
  yield* g;
  assert.is(g.signal.aborted, false, 'it ended well');
});

test('a kill aborts it with the exit, as it is thrown', function* () {
  const log = new Log();
  const g = spawn(function* () {
    try {
      yield* sleep(1000);
    } finally {
      log.add('cleanup');
    }
  });
  const signal = watched(g, log);
  yield* sleep(0);
  const kill = g.kill();
  assert.is(signal.aborted, false, 'the kill is on its way');
  yield* kill;
  assert.is(signal.reason, g.value);
  assert.instance(signal.reason, GreenletExit);
  assert.is(log.take(), 'aborted GreenletExit false, cleanup');
});

test('a kill with an error aborts it with that very error', function* () {
  const error = new RangeError('enough');
  for (const verb of ['kill', 'killall', 'group'] as const) {
    const group = new Group();
    const g = group.spawn(() => sleep(1000));
    const { signal } = g;
    yield* sleep(0);
    if (verb === 'kill') yield* g.kill(error);
    else if (verb === 'killall') yield* killall([g], { error });
    else yield* group.kill(error);
    assert.is(signal.reason, error, verb);
  }
});

test('one that never begins aborts it as well', function* () {
  for (const g of [new Greenlet(() => 1), spawn(() => 1), spawnLater(1000, () => 1)]) {
    const { signal } = g;
    yield* g.kill();
    assert.is(signal.aborted, true);
    assert.is(signal.reason, g.value);
  }
});

test('of one that has been killed it is made aborted', function* () {
  const g = spawn(() => sleep(1000));
  yield* g.kill();
  assert.is(g.signal.aborted, true);
  assert.is(g.signal.reason, g.value);
});

test('an async function hears of the kill of its greenlet', async () => {
  const log = new Log();
  const g: Greenlet<void> = spawn(async () => {
    const { signal } = g;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    log.add('stopped', (signal.reason as Error).name);
  });
  await sleep(0);
  await g.kill();
  await sleep(0);
  assert.is(log.take(), 'stopped GreenletExit');
});

test(
  'a timeout inside of the greenlet does not abort it',
  timed(function* () {
    const g = spawn(function* () {
      return yield* withTimeout(10, () => sleep(1000), { value: 'late' });
    });
    const { signal } = g;
    assert.is(yield* g, 'late');
    assert.is(signal.aborted, false);
  }),
);

test('a kill that a shield holds back aborts it when it is let through', function* () {
  const log = new Log();
  const g = spawn(function* () {
    yield* shield(function* () {
      yield* sleep(5);
      log.add('shield ends');
    });
  });
  yield* sleep(0);
  g.kill({ block: false });
  yield* sleep(0);
  // First read between the kill and its delivery.
  const signal = watched(g, log);
  assert.is(signal.aborted, false);
  yield* g.join();
  assert.is(log.take(), 'shield ends, aborted GreenletExit false');
});

test('one that survives stays aborted; a signal that is first read then is not', function* () {
  function* tough(): Coroutine {
    for (let n = 0; n < 2; n++) {
      try {
        yield* sleep(1000);
      } catch {
        // It goes on.
      }
    }
    yield* sleep(1000);
  }
  const [read, unread] = [spawn(tough), spawn(tough)];
  const { signal } = read;
  yield* sleep(0);
  for (const g of [read, unread]) g.kill({ block: false });
  yield* sleep(0);
  const first = signal.reason as unknown;
  assert.is(signal.aborted, true);
  assert.is(unread.signal.aborted, false);
  for (const g of [read, unread]) g.kill(new RangeError('second'), { block: false });
  yield* sleep(0);
  assert.is(signal.reason, first);
  assert.instance(unread.signal.reason, RangeError);
  yield* killall([read, unread]);
});

test('the end of an await using block aborts it', async () => {
  let signal: AbortSignal;
  {
    await using g = spawn(() => sleep(1000));
    ({ signal } = g);
    await sleep(0);
  }
  assert.is(signal.aborted, true);
});

test.run();
