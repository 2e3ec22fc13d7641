/** Condition and Barrier. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  Barrier,
  BrokenBarrierError,
  Condition,
  type Coroutine,
  Event,
  type Greenlet,
  GreenletExit,
  joinall,
  Lock,
  RLock,
  RuntimeError,
  Semaphore,
  sleep,
  spawn,
  until,
} from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

const test = suite('Condition');

test('its lock is an RLock unless it is given one', () => {
  assert.instance(new Condition().lock, RLock);
  const lock = new Lock();
  assert.is(new Condition(lock).lock, lock);
  for (const wrong of [new Semaphore(), {}, null, 5]) {
    const error = thrownBy(() => new Condition(wrong as never));
    assert.instance(error, TypeError);
    assert.match(error.message, 'Expected a Lock or an RLock as the lock of a Condition, got ');
  }
});

test('without the lock: a RuntimeError that says what to write', function* () {
  const condition = new Condition();
  const error = yield* thrownIn(condition.wait());
  assert.instance(error, RuntimeError);
  assert.is(
    (error as Error).message,
    'Condition.wait needs the lock: write using held = yield* condition.hold() (or await) around it',
  );
  assert.match(thrownBy(() => condition.notify()).message, 'Condition.notify needs the lock');
  assert.match(thrownBy(() => condition.notifyAll()).message, 'Condition.notifyAll needs the lock');
  assert.match(
    ((yield* thrownIn(condition.waitFor(() => true))) as Error).message,
    'Condition.waitFor needs',
  );
});

test('what is no number and no predicate is refused', function* () {
  const condition = new Condition();
  using _held = yield* condition.hold();
  for (const n of [-1, 1.5, '1', NaN]) {
    assert.instance(
      thrownBy(() => condition.notify(n as never)),
      RangeError,
    );
  }
  assert.match(
    thrownBy(() => condition.waitFor(true as never)).message,
    'Expected a function as the predicate of Condition.waitFor, got true',
  );
  condition.notify(0);
});

test('a producer and a consumer', function* () {
  const condition = new Condition();
  const items: number[] = [];
  const got: number[] = [];
  const consumer = spawn(function* () {
    while (got.length < 3) {
      using _held = yield* condition.hold();
      yield* condition.waitFor(() => items.length > 0);
      got.push(items.shift() as number);
    }
  });
  for (let n = 0; n < 3; n++) {
    yield* sleep(1);
    using _held = yield* condition.hold();
    items.push(n);
    condition.notify();
  }
  yield* consumer;
  assert.equal(got, [0, 1, 2]);
});

test('the predicate may wait, and what it returns is given', function* () {
  const condition = new Condition();
  using _held = yield* condition.hold();
  const found = yield* condition.waitFor(function* () {
    yield* sleep(0);
    return { so: true };
  });
  assert.equal(found, { so: true });
  assert.is(yield* condition.waitFor(async () => 'later'), 'later');
});

test('async code waits and notifies', async () => {
  const condition = new Condition();
  let ready = false;
  const notifier = (async () => {
    await Promise.resolve();
    using _held = await condition.hold();
    ready = true;
    condition.notify();
  })();
  using _held = await condition.hold();
  assert.is(await condition.waitFor(() => ready), true);
  assert.is(condition.lock.locked(), true);
  await notifier;
});

test('a killed one that had been notified hands that on, and has the lock in its cleanup', function* () {
  const condition = new Condition();
  const log = new Log();
  const start = (name: string): Greenlet<void> =>
    spawn(function* () {
      using _held = yield* condition.hold();
      try {
        yield* condition.wait();
        log.add(name, 'notified');
      } finally {
        // Only its owner may release it, at the end of the block.
        log.add(name, condition.lock instanceof RLock && condition.lock.owned());
      }
    });
  const [victim, next] = [start('victim'), start('next')];
  yield* sleep(0);
  {
    using _held = yield* condition.hold();
    condition.notify();
    victim.kill({ block: false });
    yield* sleep(1);
  }
  yield* joinall([victim, next]);
  assert.instance(victim.value, GreenletExit);
  assert.is(log.take(), 'victim true, next notified, next true');
});

test(
  'who has come after a notification does not inherit it',
  timed(function* () {
    const condition = new Condition();
    const victim = spawn(function* () {
      using _held = yield* condition.hold();
      return yield* condition.wait();
    });
    yield* sleep(0);
    using _held = yield* condition.hold();
    condition.notify();
    yield* sleep(1);
    // It has been woken, waits for the lock, and dies as soon as it gets that: while this one waits.
    victim.kill({ block: false });
    assert.is(yield* condition.wait({ timeout: 10 }), false);
    assert.instance(victim.value, GreenletExit);
  }),
);

test('all levels of an RLock are given back while it waits', function* () {
  const lock = new RLock();
  const condition = new Condition(lock);
  const waiter = spawn(function* () {
    using _outer = yield* lock.hold();
    using _inner = yield* condition.hold();
    yield* condition.wait();
    return lock.recursionCount();
  });
  yield* sleep(0);
  {
    using _held = yield* condition.hold();
    condition.notify();
  }
  assert.is(yield* waiter, 2);
  assert.is(lock.locked(), false);
});

const barriers = suite('Barrier');

barriers('each gets its number in the order in which they came; then again', function* () {
  const barrier = new Barrier(3);
  assert.is(`${barrier.parties} ${barrier.nWaiting} ${barrier.broken}`, '3 0 false');
  for (let round = 0; round < 2; round++) {
    const parties = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
    yield* sleep(0);
    assert.is(barrier.nWaiting, 2);
    assert.is(yield* barrier.wait(), 2);
    assert.equal([yield* parties[0]!, yield* parties[1]!], [0, 1]);
  }
});

barriers(
  'an action that waits: nobody goes on before its end, and who comes meanwhile is of the next',
  function* () {
    const log = new Log();
    const open = new Event();
    const barrier = new Barrier(2, {
      *action() {
        log.add('action');
        yield* open.wait();
      },
    });
    const parties = ['a', 'b', 'c', 'd'].map((name) =>
      spawn(function* () {
        log.add(name, yield* barrier.wait());
      }),
    );
    yield* sleep(1);
    assert.is(log.take(), 'action');
    open.set();
    yield* joinall(parties);
    assert.is(log.take(), 'b 1, action, d 1, a 0, c 0');
  },
);

barriers(
  'one that is let in too late has not broken it for those who are inside',
  timed(function* () {
    const barrier = new Barrier(2, { action: () => sleep(100) });
    const parties = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
    yield* sleep(0);
    const error = yield* thrownIn(barrier.wait({ timeout: 10 }));
    assert.instance(error, BrokenBarrierError);
    assert.match((error as Error).message, 'did not go in time');
    assert.equal([yield* parties[0]!, yield* parties[1]!], [0, 1]);
    assert.is(barrier.broken, false);
  }),
);

barriers(
  'one that is killed while the action runs breaks it, and the action fails its runner only',
  function* () {
    const barrier = new Barrier(2, { action: () => sleep(5) });
    const [victim, runner] = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
    yield* sleep(0);
    yield* victim.kill();
    assert.instance(yield* thrownIn(runner), BrokenBarrierError);
    assert.is(barrier.broken, true);
    barrier.reset();
    const failing = new Barrier(2, {
      action() {
        throw new SyntaxError('action');
      },
    });
    const other = spawn(() => failing.wait());
    yield* sleep(0);
    assert.instance(yield* thrownIn(failing.wait()), SyntaxError);
    assert.instance(yield* thrownIn(other), BrokenBarrierError);
  },
);

barriers('the runner of an action is killed: all others are told', function* () {
  const barrier = new Barrier(3, { action: () => sleep(1000) });
  const parties = [1, 2, 3].map(() => spawn(() => barrier.wait()));
  yield* sleep(0);
  yield* parties[2]!.kill();
  for (const party of parties.slice(0, 2)) assert.instance(yield* thrownIn(party), BrokenBarrierError);
});

barriers('abort and reset while somebody waits to be let in', function* () {
  for (const verb of ['abort', 'reset'] as const) {
    const open = new Event();
    const barrier = new Barrier(2, { action: () => open.wait() });
    const parties = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
    yield* sleep(0);
    const late = spawn(() => barrier.wait());
    yield* sleep(0);
    barrier[verb]();
    assert.instance(yield* thrownIn(parties[0]!), BrokenBarrierError);
    open.set();
    assert.instance(yield* thrownIn(parties[1]!), BrokenBarrierError);
    if (verb === 'abort') assert.instance(yield* thrownIn(late), BrokenBarrierError);
    else {
      yield* sleep(0);
      assert.is(barrier.nWaiting, 1, 'it is the first of the next');
      yield* barrier.wait();
      assert.is(yield* late, 0);
    }
  }
});

barriers(
  'a time limit that is up breaks it, and says how many were to come',
  timed(function* () {
    const barrier = new Barrier(3, { timeout: 10 });
    const patient = spawn(() => barrier.wait({ timeout: null }));
    const error = yield* thrownIn(barrier.wait());
    assert.instance(error, BrokenBarrierError);
    assert.instance(error, RuntimeError);
    assert.is((error as Error).message, 'not all 3 parties of the Barrier have come in time');
    assert.instance(yield* thrownIn(patient), BrokenBarrierError);
    assert.instance(yield* thrownIn(barrier.wait()), BrokenBarrierError, 'until it is reset');
  }),
);

barriers('those who pass and come again at once do not overtake who waits to be let in', function* () {
  const log = new Log();
  const barrier = new Barrier(2, { action: () => sleep(0) });
  function* loop(name: string, rounds: number): Coroutine {
    for (let round = 0; round < rounds; round++) {
      yield* barrier.wait();
      log.add(name);
    }
  }
  const all = [spawn(loop, 'a', 2), spawn(loop, 'b', 2), spawn(loop, 'c', 2)];
  yield* joinall(all);
  assert.is(log.lines.filter((line) => line === 'c').length, 2);
  assert.ok(log.lines.indexOf('c') < 4, log.take());
});

barriers('a thousand parties', function* () {
  const barrier = new Barrier(1000);
  const parties = Array.from({ length: 999 }, () => spawn(() => barrier.wait()));
  yield* sleep(0);
  assert.is(yield* barrier.wait(), 999);
  const numbers: number[] = [];
  for (const party of parties) numbers.push(yield* party);
  assert.equal(
    numbers,
    parties.map((_, n) => n),
  );
});

barriers('async code meets greenlets', function* () {
  const barrier = new Barrier(2);
  const party = spawn(() => barrier.wait());
  const awaited = yield* until((async () => await barrier.wait())());
  assert.equal(
    [yield* party, awaited].toSorted((a, b) => a - b),
    [0, 1],
  );
});

barriers('what is no number of parties, no action and no limit is refused', () => {
  for (const parties of [0, -1, 1.5, '2', null]) {
    const error = thrownBy(() => new Barrier(parties as never));
    assert.instance(error, RangeError);
    assert.match(error.message, 'Expected a whole number from 1 up as the parties of a Barrier, got ');
  }
  assert.match(
    thrownBy(() => new Barrier(2, { action: 5 as never })).message,
    'Expected a function as the action of a Barrier, got 5',
  );
  assert.instance(
    thrownBy(() => new Barrier(2, { timeout: -1 })),
    TypeError,
  );
});

test.run();
barriers.run();
