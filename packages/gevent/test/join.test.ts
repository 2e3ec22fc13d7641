/** joinall, wait, iwait and killall: many at once. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { ConcurrentObjectUseError, getHub } from '@switchyard/hub';
import {
  AsyncResult,
  Event,
  type Greenlet,
  GreenletExit,
  iwait,
  joinall,
  killall,
  Queue,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  wait,
  type Waitlike,
  withTimeout,
} from '../src/index.ts';
import { flags, Log, thrownBy, thrownIn, timed } from './support.ts';

/** A greenlet that ends with `ms` after `ms`, and is named so. */
function after(ms: number): Greenlet<number> {
  const g = spawn(function* () {
    yield* sleep(ms);
    return ms;
  });
  g.name = String(ms);
  return g;
}

/** The names of greenlets. */
function names(greenlets: readonly Greenlet<unknown>[]): string {
  return greenlets.map((g) => g.name).join(' ');
}

const join = suite('joinall');

join(
  'gives those that have ended in the order in which they ended',
  timed(function* () {
    const [a, b, c] = [after(30), after(10), after(20)];
    assert.is(names(yield* joinall([a, b, c])), '10 20 30');
  }),
);

join('of none gives none', function* () {
  assert.equal(yield* joinall([]), []);
});

join('of those that have ended already needs no turn', function* () {
  const [a, b] = [spawn(() => 1), spawn(() => 2)];
  yield* sleep(0);
  const before = getHub().switches;
  assert.equal(yield* joinall([b, a]), [b, a]);
  assert.is(getHub().switches, before);
});

join(
  'of one that has ended and one that has not',
  timed(function* () {
    const done = spawn(() => 1);
    const late = after(10);
    yield* sleep(0);
    assert.equal(yield* joinall([late, done]), [done, late]);
  }),
);

join(
  'of duplicates gives them as often',
  timed(function* () {
    const [a, b] = [after(10), after(5)];
    assert.is(names(yield* joinall([a, b, a])), '5 10 10');
    assert.is(names(yield* joinall([a, b, a])), '10 5 10');
  }),
);

join(
  'takes anything that can be iterated',
  timed(function* () {
    const set = new Set([after(1), after(2)]);
    assert.is((yield* joinall(set)).length, 2);
    assert.is((yield* joinall(set.values())).length, 2);
  }),
);

join(
  'with a timeout gives those that have ended by then, and leaves no link',
  timed(function* () {
    const [a, b] = [after(30), after(10)];
    assert.is(names(yield* joinall([a, b], { timeout: 20 })), '10');
    assert.is(names(yield* joinall([a], { timeout: 0 })), '');
    assert.is(a.dead, false);
    assert.is(names(yield* joinall([a, b])), '10 30');
  }),
);

join(
  'with a count gives so many',
  timed(function* () {
    const greenlets = [after(30), after(10), after(20)];
    assert.is(names(yield* joinall(greenlets, { count: 0 })), '');
    assert.is(names(yield* joinall(greenlets, { count: 1 })), '10');
    assert.is(names(yield* joinall(greenlets, { count: 2 })), '10 20');
    yield* sleep(0);
    assert.is(names(yield* joinall(greenlets, { count: 9 })), '10 20 30');
  }),
);

join('throws nothing of its own accord', function* () {
  const g = spawn(() => {
    throw new Error('x');
  });
  assert.equal(yield* joinall([g]), [g]);
});

join(
  'with raiseError throws the first failure, also an early one, and also one that throws undefined',
  function* () {
    const fails = (error: unknown): Greenlet<never> =>
      spawn(() => {
        throw error;
      });
    const error = new Error('early');
    const early = fails(error);
    const g = spawn(() => sleep(0));
    assert.is(yield* thrownIn(joinall([g, early], { raiseError: true })), error);
    yield* g;
    assert.is(yield* thrownIn(joinall([g, early], { raiseError: true })), error, 'all have ended');
    assert.is(yield* thrownIn(joinall([fails(undefined)], { raiseError: true })), undefined);
    const dead = fails(undefined);
    yield* dead.join();
    assert.is(yield* thrownIn(joinall([dead], { raiseError: true })), undefined);
  },
);

join(
  'with raiseError does not throw the exit of a killed one',
  timed(function* () {
    const g = after(1000);
    yield* sleep(0);
    g.kill({ block: false });
    assert.equal(yield* joinall([g], { raiseError: true }), [g]);
  }),
);

join(
  'with raiseError and count is done when enough have ended well',
  timed(function* () {
    const fine = after(10);
    const fails = spawnLater(20, () => {
      throw new Error('late');
    });
    assert.equal(yield* joinall([fails, fine], { raiseError: true, count: 1 }), [fine]);
    yield* fails.join();
  }),
);

join(
  'may be waited for twice',
  timed(function* () {
    const [a, b] = [after(10), after(5)];
    const both = joinall([a, b]);
    const [first, second] = [spawn(() => both), spawn(() => both)];
    assert.equal(yield* first, [b, a]);
    assert.equal(yield* second, [b, a]);
    assert.equal(yield* both, [a, b]);
  }),
);

join(
  'names those that have not ended in what it waits for',
  timed(function* () {
    const greenlets = [1, 2, 3, 4, 5].map(after);
    const joiner = spawn(() => joinall(greenlets));
    yield* sleep(1.5);
    assert.match(getHub().formatRunInfo(), 'waits for joinall (4 to come: 2, 3, 4, ...)');
    yield* joiner;
  }),
);

join.run();

const waiting = suite('wait');

waiting(
  'for all kinds of objects at once, in the order in which they become ready',
  timed(function* () {
    const event = new Event();
    const result = new AsyncResult<number>();
    const semaphore = new Semaphore(0);
    const g = after(20);
    spawnLater(10, () => semaphore.release());
    spawnLater(30, () => result.set(1));
    spawnLater(40, () => event.set());
    const objects: Waitlike[] = [event, result, semaphore, g];
    assert.equal(yield* wait(objects), [semaphore, g, result, event]);
    assert.is(semaphore.counter, 1, 'waiting takes no permit');
    assert.equal(yield* wait(objects), objects, 'all of them are ready');
  }),
);

waiting(
  'with a timeout or a count gives some of them, and leaves no link',
  timed(function* () {
    const [first, second] = [new Event(), new Event()];
    spawnLater(10, () => second.set());
    assert.equal(yield* wait([first, second], { timeout: 5 }), []);
    assert.is(second.linkcount(), 0);
    assert.equal(yield* wait([first, second], { count: 1 }), [second]);
    assert.is(first.linkcount(), 0);
  }),
);

waiting('for any object of the same shape', function* () {
  const links: ((source: unknown) => void)[] = [];
  const own: Waitlike = {
    ready: () => false,
    rawlink: (callback) => void links.push(callback),
    unlink: (callback) => void links.splice(links.indexOf(callback), 1),
  };
  const waiter = spawn(() => wait([own]));
  yield* sleep(0);
  links[0]?.(own);
  assert.equal(yield* waiter, [own]);
  assert.equal(yield* wait([own], { timeout: 0 }), []);
  assert.is(links.length, 1, 'the second one has been taken back');
});

// The first object kept its link, and with it the one who had waited.
waiting('refuses what it cannot wait for, and links nothing', function* () {
  const event = new Event();
  const error = (yield* thrownIn(wait([event, 5 as never]))) as Error;
  assert.instance(error, TypeError);
  assert.is(error.message, 'Expected a greenlet, an event or the like at 1 of wait, got 5');
  assert.is(event.linkcount(), 0);
  assert.instance(
    thrownBy(() => iwait([event, null as never])),
    TypeError,
  );
  assert.is(event.linkcount(), 0);
});

waiting('for nothing: until no greenlet is left that could go on', async () => {
  const log = new Log();
  const g = spawn(function* () {
    yield* sleep(5);
    log.add('slept');
  });
  assert.is(await wait(), true);
  assert.is(log.take(), 'slept');
  assert.is(await wait(), true, 'nothing is left');
  await g;
});

waiting('for nothing, twice at once', async () => {
  const g = spawn(() => sleep(1));
  const quiet = wait();
  assert.equal(await Promise.all([quiet, quiet]), [true, true]);
  await g;
});

waiting('for nothing, with a timeout', async () => {
  const g = spawn(() => sleep(10_000));
  assert.is(await wait(null, { timeout: 5 }), false);
  await g.kill();
});

waiting(
  'for nothing, in a greenlet: until it is the only one',
  timed(function* () {
    const log = new Log();
    spawn(function* () {
      yield* sleep(50);
      log.add('slept');
    });
    const alone = spawn(function* () {
      log.add('rest', yield* wait());
    });
    // This one is there as well, and has to end.
    alone.link(() => assert.is(log.take(), 'slept, rest true'));
    yield* sleep(60);
  }),
);

waiting.run();

const iterating = suite('iwait');

iterating('gives objects as they become ready, to yield* and to for await', async () => {
  const seen: number[] = [];
  const greenlets = [after(60), after(20), after(40)];
  for await (const g of iwait(greenlets)) seen.push(await g);
  assert.equal(seen, [20, 40, 60]);
  const it = iwait(greenlets);
  await spawn(function* () {
    for (let next = yield* it.next(); next.done !== true; next = yield* it.next())
      seen.push(yield* next.value);
  });
  assert.equal(seen.slice(3), [60, 20, 40], 'all have ended: in the order in which they were given');
});

iterating(
  'ends with its timeout',
  timed(function* () {
    const it = iwait([after(10), after(30)], { timeout: 20 });
    assert.is((yield* it.next()).done, false);
    assert.is((yield* it.next()).done, true);
    assert.is((yield* it.next()).done, true, 'and stays so');
    yield* sleep(20);
  }),
);

iterating(
  'ends with its count, and unlinks the rest',
  timed(function* () {
    const [first, second] = [new Event(), new Event()];
    second.set();
    using it = iwait([first, second], { count: 1 });
    assert.equal(yield* it.next(), { done: false, value: second });
    assert.is(first.linkcount(), 0);
    assert.is((yield* it.next()).done, true);
  }),
);

// Leaving a second time, or after the end, used to fail.
iterating('may be left early, more than once, and also at its end', async () => {
  const [first, second] = [new Event(), new Event()];
  first.set();
  for await (const _ of iwait([first, second])) break;
  assert.is(second.linkcount(), 0);
  const it = iwait([first, second]);
  it[Symbol.dispose]();
  await it.return();
  assert.is((await it.next()).done, true);
  assert.is(first.linkcount() + second.linkcount(), 0);
});

iterating('who waits when somebody else leaves is told that it is over', function* () {
  const it = iwait([new Event()]);
  const waiter = spawn(() => it.next());
  yield* sleep(0);
  void it.return();
  assert.is((yield* waiter).done, true);
});

iterating('one wait at a time', function* () {
  const event = new Event();
  using it = iwait([event]);
  const first = spawn(() => it.next());
  yield* sleep(0);
  const error = yield* thrownIn(it.next());
  assert.instance(error, ConcurrentObjectUseError);
  assert.match((error as Error).message, 'somebody waits for the next object of this iwait already');
  event.set();
  assert.is((yield* first).value, event);
});

iterating(
  'a kill or a timeout of the wait loses no object',
  timed(function* () {
    const [a, b] = [after(10), after(20)];
    using it = iwait([a, b]);
    assert.is(yield* withTimeout(5, it.next(), { value: 'late' }), 'late');
    const waiter = spawn(() => it.next());
    yield* sleep(1);
    yield* waiter.kill();
    yield* sleep(20);
    assert.is((yield* it.next()).value, a);
    assert.is((yield* it.next()).value, b);
  }),
);

iterating('fifty thousand that are ready at once are given in no quadratic time', function* () {
  const greenlets = Array.from({ length: 50_000 }, (_, n) => spawn(() => n));
  const it = iwait(greenlets);
  let sum = 0;
  for (let next = yield* it.next(); next.done !== true; next = yield* it.next()) sum += yield* next.value;
  assert.is(sum, (50_000 * 49_999) / 2);
});

iterating.run();

const killing = suite('killall');

killing(
  'kills all of them, in order, and waits for their deaths',
  timed(function* () {
    const log = new Log();
    const greenlets = [1, 2, 3].map((n) =>
      spawn(function* () {
        try {
          yield* sleep(1000);
        } finally {
          log.add(n);
          yield* sleep(10 * n);
          log.add(n, 'ended');
        }
      }),
    );
    yield* sleep(0);
    yield* killall(greenlets);
    assert.is(log.take(), '1, 2, 3, 1 ended, 2 ended, 3 ended');
    for (const g of greenlets) assert.instance(g.value, GreenletExit);
  }),
);

killing('those that have not begun never will', function* () {
  const log = new Log();
  const greenlets = [1, 2].map((n) => spawn(() => log.add(n)));
  yield* killall(greenlets);
  yield* sleep(0);
  assert.is(log.take(), '');
  assert.equal(greenlets.map(flags), ['FTTT', 'FTTT']);
});

killing('without blocking it is on its way when it returns', function* () {
  const g = spawn(() => sleep(1000));
  yield* sleep(0);
  assert.is(killall([g], { block: false }), undefined);
  assert.is(g.dead, false);
  yield* sleep(0);
  assert.is(g.dead, true);
});

killing('of none, of duplicates, of some that have ended', function* () {
  yield* killall([]);
  const done = spawn(() => 1);
  const g = spawn(() => sleep(1000));
  yield* sleep(0);
  yield* killall([g, done, g]);
  assert.is(done.value, 1);
  assert.instance(g.value, GreenletExit);
});

killing('with an error, which is what they fail with', function* () {
  const error = new Error('mine');
  const [begun, not] = [spawn(() => sleep(1000)), spawnLater(1000, () => 1)];
  yield* sleep(0);
  yield* killall([begun, not], { error });
  assert.is(begun.exception, error);
  assert.is(not.exception, error);
});

killing('oneself among others', function* () {
  const log = new Log();
  const other = spawn(() => sleep(1000));
  const self: Greenlet<unknown> = spawn(function* () {
    try {
      yield* killall([self, other]);
    } finally {
      log.add('killed');
    }
  });
  yield* joinall([self, other]);
  assert.is(log.take(), 'killed');
});

// The one before it was dead by then.
killing('what is no greenlet is refused before anybody is killed', function* () {
  const queue = new Queue();
  const g = spawn(() => queue.get());
  const error = thrownBy(() => killall([g, 5 as never]));
  assert.is(error.message, 'Expected a Greenlet at 1 of killall, got 5');
  assert.is(g.dead, false);
  yield* g.kill();
});

killing.run();
