import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletExit } from '@switchyard/greenlet';
import {
  all,
  ConcurrentObjectUseError,
  type Coroutine,
  race,
  settled,
  shield,
  sleep,
  until,
  type Waitable,
  Waiter,
  withTimeout,
  withVirtualTime,
} from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('all, race, settled');

/** The three of them as one type, to be tried in turn. */
const three: [name: string, combine: (waitables: readonly never[]) => Waitable<unknown>][] = [
  ['all', all],
  ['race', race],
  ['settled', settled],
];

/** A coroutine that takes its time, notes its cleanup, and gives a value or throws. */
function* slow<T>(ms: number, outcome: T | Error, log: string[] = []): Coroutine<T> {
  try {
    yield* sleep(ms);
  } finally {
    log.push(`cleanup of ${ms}`);
  }
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

test('all gives the values in the order given, whoever ends first', async () => {
  const values = await withVirtualTime(function* () {
    return yield* all([
      slow(30, 'a'),
      slow(10, 'b'),
      until(Promise.resolve('c')),
      sleep(20),
      Promise.resolve(5),
    ]);
  });
  assert.equal(values, ['a', 'b', 'c', undefined, 5]);
});

test('all of nothing, and of what is ready, does not switch', async () => {
  await go(function* () {
    const before = hub.switches;
    assert.equal(yield* all([]), []);
    assert.equal(yield* all([until(() => 1), until(() => 2)]), [1, 2]);
    assert.is(hub.switches, before);
  });
  assert.equal(await all([]), []);
});

test('all runs its coroutines at the same time', async () => {
  const log: string[] = [];
  function* body(name: string): Coroutine<void> {
    log.push(`${name}1`);
    yield* sleep(0);
    log.push(`${name}2`);
  }
  await go(function* () {
    yield* all([body('a'), body('b')]);
  });
  assert.equal(log, ['a1', 'b1', 'a2', 'b2']);
});

test('all throws the first failure, and cancels the others: waits are undone, cleanup runs', async () => {
  const log: string[] = [];
  const error = new RangeError('first');
  let given = 0;
  const waiter = new Waiter(() => given++);
  const caught = await withVirtualTime(function* () {
    try {
      yield* all([
        slow(50, 'late', log),
        waiter,
        slow(10, error, log),
        slow(20, new Error('second'), log),
        sleep(60_000),
      ]);
    } catch (failure) {
      log.push('thrown');
      return failure;
    }
    return 'nothing was thrown';
  });
  assert.is(caught, error);
  // Cleanup that does not wait is done when the failure is thrown.
  assert.equal(log, ['cleanup of 10', 'cleanup of 50', 'cleanup of 20', 'thrown']);
  assert.is(given, 1);
  assert.is(hub.timers.size, 0);
});

test('a failure that is there at once starts nothing that stands behind it', async () => {
  let started = false;
  const error = new Error('at once');
  const fails = until(() => {
    throw error;
  });
  const never = until(() => {
    started = true;
    return 1;
  });
  assert.is(await thrownBy(() => all([sleep(60_000), fails, never])), error);
  assert.is(started, false);
  assert.is(hub.timers.size, 0);
});

test('a promise that fails behind one that decided at once is no unhandled rejection', async () => {
  const late = (): Promise<never> => turn().then(() => Promise.reject(new Error('late')));
  const fails = until(() => {
    throw new RangeError('at once');
  });
  assert.instance(await thrownBy(() => all([fails, late()])), RangeError);
  assert.is(await race([until(() => 'first'), late(), Promise.reject(new Error('early'))]), 'first');
  await go(function* () {
    assert.is(yield* race([until(() => 'first'), late()]), 'first');
  });
  await turn();
  await turn();
});

test('race gives the value of the first, and cancels the others', async () => {
  const log: string[] = [];
  const winner = await withVirtualTime(function* () {
    return yield* race([slow(30, 'slow', log), slow(10, 'quick', log), sleep(60_000)]);
  });
  assert.is(winner, 'quick');
  assert.equal(log, ['cleanup of 10', 'cleanup of 30']);
  assert.is(hub.timers.size, 0);
});

test('race of a record tells which one it was', async () => {
  const waiter = new Waiter<number>();
  const op = race({ number: waiter, late: sleep(60_000), text: until(new Promise<string>(() => {})) });
  const waiting = start('waiting', function* () {
    return yield* op;
  });
  await turn();
  waiter.wake(5);
  await waiting.done;
  assert.equal(waiting.outcome, ['number', 5]);
  assert.equal(await race({ only: until(() => 'x') }), ['only', 'x']);
});

test('race throws what the first one throws', async () => {
  const error = new Error('quick');
  assert.is(await thrownBy(() => race([sleep(60_000), until(Promise.reject(error))])), error);
  assert.is(await thrownBy(() => race({ a: sleep(60_000), b: until(Promise.reject(error)) })), error);
  assert.is(hub.timers.size, 0);
});

test('race: those who are ready win in the order given', async () => {
  assert.is(await race([until(() => 'first'), until(() => 'second')]), 'first');
  assert.is(await race([sleep(60_000), until(() => 'ready')]), 'ready');
  assert.is(hub.timers.size, 0);
});

test('a loser takes nothing: its item goes to the next one who waits', async () => {
  // Both would be served in the same drain, were the loser not cancelled at the moment that the race is decided.
  const [a, b] = [new Waiter<string>(), new Waiter<string>()];
  const racing = start('racing', function* () {
    return yield* race([a, b]);
  });
  await turn();
  hub.schedule({
    turn() {
      a.wake('a');
      hub.schedule({ turn: () => void log.push(b.wake('b')) });
    },
  });
  const log: boolean[] = [];
  await racing.done;
  assert.is(racing.outcome, 'a');
  assert.equal(log, [false]);
});

test('settled tells of each how it ended, and cancels nobody', async () => {
  const error = new Error('no');
  const results = await withVirtualTime(function* () {
    return yield* settled([slow(20, 'a'), slow(10, error), until(Promise.reject(error)), Promise.resolve(1)]);
  });
  assert.equal(results, [
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: error },
    { status: 'rejected', reason: error },
    { status: 'fulfilled', value: 1 },
  ]);
  assert.equal(await settled([]), []);
});

test('a coroutine that ends itself with a GreenletExit counts as a failure', async () => {
  const exit = new GreenletExit('on its own');
  function* leaves(): Coroutine<void> {
    yield* sleep(0);
    throw exit;
  }
  assert.is(await thrownBy(() => all([leaves()])), exit);
  assert.equal(await settled([leaves()]), [{ status: 'rejected', reason: exit }]);
});

for (const [name, combine] of three) {
  test(`${name}: a kill of the one who waits cancels them all`, async () => {
    const log: string[] = [];
    let given = 0;
    const waiter = new Waiter(() => given++);
    const waiting = start('waiting', function* () {
      yield* combine([slow(60_000, 1, log), waiter, sleep(60_000)] as never[]);
    });
    await turn();
    waiting.kill();
    await waiting.done;
    await turn();
    assert.instance(waiting.outcome, GreenletExit);
    assert.equal([log, given, hub.timers.size], [['cleanup of 60000'], 1, 0]);
  });

  test(`${name}: a timeout cancels them all, and its signal reaches those who wait for promises`, async () => {
    const signals: AbortSignal[] = [];
    const endless = (): ReturnType<typeof until<void>> =>
      until<void>((signal) => {
        signals.push(signal);
        return new Promise(() => {});
      });
    function* nested(): Coroutine<void> {
      yield* endless();
    }
    const error = await thrownBy(() => withTimeout(2, () => combine([endless(), nested()] as never[])));
    assert.is((error as Error).name, 'Timeout');
    assert.is(signals.length, 2);
    assert.is(signals[0]!.reason, error);
    assert.is((signals[1]!.reason as Error).name, 'GreenletExit');
  });
}

test('a loser that is shielded runs to its end', async () => {
  // Its wait used to be undone under it, and it was parked on nothing for ever.
  const log: string[] = [];
  const gate = new Waiter();
  function* careful(): Coroutine<void> {
    try {
      yield* shield(function* () {
        yield* gate;
        log.push('shielded part done');
      });
      log.push('not reached');
    } finally {
      log.push('cleanup');
    }
  }
  const winner = await go(function* () {
    return yield* race([careful(), until(turn().then(() => 'quick'))]);
  });
  assert.is(winner, 'quick');
  assert.equal(log, []);
  gate.wake();
  await turn();
  assert.equal(log, ['shielded part done', 'cleanup']);
});

test('a loser that fails in its cleanup is reported', { greenletErrors: 1 }, async () => {
  function* clumsy(): Coroutine<void> {
    try {
      yield* sleep(60_000);
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- what this test is about
      throw new RangeError('in the cleanup');
    }
  }
  const quick = new Waiter();
  const racing = go(function* () {
    yield* race([clumsy(), quick]);
  });
  await turn();
  quick.wake();
  await racing;
  await turn();
});

test('cleanup of a cancelled round does not disturb the next one', async () => {
  // One and the same `all` is waited for again while its killed branches still tidy up.
  let round = 0;
  const op = all([
    withTimeout(60_000, function* () {
      const mine = ++round;
      try {
        if (mine === 1) yield* sleep(60_000);
        else yield* sleep(1);
      } finally {
        yield* sleep(0);
      }
      return mine;
    }),
  ]);
  const value = await go(function* () {
    yield* withTimeout(2, op, { value: null });
    return yield* op;
  });
  assert.equal(value, [2]);
});

test('what cannot be waited for is refused by its place, before anything starts', () => {
  for (const [name, combine] of three) {
    for (const [wrong, shown] of [
      [5, '5'],
      [undefined, 'undefined'],
      [[], 'an array of 0'],
      [() => sleep(1), 'a function'],
      [(async function* () {})(), 'an object'],
    ] as const) {
      assert.throws(
        () => combine([sleep(1), wrong] as never[]),
        (error: Error) => {
          assert.instance(error, TypeError);
          assert.match(error.message, `Expected something to wait for at 1 of ${name}, got ${shown}`);
          return true;
        },
      );
    }
  }
  assert.throws(() => all(sleep(1) as never), /^Expected a list of waitables for all, got a Sleep$/);
  assert.throws(
    () => settled(undefined as never),
    /^Expected a list of waitables for settled, got undefined$/,
  );
  assert.throws(() => race(5 as never), /^Expected a list or a record of waitables for race, got 5$/);
  assert.throws(() => race(slow(1, 1) as never), /^Expected a list or a record of waitables for race, got /);
  for (const empty of [[], {}]) {
    assert.throws(
      () => race(empty),
      /^Expected at least one waitable for race: with none it would wait for ever$/,
    );
  }
});

test('a waiter that stands in it twice fails the whole, and leaves nothing behind', async () => {
  let given = 0;
  const waiter = new Waiter(() => given++);
  assert.instance(await thrownBy(() => all([sleep(60_000), waiter, waiter])), ConcurrentObjectUseError);
  assert.equal([given, hub.timers.size], [1, 0]);
});

test('they nest', async () => {
  const value = await withVirtualTime(function* () {
    return yield* all([race([sleep(10), all([slow(5, 'a'), slow(2, 'b')])]), settled([slow(1, 'c')])]);
  });
  assert.equal(value, [['a', 'b'], [{ status: 'fulfilled', value: 'c' }]]);
});

test('a thousand branches, and a kill of all of them', async () => {
  const many = start('many', function* () {
    yield* all(Array.from({ length: 1000 }, (_, i) => slow(60_000 + i, i)));
  });
  await turn();
  assert.is(hub.timers.size, 1000);
  many.kill();
  await many.done;
  await turn();
  assert.is(hub.timers.size, 0);
});

test.run();
