/**
 * What every wait of the package is held to, written once: a timeout around it is never lost, a kill is never lost, and
 * afterwards nobody is left in the line of what it waited for. And what it gives when it is not cut short is the same
 * under `yield*`, `await` and a second time.
 */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub, withVirtualTime } from '@switchyard/hub';
import { Block, hub } from '@switchyard/hub/core';
import {
  all,
  AsyncResult,
  Barrier,
  BoundedSemaphore,
  Channel,
  Condition,
  type Coroutine,
  Event,
  type Greenlet,
  GreenletExit,
  Group,
  iwait,
  joinall,
  JoinableQueue,
  killall,
  LifoQueue,
  Lock,
  Pool,
  PriorityQueue,
  Queue,
  race,
  RLock,
  Semaphore,
  settled,
  SimpleQueue,
  sleep,
  spawn,
  Timeout,
  until,
  wait,
  type Waitable,
  withTimeout,
} from '../src/index.ts';

/** Something to wait for that does not come by itself. */
interface Case {
  /** The wait, made anew each time. */
  wait(): Waitable<unknown>;
  /** Has it come. */
  finish(): void;
  /** How many stand in the lines of what it waits for. */
  waiters?(): number;
  /** Ends what it needed. */
  clean?(): Coroutine;
  /** What it gives, if that can be said. */
  gives?: unknown;
  /** It is over with the first one who waited. */
  once?: boolean;
  /** Only one may wait at a time. */
  single?: boolean;
}

/** A greenlet that ends when it is told to, and survives `kills` kills. */
function held(kills = 0): { g: Greenlet<string>; release(): void } {
  const event = new Event();
  const g = spawn(function* () {
    for (let n = 0; ; n++) {
      try {
        yield* event.wait();
        return 'ended';
      } catch (error) {
        if (n >= kills) throw error;
      }
    }
  });
  return { g, release: () => event.set() };
}

function greenletCase(of: (g: Greenlet<string>) => Waitable<unknown>, gives?: unknown): () => Case {
  return () => {
    const { g, release } = held();
    return { wait: () => of(g), finish: release, clean: () => g.kill() as unknown as Coroutine, gives };
  };
}

function toughCase(
  of: (g: Greenlet<string>, pool: Pool) => Coroutine<Waitable<unknown>>,
): () => Coroutine<Case> {
  return function* () {
    const { g, release } = held(100);
    const pool = new Pool();
    yield* pool.add(g);
    yield* sleep(0);
    const first = yield* of(g, pool);
    let given = false;
    return {
      wait: () => {
        if (given) return g.join() as unknown as Waitable<unknown>;
        given = true;
        return first;
      },
      finish: release,
      clean: () => killall([g]) as unknown as Coroutine,
    };
  };
}

function semaphoreCase(
  Kind: typeof Semaphore,
  verb: 'acquire' | 'hold' | 'wait',
  options?: object,
): () => Case {
  return () => {
    const semaphore = new Kind(1);
    semaphore.counter = 0;
    return {
      wait: () => (semaphore[verb] as (given?: object) => Waitable<unknown>)(options),
      finish: () => void semaphore.release(),
      waiters: () => semaphore.linkcount(),
      once: verb !== 'wait',
    };
  };
}

function queueCase(Kind: typeof SimpleQueue, verb: 'get' | 'peek' | 'put', options?: object): () => Case {
  return () => {
    const queue = new Kind<string>(1);
    if (verb === 'put') queue.putNowait('in the way');
    return {
      wait: () => (verb === 'put' ? queue.put('item', options) : queue[verb](options)) as Waitable<unknown>,
      finish: () => void (verb === 'put' ? queue.getNowait() : queue.putNowait('item')),
      waiters: () => queue.getters.length + queue.putters.length,
      gives: verb === 'put' ? undefined : 'item',
      once: verb !== 'peek',
    };
  };
}

/** A lock that somebody else holds. */
function lockCase<L extends Lock | RLock>(of: (lock: L) => Waitable<unknown>, lock: L): Case {
  const owner = new Event();
  const g = spawn(function* () {
    yield* lock.acquire();
    yield* owner.wait();
    lock.release();
  });
  return {
    wait: () =>
      new Block('a lock', function* () {
        yield* sleep(0);
        return yield* of(lock);
      }),
    finish: () => owner.set(),
    waiters: () => lock.linkcount(),
    clean: () => killall([g]) as unknown as Coroutine,
    once: true,
  };
}

function conditionCase(of: (condition: Condition) => Waitable<unknown>): () => Case {
  return () => {
    const condition = new Condition();
    return {
      wait: () =>
        new Block('a condition', function* () {
          using held = yield* condition.hold();
          void held;
          return yield* of(condition);
        }),
      finish: () =>
        void spawn(function* () {
          using held = yield* condition.hold();
          void held;
          condition.notifyAll();
        }),
      waiters: () => (condition.lock.locked() ? 1 : 0),
      gives: true,
      once: true,
    };
  };
}

function barrierCase(options?: { timeout: number }): Case {
  const barrier = new Barrier(2);
  return {
    wait: () =>
      new Block('a barrier', function* () {
        // Whoever was cut short before has broken it.
        if (barrier.broken) barrier.reset();
        return yield* barrier.wait(options);
      }),
    finish: () => void (barrier.nWaiting === 0 ? barrier.reset() : spawn(() => barrier.wait())),
    waiters: () => barrier.nWaiting,
    gives: 0,
    once: true,
    // One that is cut short ends it for the others.
    single: true,
  };
}

function channelCase(verb: 'get' | 'put', options?: object): Case {
  const channel = new Channel<string>();
  return {
    wait: () => (verb === 'put' ? channel.put('item', options) : channel.get(options)) as Waitable<unknown>,
    finish() {
      if (channel.balance > 0) channel.getNowait();
      else if (channel.balance < 0) channel.putNowait('item');
    },
    waiters: () => channel.getters.length + channel.offers.length,
    gives: verb === 'put' ? undefined : 'item',
    once: true,
  };
}

/** What an object that is linked is waited for with. */
function linkedCase(of: (event: Event) => Waitable<unknown>): () => Case {
  return () => {
    const event = new Event();
    return { wait: () => of(event), finish: () => event.set(), waiters: () => event.linkcount() };
  };
}

function fullPoolCase(of: (pool: Pool) => Waitable<unknown>, gives?: unknown): () => Coroutine<Case> {
  return function* () {
    const pool = new Pool(1);
    const { g, release } = held();
    yield* pool.add(g);
    yield* sleep(0);
    return {
      wait: () => of(pool),
      finish: release,
      clean: function* () {
        yield* pool.kill();
      },
      gives,
    };
  };
}

const LONG = { timeout: 100_000 };
/** A function whose end has to be waited for, gone when it is killed. */
const endless = (): ReturnType<typeof sleep> => sleep(Infinity);

const cases: Record<string, () => Case | Coroutine<Case>> = {
  sleep: () => ({ wait: () => sleep(500), finish: () => undefined }),
  'Greenlet.join': greenletCase((g) => g.join()),
  'Greenlet.join, limited': greenletCase((g) => g.join(LONG)),
  'Greenlet.get': greenletCase((g) => g.get(), 'ended'),
  'Greenlet.get, limited': greenletCase((g) => g.get(LONG), 'ended'),
  'a greenlet itself': greenletCase((g) => g as Waitable<unknown>, 'ended'),
  'Greenlet.kill': toughCase(function* (g) {
    return g.kill();
  }),
  'Greenlet.kill, limited': toughCase(function* (g) {
    return g.kill(LONG);
  }),
  killall: toughCase(function* (g) {
    return killall([g]);
  }),
  'killall, limited': toughCase(function* (g) {
    return killall([g], LONG);
  }),
  'Group.kill': toughCase(function* (_g, pool) {
    return pool.kill();
  }),
  'Group.kill, limited': toughCase(function* (_g, pool) {
    return pool.kill(LONG);
  }),
  'Group.killone': toughCase(function* (g, pool) {
    return pool.killone(g);
  }),
  joinall: greenletCase((g) => joinall([g])),
  'joinall, limited': greenletCase((g) => joinall([g, g], { ...LONG, count: 2, raiseError: true })),
  wait: linkedCase((event) => wait([event])),
  'wait, limited': linkedCase((event) => wait([event], LONG)),
  'iwait.next': () => {
    const event = new Event();
    const it = iwait([event]);
    return {
      wait: () => it.next(),
      finish: () => event.set(),
      // The iteration itself stays linked until it is left.
      clean: function* () {
        void it.return();
        assert.is(event.linkcount(), 0);
      },
      once: true,
      single: true,
    };
  },
  'Event.wait': linkedCase((event) => event.wait()),
  'Event.wait, limited': linkedCase((event) => event.wait(LONG)),
  ...Object.fromEntries(
    (['get', 'wait'] as const).flatMap((verb) =>
      [undefined, LONG].map((options) => [
        `AsyncResult.${verb}${options === undefined ? '' : ', limited'}`,
        (): Case => {
          const result = new AsyncResult<string>();
          return {
            wait: () => result[verb](options),
            finish: () => result.set('value'),
            waiters: () => result.linkcount(),
            gives: 'value',
          };
        },
      ]),
    ),
  ),
  'Semaphore.acquire': semaphoreCase(Semaphore, 'acquire'),
  'Semaphore.acquire, limited': semaphoreCase(Semaphore, 'acquire', LONG),
  'Semaphore.hold': semaphoreCase(Semaphore, 'hold'),
  'Semaphore.wait': semaphoreCase(Semaphore, 'wait'),
  'Semaphore.wait, limited': semaphoreCase(Semaphore, 'wait', LONG),
  'BoundedSemaphore.acquire': semaphoreCase(BoundedSemaphore, 'acquire'),
  'BoundedSemaphore.hold': semaphoreCase(BoundedSemaphore, 'hold'),
  'Lock.acquire': () => lockCase((lock) => lock.acquire(), new Lock()),
  'Lock.hold': () => lockCase((lock) => lock.hold(), new Lock()),
  'RLock.acquire': () => lockCase((lock) => lock.acquire(), new RLock()),
  'RLock.acquire, limited': () => lockCase((lock) => lock.acquire(LONG), new RLock()),
  'RLock.hold': () => lockCase((lock) => lock.hold(), new RLock()),
  'Condition.wait': conditionCase((condition) => condition.wait()),
  'Condition.wait, limited': conditionCase((condition) => condition.wait(LONG)),
  'Condition.waitFor': () => {
    let so = false;
    const one = conditionCase((condition) => condition.waitFor(() => so))();
    return {
      ...one,
      finish() {
        so = true;
        one.finish();
      },
    };
  },
  'Barrier.wait': () => barrierCase(),
  'Barrier.wait, limited': () => barrierCase(LONG),
  'Channel.get': () => channelCase('get'),
  'Channel.get, limited': () => channelCase('get', LONG),
  'Channel.put': () => channelCase('put'),
  'Channel.put, limited': () => channelCase('put', LONG),
  ...Object.fromEntries(
    [SimpleQueue, Queue, JoinableQueue, LifoQueue, PriorityQueue].flatMap((Kind) =>
      (['get', 'peek', 'put'] as const).flatMap((verb) =>
        [undefined, LONG].map((options) => [
          `${Kind.name}.${verb}${options === undefined ? '' : ', limited'}`,
          queueCase(Kind as typeof SimpleQueue, verb, options),
        ]),
      ),
    ),
  ),
  'JoinableQueue.join': () => {
    const queue = new JoinableQueue<number>(null, [1]);
    return { wait: () => queue.join(), finish: () => queue.taskDone() };
  },
  'Group.join': () => {
    const group = new Group();
    const { g, release } = held();
    group.add(g);
    return {
      wait: () => group.join(),
      finish: release,
      clean: function* () {
        yield* group.kill();
      },
      gives: true,
    };
  },
  'Group.join that raises': () => {
    const group = new Group();
    const { g, release } = held();
    group.add(g);
    return {
      wait: () => group.join({ raiseError: true, ...LONG }),
      finish: release,
      clean: function* () {
        yield* group.kill();
      },
      gives: true,
    };
  },
  'Pool.spawn': fullPoolCase((pool) => pool.spawn(() => 1)),
  'Pool.add': fullPoolCase((pool) => pool.add(spawn(() => 1))),
  'Pool.waitAvailable': fullPoolCase((pool) => pool.waitAvailable()),
  'Pool.apply that waits for room': fullPoolCase((pool) => pool.apply(() => 1), 1),
  'Pool.map that waits for room': fullPoolCase((pool) => pool.map((n: number) => n, [1, 2]), undefined),
  'Pool.imap.next': () => {
    const pool = new Pool(1);
    const event = new Event();
    const it = pool.imap(() => event.wait(), [1, 2, 3]);
    return {
      wait: () => it.next(),
      finish: () => event.set(),
      waiters: () => Math.max(0, event.linkcount() - 1),
      clean: function* () {
        void it.return();
        yield* pool.join();
      },
      once: true,
    };
  },
  all: linkedCase((event) => all([event.wait(), event.wait()])),
  race: linkedCase((event) => race([event.wait(), endless()])),
  settled: linkedCase((event) => settled([event.wait(), event.wait()])),
  'withTimeout around a wait': linkedCase((event) => withTimeout(100_000, event.wait())),
  'a wait in a coroutine in a withTimeout': linkedCase((event) =>
    withTimeout(100_000, function* () {
      try {
        yield* event.wait();
      } finally {
        yield* sleep(0);
      }
    }),
  ),
  until: () => {
    let resolve: () => void;
    const promise = new Promise<void>((done) => (resolve = done));
    return { wait: () => until(promise), finish: () => resolve() };
  },
};

/** The case, whose making may itself have to wait. */
function* made(make: () => Case | Coroutine<Case>): Coroutine<Case> {
  const one = make();
  return 'wait' in one ? one : yield* one;
}

function* ended(one: Case): Coroutine {
  assert.is(one.waiters?.() ?? 0, 0, 'somebody is left in the line');
  if (one.clean !== undefined) yield* one.clean();
  yield* sleep(0);
  assert.is(hub.timers.size, 0, 'a timer is left running');
}

const timeouts = suite('an outer timeout is never lost');
const kills = suite('a kill is never lost');
const values = suite('what a wait gives');

for (const [name, make] of Object.entries(cases)) {
  timeouts(name, () =>
    withVirtualTime(function* () {
      const one = yield* made(make);
      for (let n = 0; n < 2; n++) {
        using timeout = Timeout.start(10);
        let thrown: unknown = 'nothing';
        const started = getHub().now();
        try {
          yield* one.wait();
        } catch (error) {
          thrown = error;
        }
        assert.is(thrown, timeout);
        assert.is(getHub().now() - started, 10);
        assert.is(one.waiters?.() ?? 0, 0);
      }
      // A timeout of its own kind is told from the other.
      if (name !== 'sleep') {
        const value = yield* withTimeout(10, () => one.wait(), { value: 'late' });
        assert.is(value, 'late');
      }
      one.finish();
      yield* ended(one);
    }),
  );

  kills(name, () =>
    withVirtualTime(function* () {
      const one = yield* made(make);
      const log: unknown[] = [];
      function* waiter(): Coroutine {
        try {
          yield* one.wait();
          log.push('went on');
        } catch (error) {
          log.push((error as Error).name);
          // A cleanup may wait, and may be killed while it does.
          yield* sleep(5);
          throw error;
        }
      }
      const error = new RangeError('killed');
      const verbs: ((g: Greenlet<void>) => Waitable<unknown>)[] = [
        (g) => g.kill(),
        (g) => killall([g], { error }),
        (g) => withTimeout(1000, () => g.kill(new SyntaxError('third'))),
      ];
      const waiters: Greenlet<void>[] = [];
      if (one.single !== true) for (const _ of verbs) waiters.push(spawn(waiter));
      for (const [at, verb] of verbs.entries()) {
        const g = (waiters[at] ??= spawn(waiter));
        yield* sleep(1);
        assert.is(g.active, true, 'it waits');
        yield* verb(g);
      }
      assert.equal(log, ['GreenletExit', 'RangeError', 'SyntaxError']);
      assert.instance(waiters[0]!.value, GreenletExit);
      assert.is(waiters[1]!.exception, error);
      one.finish();
      yield* ended(one);
    }),
  );

  values(name, () =>
    withVirtualTime(function* () {
      const one = yield* made(make);
      const yielded = spawn(() => one.wait());
      yield* sleep(1);
      assert.is(yielded.dead, false, 'it waits');
      one.finish();
      const value: unknown = yield* yielded;
      if (one.gives !== undefined) assert.is(value, one.gives);
      if (one.once !== true && name !== 'sleep') {
        // It has come: whoever waits now does not wait long, and gets the same.
        const again: unknown = yield* spawn(() => one.wait());
        const awaited = yield* until(Promise.resolve(one.wait()));
        if (typeof value !== 'object') {
          assert.is(again, value);
          assert.is(awaited, value);
        }
      }
      yield* ended(one);
    }),
  );
}

timeouts.run();
kills.run();
values.run();
