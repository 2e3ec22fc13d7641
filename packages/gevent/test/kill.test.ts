/** Kills: where they find a greenlet, what it may do about them, and that nothing is lost with one that waited. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  type Coroutine,
  Event,
  Greenlet,
  GreenletExit,
  isInterrupt,
  iwait,
  joinall,
  JoinableQueue,
  kill,
  killall,
  Pool,
  Queue,
  race,
  Semaphore,
  shield,
  sleep,
  spawn,
  Timeout,
  until,
  wait,
} from '../src/index.ts';
import { flags, Log, thrownBy, thrownIn, timed } from './support.ts';

const test = suite('kill');

test('one that was made and never started', function* () {
  const g = new Greenlet(() => 1);
  yield* g.kill();
  assert.is(flags(g), 'FTTT');
  g.start();
  yield* sleep(0);
  assert.instance(g.value, GreenletExit, 'it never will');
});

test('one before its first turn, with an error: it fails with it', function* () {
  const error = new Error('mine');
  const g = spawn(() => 1);
  yield* g.kill(error);
  assert.is(flags(g), 'FTTF');
  assert.is(g.exception, error);
});

test(
  'one that sleeps: its timer goes with it',
  timed(function* () {
    const g = spawn(() => sleep(10_000));
    yield* sleep(0);
    const thrown = g.kill();
    assert.is(g.dead, false, 'the kill is on its way');
    assert.is(yield* thrown, undefined);
    assert.is(g.dead, true);
  }),
);

test('one in sleep(0) is woken first, then killed', function* () {
  const log = new Log();
  const g = spawn(function* () {
    for (;;) {
      yield* sleep(0);
      log.add('awake');
    }
  });
  yield* sleep(0);
  yield* g.kill();
  assert.is(log.take(), 'awake');
});

test('oneself: the cleanup runs, also when it waits', function* () {
  const log = new Log();
  const g: Greenlet<unknown> = spawn(function* () {
    try {
      yield* g.kill();
      log.add('not reached');
    } finally {
      yield* sleep(0);
      log.add('cleaned up');
    }
  });
  yield* g.join();
  assert.is(log.take(), 'cleaned up');
  assert.is(g.successful(), true);
});

test('oneself without waiting: it comes at the next wait', function* () {
  const log = new Log();
  const g: Greenlet<unknown> = spawn(function* () {
    g.kill({ block: false });
    log.add('still here');
    yield* sleep(1000);
    log.add('not reached');
  });
  yield* g.join();
  assert.is(log.take(), 'still here');
});

test('one that ends before the kill comes has ended as it has', function* () {
  const g = spawn(function* () {
    yield* sleep(0);
    return 5;
  });
  yield* sleep(0);
  yield* g.kill();
  assert.is(g.value, 5);
});

test('one that has ended is left alone', function* () {
  const g = spawn(() => 5);
  yield* g;
  yield* g.kill();
  g.kill({ block: false });
  yield* kill(g);
  yield* killall([g]);
  assert.is(g.value, 5);
});

test(
  'a finally that waits is honoured, and the outer frames do not go on',
  timed(function* () {
    const log = new Log();
    function* inner(): Coroutine {
      try {
        yield* sleep(1000);
      } finally {
        log.add('inner cleans');
        yield* sleep(10);
        log.add('inner clean');
      }
    }
    function* outer(): Coroutine {
      try {
        yield* inner();
        log.add('outer went on');
      } finally {
        yield* sleep(10);
        log.add('outer clean');
      }
      log.add('outer went on');
    }
    const g = spawn(function* () {
      yield* outer();
      log.add('body went on');
    });
    yield* sleep(0);
    yield* g.kill();
    assert.is(log.take(), 'inner cleans, inner clean, outer clean');
    assert.is(g.successful(), true);
  }),
);

test(
  'one that catches the exit and goes on may be killed again',
  timed(function* () {
    const log = new Log();
    const g = spawn(function* () {
      for (let n = 1; n <= 3; n++) {
        try {
          yield* sleep(1000);
        } catch (error) {
          log.add(n, (error as Error).name);
        }
      }
      return 'survived';
    });
    yield* sleep(0);
    g.kill({ block: false });
    yield* sleep(1);
    assert.is(g.dead, false);
    g.kill(RangeError, { block: false });
    yield* sleep(1);
    yield* g.kill(new TypeError('third'));
    assert.is(log.take(), '1 GreenletExit, 2 RangeError, 3 TypeError');
    assert.is(g.value, 'survived');
  }),
);

test(
  'two kills on their way are two throws',
  timed(function* () {
    const log = new Log();
    const g = spawn(function* () {
      for (let n = 1; n <= 2; n++) {
        try {
          yield* sleep(1000);
        } catch {
          log.add(n);
        }
      }
    });
    yield* sleep(0);
    g.kill({ block: false });
    yield* g.kill();
    assert.is(log.take(), '1, 2');
  }),
);

test('isInterrupt lets a catch-all pass it on', function* () {
  const g = spawn(function* () {
    for (;;) {
      try {
        yield* sleep(1000);
      } catch (error) {
        if (isInterrupt(error)) throw error;
      }
    }
  });
  yield* sleep(0);
  yield* g.kill();
  assert.is(g.dead, true);
});

test('an error class is instantiated, an instance arrives itself', function* () {
  class Stop extends Error {}
  const sleepers = [1, 2, 3, 4].map(() => spawn(() => sleep(1000)));
  yield* sleep(0);
  const instance = new Stop();
  yield* sleepers[0]!.kill(Stop);
  yield* sleepers[1]!.kill(instance);
  yield* killall(sleepers.slice(2), { error: Stop });
  assert.instance(sleepers[0]!.exception, Stop);
  assert.is(sleepers[1]!.exception, instance);
  assert.is.not(sleepers[2]!.exception, sleepers[3]!.exception);
});

test('a subclass of GreenletExit is an exit', function* () {
  class Shutdown extends GreenletExit {}
  const g = spawn(() => sleep(1000));
  yield* sleep(0);
  yield* g.kill(Shutdown);
  assert.is(g.successful(), true);
  assert.instance(g.value, Shutdown);
});

test('what is no error is refused at once, and nobody is killed', function* () {
  const g = spawn(() => sleep(10));
  yield* sleep(0);
  const bad: [unknown, string][] = [
    ['reason', '"reason"'],
    [5, '5'],
    [false, 'false'],
    [{}, 'an object'],
    [{ timout: 10 }, 'an object'],
    [() => 1, 'a function'],
  ];
  for (const [error, shown] of bad) {
    const verbs = [
      () => g.kill(error),
      () => g.kill(error, { block: false }),
      () => killall([g], { error, block: false }),
      () => new Pool().kill(error),
    ];
    for (const verb of verbs) {
      const thrown = thrownBy(verb);
      assert.instance(thrown, TypeError);
      assert.is(thrown.message, `Expected an error or an error class to kill with, got ${shown}`);
    }
  }
  yield* g;
});

test('block: false in both call forms returns nothing', function* () {
  const g = spawn(function* () {
    for (let n = 0; n < 3; n++) yield* thrownIn(sleep(1000));
  });
  yield* sleep(0);
  assert.is(g.kill({ block: false }), undefined);
  assert.is(g.kill(undefined, { block: false }), undefined);
  assert.is(g.kill(new Error('x'), { block: false }), undefined);
  yield* g;
});

test(
  'one that outlives the timeout: Timeout, in all the verbs',
  timed(function* () {
    function* tough(): Coroutine {
      try {
        yield* sleep(1000);
      } finally {
        yield* sleep(100);
      }
    }
    const pool = new Pool();
    const g = spawn(tough);
    const [a, b] = [spawn(tough), spawn(tough)];
    const member = yield* pool.spawn(tough);
    yield* sleep(1);
    const one = (yield* thrownIn(g.kill({ timeout: 10 }))) as Error;
    const all = (yield* thrownIn(killall([a, b], { timeout: 10 }))) as Error;
    const group = (yield* thrownIn(pool.kill({ timeout: 10 }))) as Error;
    const again = (yield* thrownIn(pool.killone(member, undefined, { timeout: 10 }))) as Error;
    for (const error of [one, all, group, again]) assert.instance(error, Timeout);
    assert.is(one.message, `greenlet ${g.name} outlived its kill by 10 ms`);
    assert.is(all.message, '2 greenlets outlived their kill by 10 ms');
    assert.is(group.message, 'a group outlived its kill by 10 ms');
    assert.is(again.message, `greenlet ${member.name} outlived its kill by 10 ms`);
    yield* joinall([g, a, b, member]);
  }),
);

test(
  'the timeout is no matter when it dies in time',
  timed(function* () {
    const g = spawn(() => sleep(1000));
    yield* sleep(0);
    yield* g.kill({ timeout: 0 });
    const h = spawn(() => sleep(1000));
    yield* sleep(0);
    yield* g.kill(undefined, { timeout: 10 });
    yield* killall([h], { timeout: 0 });
  }),
);

test(
  'a kill behind a shield comes when the shield ends',
  timed(function* () {
    const log = new Log();
    const g = spawn(function* () {
      yield* shield(function* () {
        yield* sleep(10);
        log.add('shielded');
      });
      log.add('not reached');
    });
    yield* sleep(1);
    yield* g.kill();
    assert.is(log.take(), 'shielded');
  }),
);

test('the signal of until is aborted with the exit', function* () {
  let reason: unknown;
  const g = spawn(() =>
    until(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('aborted'));
          });
        }),
    ),
  );
  yield* sleep(0);
  yield* g.kill();
  assert.is(reason, g.value);
});

test('killing who waits for a killer ends both', function* () {
  const a: Greenlet<unknown> = spawn(() => b.kill());
  const b: Greenlet<unknown> = spawn(function* () {
    try {
      yield* sleep(1000);
    } finally {
      yield* a.kill();
    }
  });
  yield* joinall([a, b]);
  assert.is(flags(a), 'FTTT');
  assert.is(flags(b), 'FTTT');
});

test('a kill that is on its way and is waited for by two', function* () {
  const g = spawn(function* () {
    try {
      yield* sleep(1000);
    } finally {
      yield* sleep(0);
    }
  });
  yield* sleep(0);
  const thrown = g.kill();
  const both = [spawn(() => thrown), spawn(() => thrown)];
  yield* joinall(both);
  assert.is(g.dead, true);
  assert.equal(
    both.map((one) => one.value),
    [undefined, undefined],
  );
});

test.run();

const loses = suite('killed while it waits');

/** Runs a body, kills it where it waits, and gives what it had to say about that. */
function* killed(body: () => unknown): Coroutine<unknown> {
  const g = spawn(body);
  yield* sleep(0);
  yield* sleep(0);
  assert.is(g.dead, false, 'it waits');
  yield* g.kill();
  assert.instance(g.value, GreenletExit);
  return g.value;
}

loses('for an event, an AsyncResult, a semaphore, a queue, a join: nobody is left in the line', function* () {
  const event = new Event();
  yield* killed(() => event.wait());
  assert.is(event.linkcount(), 0);
  const semaphore = new Semaphore(0);
  yield* killed(() => semaphore.acquire());
  yield* killed(() => semaphore.wait());
  yield* killed(() => semaphore.hold());
  assert.is(semaphore.linkcount(), 0);
  assert.is(semaphore.release(), 1);
  const queue = new Queue<number>(1);
  yield* killed(() => queue.get());
  yield* killed(() => queue.peek());
  assert.is(queue.getters.length, 0);
  queue.putNowait(1);
  yield* killed(() => queue.put(2));
  assert.is(queue.putters.length, 0);
  assert.is(queue.qsize(), 1);
});

loses('the item goes to the next getter, whether the kill comes before or behind the item', function* () {
  for (const order of ['kill, put', 'put, kill']) {
    const queue = new Queue<string>();
    const [first, second] = [spawn(() => queue.get()), spawn(() => queue.get())];
    yield* sleep(0);
    if (order === 'kill, put') {
      first.kill({ block: false });
      queue.putNowait('item');
      assert.is(yield* second, 'item');
      assert.instance(first.value, GreenletExit);
    } else {
      queue.putNowait('item');
      first.kill({ block: false });
      assert.is(yield* first, 'item', 'it had its item before the kill came');
      yield* second.kill();
    }
    assert.is(queue.qsize(), 0);
  }
});

loses('the permit goes to the next one', function* () {
  for (const verb of ['acquire', 'hold'] as const) {
    const semaphore = new Semaphore(0);
    const [first, second] = [spawn(() => semaphore[verb]()), spawn(() => semaphore[verb]())];
    yield* sleep(0);
    first.kill({ block: false });
    semaphore.release();
    yield* second.join();
    assert.is(second.successful(), true);
    assert.instance(first.value, GreenletExit);
    assert.is(semaphore.counter, 0);
  }
});

loses('the item of a killed putter is not put', function* () {
  const queue = new Queue<number>(1, [1]);
  const putters = [2, 3].map((n) => spawn(() => queue.put(n)));
  yield* sleep(0);
  putters[0]!.kill({ block: false });
  const items = [yield* queue.get(), yield* queue.get()];
  assert.equal(items, [1, 3]);
});

loses(
  'the place in a pool goes to the next one',
  timed(function* () {
    const pool = new Pool(1);
    yield* pool.spawn(() => sleep(10));
    const [first, second] = [spawn(() => pool.spawn(() => 1)), spawn(() => pool.spawn(() => 2))];
    yield* sleep(0);
    yield* first.kill();
    assert.is(yield* yield* second, 2);
    yield* pool.join();
    assert.is(pool.freeCount(), 1);
  }),
);

// The item had been taken for the race, and was lost with the kill that came before the turn in which it was handed over.
loses('an item that has won a race is not lost with a kill right behind it', function* () {
  const queue = new Queue<string>();
  const semaphore = new Semaphore(0);
  const g = spawn(() => race([queue.get(), sleep(1000)]));
  const h = spawn(() => race([semaphore.acquire(), sleep(1000)]));
  yield* sleep(0);
  queue.putNowait('item');
  semaphore.release();
  g.kill({ block: false });
  h.kill({ block: false });
  yield* g.join();
  yield* h.join();
  assert.is(g.value, 'item');
  assert.is(h.value, true);
});

loses(
  'a joiner of a queue, of a greenlet, of many',
  timed(function* () {
    const queue = new JoinableQueue<number>(null, [1]);
    yield* killed(() => queue.join());
    const g = spawn(() => sleep(100));
    const event = new Event();
    yield* killed(() => g.join());
    yield* killed(() => g.get());
    yield* killed(() => joinall([g, g]));
    yield* killed(() => joinall([g], { timeout: 1000 }));
    yield* killed(() => wait([g, event]));
    yield* killed(() => iwait([event, g]).next());
    assert.is(event.linkcount(), 1, 'an iwait is linked until it is closed');
    yield* g;
  }),
);

loses.run();
