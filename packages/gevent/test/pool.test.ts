/** Group and Pool. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  type Coroutine,
  getcurrent,
  Greenlet,
  GreenletExit,
  Group,
  joinall,
  Pool,
  PoolFull,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  withTimeout,
} from '../src/index.ts';
import { getHub } from '@switchyard/hub';
import { flags, Log, program, thrownBy, thrownIn, timed } from './support.ts';

function* sleeps(ms: number): Coroutine<number> {
  yield* sleep(ms);
  return ms;
}

function* failsAfter(ms: number, message = `failed after ${ms}`): Coroutine<never> {
  yield* sleep(ms);
  throw new Error(message);
}

/** The messages that the hub's hook is told while `body` runs. */
function* reported(body: () => Coroutine): Coroutine<string[]> {
  const hub = getHub();
  const before = hub.onError;
  const told: string[] = [];
  hub.onError = (error) => told.push((error as Error).message);
  try {
    yield* body();
    yield* sleep(50);
  } finally {
    hub.onError = before;
  }
  return told;
}

const groups = suite('Group');

groups(
  'members come by spawn, start and add, and leave when they end',
  timed(function* () {
    const group = new Group([spawn(sleeps, 5)]);
    const a = group.spawn(sleeps, 10);
    const b = new Greenlet(sleeps, 20);
    group.start(b);
    const c = spawn(sleeps, 30);
    group.add(c);
    group.add(c);
    assert.is(group.size, 4);
    assert.is(group.length, 4);
    assert.is(group.has(c), true);
    assert.equal([...group].slice(1), [a, b, c]);
    yield* sleep(25);
    assert.equal([...group], [c]);
    yield* group.join();
    assert.is(group.size, 0);
    assert.is(group.full(), false);
  }),
);

groups('one that has ended before it is added leaves at once', function* () {
  const g = spawn(() => 1);
  yield* g;
  const group = new Group([g]);
  yield* group.join();
  assert.is(group.size, 0);
});

groups(
  'discard lets one go without killing it',
  timed(function* () {
    const group = new Group();
    const g = group.spawn(sleeps, 10);
    group.discard(g);
    group.discard(g);
    assert.is(group.size, 0);
    yield* group.join();
    assert.is(g.dead, false);
    yield* g;
  }),
);

groups('what is no greenlet cannot be a member', () => {
  const error = thrownBy(() => new Group().add(5 as never));
  assert.is(error.message, 'Expected a Greenlet to add, got 5');
});

groups('join of an empty group returns at once', { switches: false }, function* () {
  assert.is(yield* new Group().join(), true);
  assert.is(yield* new Group().join({ timeout: 0, raiseError: true }), true);
});

groups(
  'join with a timeout',
  timed(function* () {
    const group = new Group();
    group.spawn(sleeps, 20);
    assert.is(yield* group.join({ timeout: 10 }), false);
    assert.is(yield* group.join({ timeout: 20 }), true);
  }),
);

groups(
  'join returns when it has been empty once, even if it is not any more',
  timed(function* () {
    const group = new Group();
    const first = group.spawn(sleeps, 10);
    // Linked behind the group's own link: at that moment it is empty.
    first.rawlink(() => group.spawn(sleeps, 50));
    assert.is(yield* group.join(), true);
    assert.is(group.size, 1);
    yield* group.join();
  }),
);

// The error was printed as if nobody cared, and thrown as well.
groups(
  'join with raiseError throws the first failure, which is then not reported',
  timed(function* () {
    const told = yield* reported(function* () {
      const group = new Group();
      group.spawn(failsAfter, 20, 'second');
      group.spawn(failsAfter, 10, 'first');
      group.spawn(sleeps, 30);
      const error = yield* thrownIn(group.join({ raiseError: true }));
      assert.is((error as Error).message, 'first');
      assert.is(group.size, 0, 'it waits for all of them');
    });
    assert.equal(told, ['second'], 'nobody else hears of that one');
  }),
);

groups(
  'join with raiseError remembers an early failure, once',
  timed(function* () {
    yield* reported(function* () {
      const group = new Group();
      group.spawn(failsAfter, 0, 'early');
      yield* sleep(10);
      assert.is(group.size, 0);
      assert.is(((yield* thrownIn(group.join({ raiseError: true }))) as Error).message, 'early');
      assert.is(yield* group.join({ raiseError: true }), true);
    });
  }),
);

groups(
  'a join that was to raise and was killed: the failure is reported',
  timed(function* () {
    const told = yield* reported(function* () {
      const group = new Group();
      group.spawn(failsAfter, 10, 'first');
      group.spawn(sleeps, 30);
      const joiner = spawn(() => group.join({ raiseError: true }));
      yield* sleep(20);
      yield* joiner.kill();
      yield* group.join();
    });
    assert.equal(told, ['first']);
  }),
);

groups(
  'kill ends all members, also those that join meanwhile, each killed once',
  timed(function* () {
    const log = new Log();
    const group = new Group();
    function* body(name: string): Coroutine {
      try {
        yield* sleep(1000);
      } catch (error) {
        log.add(name);
        if (name === 'a') group.spawn(body, 'c');
        yield* sleep(10);
        throw error;
      }
    }
    group.spawn(body, 'a');
    group.spawn(body, 'b');
    yield* sleep(0);
    yield* group.kill();
    assert.is(group.size, 0);
    assert.is(log.take(), 'a, b, c');
  }),
);

groups(
  'kill with an error: members fail with it, and nobody is told what he did himself',
  timed(function* () {
    const told = yield* reported(function* () {
      const group = new Group();
      const [a, b] = [group.spawn(sleeps, 1000), group.spawn(sleeps, 1000)];
      yield* sleep(0);
      yield* group.kill(RangeError);
      assert.instance(a.exception, RangeError);
      assert.instance(b.exception, RangeError);
    });
    assert.equal(told, []);
  }),
);

groups(
  'kill without waiting, in both call forms',
  timed(function* () {
    const group = new Group();
    group.spawn(sleeps, 1000);
    yield* sleep(0);
    assert.is(group.kill({ block: false }), undefined);
    assert.is(group.size, 1);
    yield* sleep(1);
    assert.is(group.size, 0);
    group.spawn(sleeps, 1000);
    yield* sleep(0);
    assert.is(group.kill(undefined, { block: false }), undefined);
    yield* group.join();
  }),
);

groups(
  'killone kills a member once, and waits for it',
  timed(function* () {
    const log = new Log();
    const group = new Group();
    const g = group.spawn(function* () {
      for (;;) {
        try {
          yield* sleep(100);
          return;
        } catch {
          log.add('killed');
        }
      }
    });
    const other = group.spawn(sleeps, 1000);
    yield* sleep(0);
    assert.is(group.killone(g, { block: false }), undefined);
    assert.instance(yield* thrownIn(group.killone(g, undefined, { timeout: 10 })), Timeout);
    yield* group.killone(g);
    assert.is(log.take(), 'killed');
    assert.is(other.dead, false);
    yield* group.killone(other, new Error('other'));
    assert.is(other.successful(), false);
    const stranger = spawn(sleeps, 10);
    yield* group.killone(stranger);
    assert.is(stranger.value, 10, 'who is no member is only waited for');
  }),
);

groups(
  'apply, map and imap work without a limit',
  timed(function* () {
    const group = new Group();
    assert.is(yield* group.apply(sleeps, [5]), 5);
    assert.equal(yield* group.map(sleeps, [3, 1, 2]), [3, 1, 2]);
    assert.equal(yield* group.imap(sleeps, [7]).next(), { done: false, value: 7 });
  }),
);

groups.run();

const pools = suite('Pool');

pools(
  'spawn waits for room, first come first served',
  timed(function* () {
    const log = new Log();
    const pool = new Pool(2);
    const producers = [1, 2, 3, 4, 5].map((n) =>
      spawn(function* () {
        yield* pool.spawn(sleeps, 10);
        log.add(n);
      }),
    );
    yield* sleep(5);
    assert.is(log.take(), '1, 2');
    yield* sleep(10);
    assert.is(log.take(), '3, 4');
    yield* joinall(producers);
    yield* pool.join();
  }),
);

pools(
  'backpressure: never more than its size run',
  timed(function* () {
    const pool = new Pool(3);
    let running = 0;
    let most = 0;
    for (let n = 0; n < 50; n++) {
      yield* pool.spawn(function* () {
        most = Math.max(most, ++running);
        yield* sleep((n * 7) % 5);
        running--;
      });
    }
    yield* pool.join();
    assert.is(most, 3);
  }),
);

pools('a size that is none is refused', () => {
  for (const [size, shown] of [
    [-1, '-1'],
    [1.5, '1.5'],
    ['2', '"2"'],
    [Infinity, 'Infinity'],
  ] as const) {
    const error = thrownBy(() => new Pool(size as never));
    assert.instance(error, RangeError);
    assert.is(
      error.message,
      `Expected a whole number from 0 up, or null for no limit, as the size of a Pool, got ${shown}`,
    );
  }
});

pools('without a limit there is always room', function* () {
  const pool = new Pool();
  assert.is(pool.limit, null);
  yield* pool.spawn(sleeps, 0);
  assert.is(`${pool.freeCount()} ${pool.full()} ${yield* pool.waitAvailable()}`, '1 false 1');
  yield* pool.join();
});

pools(
  'a pool of none admits nobody',
  timed(function* () {
    const pool = new Pool(0);
    assert.is(pool.full(), true);
    assert.is(yield* withTimeout(10, pool.spawn(sleeps, 1), { value: 'never' }), 'never');
    assert.is(yield* pool.waitAvailable({ timeout: 10 }), 0);
  }),
);

pools(
  'add and start wait for room, or fail with PoolFull',
  timed(function* () {
    const pool = new Pool(1);
    const [a, b] = [spawn(sleeps, 10), new Greenlet(sleeps, 10)];
    yield* pool.add(a);
    assert.instance(yield* thrownIn(pool.add(b, { blocking: false })), PoolFull);
    assert.instance(yield* thrownIn(pool.start(b, { timeout: 5 })), PoolFull);
    assert.is(b.started, false);
    yield* pool.start(b);
    assert.is(a.dead, true);
    assert.is(yield* b, 10);
    yield* pool.join();
    assert.is(pool.freeCount(), 1);
  }),
);

// A second permit was taken, and never given back.
pools(
  'adding a member once more takes no second place',
  timed(function* () {
    const pool = new Pool(2);
    const g = spawn(sleeps, 10);
    yield* pool.add(g);
    yield* pool.add(g);
    const twice = [spawn(() => pool.add(g)), spawn(() => pool.add(g))];
    yield* joinall(twice, { raiseError: true });
    yield* pool.join();
    yield* pool.spawn(sleeps, 10);
    assert.is.not(yield* withTimeout(5, pool.spawn(sleeps, 10), { value: 'stuck' }), 'stuck');
    yield* pool.join();
  }),
);

pools('adding what is no greenlet takes no place', function* () {
  const pool = new Pool(1);
  assert.instance(yield* thrownIn(pool.add(5 as never)), TypeError);
  yield* pool.spawn(() => 1);
  yield* pool.join();
});

pools(
  'discard gives the place back',
  timed(function* () {
    const pool = new Pool(1);
    const g = yield* pool.spawn(sleeps, 100);
    pool.discard(g);
    yield* pool.spawn(sleeps, 1);
    yield* pool.join();
    assert.is(g.dead, false);
    yield* g;
    assert.is(pool.freeCount(), 1);
  }),
);

pools(
  'waitAvailable waits for room and takes none',
  timed(function* () {
    const pool = new Pool(1);
    assert.is(yield* pool.waitAvailable(), 1);
    yield* pool.spawn(sleeps, 10);
    assert.is(yield* pool.waitAvailable({ timeout: 5 }), 0);
    assert.is(yield* pool.waitAvailable(), 1);
    assert.is(pool.freeCount(), 1);
    yield* pool.join();
  }),
);

pools(
  'apply from a member runs in that member, so that a full pool does not wait for itself',
  timed(function* () {
    const pool = new Pool(1);
    const value = yield* pool.apply(function* () {
      const outer = getcurrent();
      return yield* pool.apply(() => getcurrent() === outer);
    });
    assert.is(value, true);
  }),
);

pools(
  'apply takes arguments and throws what the function throws',
  timed(function* () {
    const pool = new Pool(1);
    assert.is(yield* pool.apply((a: number, b: number) => a + b, [1, 2]), 3);
    assert.is(yield* pool.apply(async (a: string) => a, ['async']), 'async');
    assert.is(((yield* thrownIn(pool.apply(failsAfter, [1, 'x']))) as Error).message, 'x');
    yield* pool.join();
  }),
);

// It was a greenlet of its own in any case, and a join right behind it found the pool empty.
pools(
  'applyAsync is a member at once when there is room',
  timed(function* () {
    const log = new Log();
    const pool = new Pool(2);
    const g = pool.applyAsync(sleeps, [10], (value) => log.add('callback', value));
    assert.is(pool.has(g), true);
    yield* pool.join();
    log.add('joined', g.value);
    assert.is(log.take(), 'callback 10, joined 10');
  }),
);

pools(
  'applyAsync of a full pool waits for room in a greenlet of its own',
  timed(function* () {
    const log = new Log();
    const pool = new Pool(1);
    pool.applyAsync(sleeps, [10]);
    const second = pool.applyAsync(sleeps, [20], (value) => log.add('callback', value));
    assert.is(pool.size, 1);
    assert.is(pool.has(second), false);
    assert.is(yield* second, 20);
    yield* sleep(0);
    assert.is(log.take(), 'callback 20');
  }),
);

pools(
  'the callback of applyAsync is for a result, not for a failure',
  timed(function* () {
    const told = yield* reported(function* () {
      const log = new Log();
      new Pool(1).applyAsync(failsAfter, [1, 'x'], () => log.add('called'));
      yield* sleep(10);
      assert.is(log.take(), '');
    });
    assert.equal(told, ['x']);
  }),
);

pools(
  'killing members frees their places',
  timed(function* () {
    const pool = new Pool(2);
    const a = yield* pool.spawn(sleeps, 1000);
    yield* pool.spawn(sleeps, 1000);
    const waiting = spawn(() => pool.spawn(sleeps, 1));
    yield* sleep(1);
    yield* pool.killone(a);
    const third = yield* waiting;
    assert.is(yield* third, 1);
    yield* pool.kill();
    assert.is(pool.freeCount(), 2);
  }),
);

pools('await pool.spawn goes on to the result', async () => {
  const pool = new Pool(1);
  assert.is(await pool.spawn(() => 5), 5 as never);
  const { greenlet } = await spawn(function* () {
    return { greenlet: yield* pool.spawn(() => 6) };
  });
  assert.is(await greenlet, 6);
});

pools('a member of a full pool that spawns and waits is a deadlock, and said to be one', async () => {
  const { code, stderr } = await program(`
    import { Pool } from '@switchyard/gevent';
    const pool = new Pool(1);
    await pool.apply(function* outer() {
      const inner = yield* pool.spawn(() => 1);
      return yield* inner;
    });
  `);
  assert.is.not(code, 0);
  assert.match(stderr, 'LoopExit');
  assert.match(stderr, /outer-\d+ waits for room in a pool of 1/);
});

pools.run();

const maps = suite('map');

maps(
  'results are in the order of the items',
  timed(function* () {
    const pool = new Pool(2);
    assert.equal(yield* pool.map(sleeps, [30, 10, 20]), [30, 10, 20]);
    assert.equal(yield* pool.map(sleeps, []), []);
    assert.equal(yield* pool.map((x: string) => x.toUpperCase(), new Set('abc')), ['A', 'B', 'C']);
    assert.equal(yield* pool.map(async (x: number) => x + 1, [1, 2]), [2, 3]);
  }),
);

maps(
  'throws the first failure in the order of the items; the others run on and are reported',
  timed(function* () {
    const log = new Log();
    const told = yield* reported(function* () {
      const pool = new Pool();
      const error = yield* thrownIn(
        pool.map(
          function* (ms: number): Coroutine {
            yield* sleep(ms);
            if (ms > 10) throw new Error(`failed ${ms}`);
            log.add('ended', ms);
          },
          [10, 30, 20, 40],
        ),
      );
      assert.is((error as Error).message, 'failed 30');
      yield* pool.join();
    });
    assert.is(log.take(), 'ended 10');
    assert.equal(told, ['failed 20', 'failed 40']);
  }),
);

maps(
  'a failure that several share is thrown once and not reported',
  timed(function* () {
    const shared = new Error('shared');
    const told = yield* reported(function* () {
      const thrown = yield* thrownIn(
        new Pool().map(() => {
          throw shared;
        }, [1, 2, 3]),
      );
      assert.is(thrown, shared);
    });
    assert.equal(told, []);
  }),
);

maps(
  'pulls items only as there is room: an endless source',
  timed(function* () {
    let pulled = 0;
    let closed = false;
    function* endless(): Generator<number> {
      try {
        for (;;) yield ++pulled;
      } finally {
        closed = true;
      }
    }
    const pool = new Pool(2);
    const mapper = spawn(() => pool.map(sleeps, endless()));
    yield* sleep(0);
    yield* sleep(0);
    // Two that run, and one in the hand of whoever waits for room.
    assert.is(pulled, 3);
    yield* mapper.kill();
    assert.is(closed, true, 'and lets it clean up');
    yield* pool.join();
    assert.is(pulled, 3);
  }),
);

maps(
  'an async source, and one of waitables',
  timed(function* () {
    const pool = new Pool(2);
    async function* letters(): AsyncGenerator<string> {
      for (const letter of 'abc') {
        await Promise.resolve();
        yield letter;
      }
    }
    assert.equal(yield* pool.map((x: string) => x + x, letters()), ['aa', 'bb', 'cc']);
    assert.equal(yield* pool.map((ms: number) => ms * 2, new Pool().imap(sleeps, [3, 1, 2])), [6, 2, 4]);
  }),
);

maps(
  'a source that fails: its error, when its turn comes; what was started runs on',
  timed(function* () {
    const log = new Log();
    const told = yield* reported(function* () {
      const pool = new Pool();
      function* source(): Generator<number> {
        yield 10;
        throw new Error('source');
      }
      const error = yield* thrownIn(
        pool.map(function* (ms: number) {
          yield* sleep(ms);
          log.add('ran');
          throw new Error('later');
        }, source()),
      );
      assert.is((error as Error).message, 'source');
      yield* pool.join();
    });
    assert.is(log.take(), 'ran');
    assert.equal(told, ['later']);
  }),
);

maps('what is no source, and what is no function, is refused at once', () => {
  const pool = new Pool(1);
  for (const verb of ['map', 'mapAsync', 'imap', 'imapUnordered', 'apply', 'applyAsync', 'spawn'] as const) {
    const error = thrownBy(() =>
      (pool[verb] as (target: never, items: never) => unknown)(5 as never, [] as never),
    );
    assert.instance(error, TypeError);
    assert.is(error.message, `Expected a function for ${verb}, got 5`);
  }
  for (const verb of ['map', 'mapAsync', 'imap', 'imapUnordered'] as const) {
    const error = thrownBy(() =>
      (pool[verb] as (target: () => 1, items: never) => unknown)(() => 1, null as never),
    );
    assert.instance(error, TypeError);
    assert.is(error.message, `Expected an iterable for ${verb}, got null`);
  }
});

maps(
  'mapAsync is a greenlet, and its callback gets the results',
  timed(function* () {
    const log = new Log();
    const pool = new Pool(2);
    const g = pool.mapAsync(sleeps, [2, 1], (results) => log.add('callback', results));
    assert.instance(g, Greenlet);
    assert.equal(yield* g, [2, 1]);
    yield* sleep(0);
    assert.is(log.take(), 'callback 2,1');
  }),
);

maps(
  'a killed member: map throws its exit',
  timed(function* () {
    const pool = new Pool();
    const mapper = spawn(() => pool.map(sleeps, [10, 1000]));
    yield* sleep(1);
    yield* [...pool][1]!.kill();
    yield* mapper.join();
    assert.instance(mapper.value, GreenletExit);
    assert.is(flags(mapper), 'FTTT');
  }),
);

maps('many small items', function* () {
  const pool = new Pool(10);
  const items = Array.from({ length: 10_000 }, (_, n) => n);
  assert.equal(yield* pool.map((n: number) => n, items), items);
  assert.is(pool.freeCount(), 10);
});

maps(
  'spawnLater and pools go together',
  timed(function* () {
    const pool = new Pool(1);
    const later = spawnLater(10, () => pool.spawn(sleeps, 5));
    assert.is(yield* yield* later, 5);
  }),
);

maps.run();
