/**
 * What the suites of gevent promise beyond the public cases P13 to P39 of cases.test.ts: test__greenlet, test__pool,
 * test__semaphore, test__joinall, test__killall, test__issue*. Each combination was run in gevent 22.10 first; where we
 * answer differently on purpose, the test says so. P40, the stream server, is with the sockets.
 */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { InvalidSwitchError } from '@switchyard/hub';
import {
  AsyncResult,
  type Coroutine,
  Event,
  getcurrent,
  Greenlet,
  GreenletExit,
  Group,
  joinall,
  killall,
  Pool,
  PoolFull,
  Queue,
  RLock,
  Semaphore,
  sleep,
  spawn,
  spawnRaw,
  Timeout,
  until,
  wait,
  type Waitable,
} from '../src/index.ts';
import { flags, Log, thrownBy, thrownIn, timed } from './support.ts';

const failure = new RangeError('it failed');

/** Greenlets in each state that one can be in. */
const states: Record<string, () => Coroutine<Greenlet<number | void>>> = {
  *unstarted() {
    return new Greenlet<void>(() => sleep(1000));
  },
  *scheduled() {
    return spawn(() => sleep(1000));
  },
  *running() {
    const g = spawn(() => sleep(1000));
    yield* sleep(0);
    return g;
  },
  *done() {
    const g = spawn(() => 7);
    yield* g;
    return g;
  },
  *failed() {
    const g = spawn((): number => {
      throw failure;
    });
    yield* g.join();
    return g;
  },
  *killed() {
    const g = spawn(() => sleep(1000));
    yield* sleep(0);
    yield* g.kill();
    return g;
  },
};

/** What a wait gives or throws, in a word, and whether it took time. */
function* told(wait: () => Waitable<unknown> | void): Coroutine<string> {
  try {
    const waitable = wait();
    const value: unknown = waitable === undefined ? undefined : yield* waitable;
    return String(value);
  } catch (error) {
    return (error as Error).name;
  }
}

const greenlets = suite('test__greenlet: every state');

for (const [state, make] of Object.entries(states)) {
  const over = { done: '7', failed: 'RangeError', killed: 'GreenletExit' }[state];

  greenlets(
    `get of one that is ${state}, with every block and timeout`,
    timed(function* () {
      for (const block of [true, false, undefined]) {
        for (const timeout of [0, 10, ...(over === undefined && block !== false ? [] : [null, undefined])]) {
          const g = yield* make();
          const what = `block ${block}, timeout ${timeout}`;
          assert.is(yield* told(() => g.get({ block, timeout })), over ?? 'Timeout', what);
          assert.is(g.dead, over !== undefined, what);
          yield* g.kill();
        }
      }
    }),
  );

  greenlets(
    `join of one that is ${state}, with every timeout: it gives nothing and throws nothing`,
    timed(function* () {
      for (const timeout of [0, 10, ...(over === undefined ? [] : [null, undefined])]) {
        const g = yield* make();
        assert.is(yield* told(() => g.join({ timeout })), 'undefined');
        assert.is(g.dead, over !== undefined);
        yield* g.kill();
      }
    }),
  );

  greenlets(
    `kill of one that is ${state}, with every block and timeout`,
    timed(function* () {
      for (const block of [true, false, undefined]) {
        for (const timeout of [0, 10, null, undefined]) {
          const g = yield* make();
          const what = `block ${block}, timeout ${timeout}`;
          assert.is(yield* told(() => g.kill({ block, timeout })), 'undefined', what);
          // One that waits is hit in its turn; one that has not begun is dead at once.
          assert.is(g.dead, block !== false || state !== 'running', what);
          yield* g.join();
          assert.is(flags(g), state === 'failed' ? 'FTTF' : 'FTTT', what);
          if (over === undefined) assert.instance(g.value, GreenletExit);
          else if (state === 'done') assert.is(g.value, 7);
          else if (state === 'failed') assert.is(g.exception, failure);
        }
      }
    }),
  );
}

/** Survives the first kill for 50 ms. */
function* stubborn(): Coroutine<string> {
  for (;;) {
    try {
      yield* sleep(50);
      return 'done';
    } catch {
      // Once more.
    }
  }
}

greenlets(
  'all kill timeouts behave alike: Timeout, and the victim lives on (in gevent three different answers)',
  timed(function* () {
    for (const timeout of [0, 10]) {
      const group = new Group();
      const pool = new Pool(1);
      const kills: Record<string, (g: Greenlet<string>) => Waitable<void>> = {
        kill: (g) => g.kill({ timeout }),
        'kill with an error': (g) => g.kill(new RangeError('mine'), { timeout }),
        killall: (g) => killall([g], { timeout }),
        'Group.kill': () => group.kill({ timeout }),
        'Group.killone': (g) => group.killone(g, undefined, { timeout }),
        'Pool.kill': () => pool.kill({ timeout }),
      };
      for (const [name, kill] of Object.entries(kills)) {
        const g = new Greenlet<string>(stubborn);
        if (name.startsWith('Group')) group.start(g);
        else if (name.startsWith('Pool')) yield* pool.start(g);
        else g.start();
        yield* sleep(0);
        assert.instance(yield* thrownIn(kill(g)), Timeout, name);
        assert.is(g.dead, false, name);
        assert.is(yield* g, 'done', name);
        yield* sleep(0);
      }
    }
  }),
);

greenlets('start and startLater are for once', function* () {
  let runs = 0;
  const g = new Greenlet(() => ++runs);
  g.start();
  g.start();
  g.startLater(0);
  yield* g;
  g.start();
  g.startLater(0);
  yield* sleep(1);
  assert.is(runs, 1);
});

greenlets(
  'a subclass may have a plain, an async, a generator run, or one that gives a waitable',
  function* () {
    class Plain extends Greenlet<number> {
      override run(n: number): number {
        return n;
      }
    }
    class Async extends Greenlet<number> {
      // @ts-expect-error what is returned is waited for, which the base class cannot say
      override async run(n: number): Promise<number> {
        return n;
      }
    }
    class Generated extends Greenlet<number> {
      override *run(n: number): Coroutine<number> {
        yield* sleep(0);
        return n;
      }
    }
    class Waits extends Greenlet<number> {
      // @ts-expect-error as above
      override run(n: number): Waitable<number> {
        return new Queue(null, [n]).get();
      }
    }
    for (const Kind of [Plain, Async, Generated, Waits]) {
      const made = Reflect.construct(Kind, [null, 5]) as Greenlet<number>;
      made.start();
      assert.is(yield* made, 5, Kind.name);
      assert.match(made.name, Kind.name);
    }
  },
);

greenlets('names: of the body, of the class, and what is set', function* () {
  function work(): void {}
  class Job extends Greenlet {}
  const g = spawn(work);
  assert.match(g.name, /^work-\d+$/);
  assert.match(spawn(() => {}).name, /^Greenlet-\d+$/);
  assert.match(new Job(() => {}).name, /^Job-\d+$/);
  g.name = 'mine';
  assert.is(g.name, 'mine');
  assert.match(String(g), /^<Greenlet mine /);
  assert.not.equal(spawn(work).name, spawn(work).name);
});

greenlets('many who get and join one greenlet go on in the order in which they came', function* () {
  const log = new Log();
  const g = spawn(() => sleep(1));
  const waiters = [1, 2, 3, 4].map((n) =>
    spawn(function* () {
      if (n % 2 === 0) yield* g.join();
      else yield* g.get();
      log.add(n);
    }),
  );
  yield* joinall(waiters);
  assert.is(log.take(), '1, 2, 3, 4');
});

greenlets('what was linked when it was killed before its start is told (issue 330)', function* () {
  const log = new Log();
  const [value, error] = [new AsyncResult<unknown>(), new AsyncResult<unknown>()];
  const g = new Greenlet(() => log.add('ran'));
  g.linkValue(value as AsyncResult<never>);
  g.linkException(error as AsyncResult<never>);
  g.start();
  g.kill({ block: false });
  yield* g.join();
  yield* sleep(0);
  assert.instance(value.value, GreenletExit);
  assert.is(error.ready(), false);
  assert.is(log.take(), '');
});

greenlets('a greenlet that waits is not to be switched to by somebody else', function* () {
  const g = spawn(() => sleep(1000));
  yield* sleep(0);
  const meddler = spawn(function* () {
    yield* g.switch();
  });
  assert.instance(yield* thrownIn(g), InvalidSwitchError);
  assert.match((g.exception as Error).message, 'was switched to while it waits for');
  yield* meddler.kill();
});

greenlets('an await using block kills it, and waits for the cleanup', async () => {
  const log = new Log();
  {
    await using g = spawn(function* () {
      try {
        yield* sleep(1000);
      } finally {
        yield* sleep(1);
        log.add('cleaned');
      }
    });
    await sleep(0);
    log.add(g.started);
  }
  log.add('after');
  assert.is(log.take(), 'true, cleaned, after');
});

const raw = suite('test__api: spawn_raw');

raw('takes plain, async and generator functions with arguments, in order, after the spawner', function* () {
  const log = new Log();
  spawnRaw((a: number, b: number) => log.add('plain', a + b), 1, 2);
  spawnRaw(async (a: number) => {
    await Promise.resolve();
    log.add('async', a);
  }, 3);
  spawnRaw(function* (a: number) {
    yield* sleep(0);
    log.add('generator', a);
  }, 4);
  log.add('spawner');
  yield* sleep(5);
  assert.is(log.take(), 'spawner, plain 3, generator 4, async 3');
});

raw('its error is reported', { greenletErrors: 1 }, function* () {
  const g = spawnRaw(() => {
    throw new RangeError('raw');
  });
  yield* sleep(0);
  assert.is(g.dead, true);
});

raw('is the current greenlet in its body, and has its name', function* () {
  let current: unknown;
  function work(): void {
    current = getcurrent();
  }
  const g = spawnRaw(work);
  yield* sleep(0);
  assert.is(current, g);
  assert.match(g.name, /^work-\d+$/);
});

const pools = suite('test__pool');

pools('members may be of a class of one’s own', function* () {
  class Job extends Greenlet<unknown> {
    readonly made = true;
  }
  const pool = new Pool(2, { greenletClass: Job });
  const job = yield* pool.spawn((n: number) => n, 1);
  assert.instance(job, Job);
  assert.is(yield* job, 1);
  const seen = yield* pool.map(() => getcurrent() instanceof (Job as never), [1, 2]);
  assert.equal(seen, [true, true]);
  assert.instance(
    pool.applyAsync(() => 1),
    Job,
  );
  yield* pool.join();
  for (const wrong of [Event, 5, {}]) {
    const error = thrownBy(() => new Pool(1, { greenletClass: wrong as never }));
    assert.instance(error, TypeError);
    assert.match(error.message, 'Expected Greenlet or a subclass as the greenletClass of a Pool');
  }
});

pools(
  'waitAvailable of a group and of a pool without a limit is at once 1',
  { switches: false },
  function* () {
    assert.is(yield* new Group().waitAvailable(), 1);
    assert.is(yield* new Pool().waitAvailable({ timeout: 5 }), 1);
    assert.is(new Group().full(), false);
    assert.is(new Pool().freeCount() + new Group().freeCount(), 2);
    assert.instance(
      thrownBy(() => new Group().waitAvailable({ timeout: -1 })),
      TypeError,
    );
  },
);

pools('maps of nothing give nothing', function* () {
  for (const pool of [new Pool(2), new Pool(), new Group()]) {
    assert.equal(yield* pool.map(() => 1, []), []);
    assert.equal(yield* pool.mapAsync(() => 1, []), []);
    assert.is((yield* pool.imap(() => 1, []).next()).done, true);
    assert.is((yield* pool.imapUnordered(() => 1, []).next()).done, true);
  }
});

pools(
  'imap throws an error in its place and goes on behind it; after the end it is done, again and again',
  function* () {
    const it = new Pool(2).imap(
      (n: number) => {
        if (n === 1) throw failure;
        return n;
      },
      [0, 1, 2],
    );
    assert.equal(yield* it.next(), { done: false, value: 0 });
    assert.is(yield* thrownIn(it.next()), failure);
    assert.equal(yield* it.next(), { done: false, value: 2 });
    for (let n = 0; n < 2; n++) assert.is((yield* it.next()).done, true);
  },
);

pools('imap with maxsize: so many results may wait, and one more than are taken is asked for', function* () {
  for (const verb of ['imap', 'imapUnordered'] as const) {
    let started = 0;
    using it = new Pool(10)[verb](() => ++started, Array(50).keys(), { maxsize: 2 });
    yield* sleep(1);
    assert.is(started, 2, verb);
    for (let taken = 1; taken <= 5; taken++) {
      assert.is((yield* it.next()).value, taken);
      yield* sleep(1);
      assert.ok(started <= taken + 2, `${verb}: ${started} started, ${taken} taken`);
    }
  }
});

pools('maxsize that is none is refused', () => {
  for (const maxsize of [0, -1, 1.5, '2']) {
    const error = thrownBy(() => new Pool(1).imap((n: number) => n, [1], { maxsize: maxsize as never }));
    assert.instance(error, RangeError);
    assert.match(error.message, 'as maxsize, got ');
  }
});

pools(
  'a thousand in a pool of ten: never more than ten, each once; map keeps the order',
  timed(function* () {
    const pool = new Pool(10);
    let [inside, most] = [0, 0];
    const results = yield* pool.map(
      function* (n: number) {
        most = Math.max(most, ++inside);
        yield* sleep((n * 7) % 5);
        inside--;
        return n;
      },
      Array.from({ length: 1000 }, (_, n) => n),
    );
    assert.is(most, 10);
    assert.equal(
      results,
      Array.from({ length: 1000 }, (_, n) => n),
    );
    assert.is(`${pool.freeCount()} ${pool.size}`, '10 0');
  }),
);

pools('killing a full pool with many who wait for room: they come in, and are killed as well', function* () {
  const pool = new Pool(2);
  const spawners = Array.from({ length: 20 }, () => spawn(() => pool.spawn(() => sleep(1000))));
  yield* sleep(0);
  assert.is(pool.full(), true);
  yield* killall(spawners);
  yield* pool.kill();
  assert.is(`${pool.size} ${pool.freeCount()}`, '0 2');
});

pools('one that is killed while it waits for room takes no place', function* () {
  const pool = new Pool(1);
  const member = yield* pool.spawn(() => sleep(1000));
  const victims = [
    spawn(() => pool.spawn(() => 1)),
    spawn(() => pool.add(new Greenlet(() => 1))),
    spawn(() => pool.apply(() => 1)),
    spawn(() => pool.waitAvailable()),
  ];
  yield* sleep(0);
  yield* killall(victims);
  yield* member.kill();
  yield* sleep(0);
  assert.is(`${pool.size} ${pool.freeCount()}`, '0 1');
  assert.is(yield* pool.apply(() => 'room'), 'room');
});

pools('add: PoolFull is a Full, and the greenlet is no member', function* () {
  const pool = new Pool(0);
  const g = new Greenlet(() => 1);
  const error = yield* thrownIn(pool.add(g, { blocking: false }));
  assert.instance(error, PoolFull);
  assert.is((error as Error).message, 'all 0 places of the pool are taken');
  assert.is(pool.has(g), false);
  assert.is(yield* pool.waitAvailable({ timeout: 1 }), 0);
});

pools('discard of a member that waits: it is not killed, joined or counted any more', function* () {
  const group = new Group();
  const g = group.spawn(() => sleep(2));
  group.discard(g);
  group.discard(g);
  assert.is(yield* group.join(), true);
  assert.is(g.dead, false);
  yield* group.kill();
  yield* g;
});

pools('killone of one that has not begun: it never does, and leaves', function* () {
  const group = new Group();
  const g = group.spawn(() => assert.unreachable());
  yield* group.killone(g);
  yield* sleep(0);
  assert.is(group.size, 0);
  assert.instance(g.value, GreenletExit);
});

pools('apply takes plain, async and generator functions, and whatever can be waited for', function* () {
  const pool = new Pool(1);
  const queue = new Queue<number>(null, [4]);
  assert.is(yield* pool.apply((n: number) => n, [1]), 1);
  assert.is(yield* pool.apply(async (n: number) => n, [2]), 2);
  assert.is(
    yield* pool.apply(
      function* (n: number) {
        yield* sleep(0);
        return n;
      },
      [3],
    ),
    3,
  );
  assert.is(yield* pool.apply(() => queue.get()), 4);
  assert.is(yield* pool.applyAsync(() => until(Promise.resolve(5))), 5);
});

const others = suite('test__semaphore, test__joinall, test__killall');

others('a semaphore tells its links on each release (test_release_twice)', function* () {
  const log = new Log();
  const semaphore = new Semaphore();
  semaphore.rawlink(() => log.add('a'));
  semaphore.release();
  semaphore.rawlink(() => log.add('b'));
  semaphore.release();
  yield* sleep(0);
  assert.is(log.take(), 'a, b');
  assert.is(semaphore.counter, 3);
});

others('a rawlink to a free semaphore and to a free RLock is told', function* () {
  const log = new Log();
  new Semaphore(1).rawlink(() => log.add('semaphore'));
  new RLock().rawlink(() => log.add('lock'));
  yield* sleep(0);
  assert.is(log.take(), 'semaphore, lock');
});

others('a permit that a link takes is not there for the next in line', function* () {
  const semaphore = new Semaphore(0);
  semaphore.rawlink(() => semaphore.counter--);
  const waiter = spawn(() => semaphore.acquire());
  yield* sleep(0);
  semaphore.release();
  yield* sleep(0);
  assert.is(waiter.dead, false);
  semaphore.release();
  assert.is(yield* waiter, true);
});

others('wait of a semaphore gives what is free, which somebody may take before', function* () {
  const semaphore = new Semaphore(0);
  const taker = spawn(() => semaphore.acquire());
  const waiter = spawn(() => semaphore.wait());
  yield* sleep(0);
  semaphore.release();
  semaphore.release();
  yield* taker;
  assert.is(yield* waiter, 1);
});

others(
  'joinall of nothing, of the ended, and of duplicates returns at once',
  { switches: false },
  function* () {
    assert.equal(yield* joinall([]), []);
    assert.equal(yield* wait([]), []);
    yield* killall([]);
  },
);

others('a killall of greenlets in every state leaves all of them dead', function* () {
  const all: Greenlet<unknown>[] = [];
  for (const make of Object.values(states)) all.push((yield* make()) as Greenlet<unknown>);
  yield* killall(all);
  assert.is(
    all.every((g) => g.dead),
    true,
  );
  for (const kind of [killall(all, { block: false }), yield* killall(all, { timeout: 0 })])
    assert.is(kind, undefined);
});

others('who waits for a lock, a queue and an event at once has all of them when it goes on', function* () {
  const event = new Event();
  const semaphore = new Semaphore(0);
  const result = new AsyncResult<number>();
  const waiter = spawn(() => wait([event, semaphore, result]));
  yield* sleep(0);
  result.set(1);
  semaphore.release();
  event.set();
  assert.equal(yield* waiter, [result, semaphore, event]);
});

for (const test of [greenlets, raw, pools, others]) test.run();
