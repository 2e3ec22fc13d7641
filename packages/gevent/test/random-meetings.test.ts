/**
 * Random programs on channels, locks, conditions and barriers: greenlets meet, give up after a time and are killed at any
 * moment, some hundreds of programs in virtual time, the same ones in every run. No item comes twice, none that was
 * given is lost, no notification is lost, every lock is free in the end, and nobody waits for ever.
 */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { withVirtualTime } from '@switchyard/hub';
import {
  Barrier,
  BrokenBarrierError,
  Channel,
  Condition,
  type Coroutine,
  type Greenlet,
  isInterrupt,
  killall,
  Lock,
  PriorityQueue,
  RLock,
  ShutDown,
  sleep,
  spawn,
  withTimeout,
} from '../src/index.ts';

const SEEDS = 100;

/** Whole numbers below a limit that are the same in every run. */
function seeded(seed: number): (limit: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 8) * limit) >>> 24;
  };
}

/** Waits as things go: for ever, or with a limit around it; what is thrown by the limit or a kill is no failure. */
function* anyhow<T>(below: (limit: number) => number, body: () => Coroutine<T>): Coroutine<T | undefined> {
  if (below(3) > 0) return yield* body();
  return yield* withTimeout(below(4), body, { value: undefined });
}

/** Kills some of them, now and then. */
function* killSome(below: (limit: number) => number, victims: Greenlet<unknown>[]): Coroutine {
  for (let n = 0; n < victims.length; n++) {
    if (below(4) === 0) victims[below(victims.length)]?.kill({ block: false });
    if (below(2) === 0) yield* sleep(below(3));
  }
}

/** What it ends with, if that is neither its value nor an interrupt. */
function failure(greenlet: Greenlet<unknown>): unknown {
  const error: unknown = greenlet.exception;
  return isInterrupt(error) || error instanceof ShutDown ? undefined : error;
}

function* allEnd(greenlets: Greenlet<unknown>[]): Coroutine {
  for (const greenlet of greenlets) {
    yield* greenlet.join();
    assert.is(failure(greenlet), undefined);
  }
}

function* channels(below: (limit: number) => number): Coroutine {
  const channel = new Channel<number>();
  const given: number[] = [];
  const got: number[] = [];
  const senders = Array.from({ length: 6 }, (_, sender) =>
    spawn(function* () {
      for (let n = 0; n < 6; n++) {
        const item = sender * 100 + n;
        yield* anyhow(below, function* () {
          if (below(5) === 0) {
            if (channel.balance >= 0) return;
            channel.putNowait(item);
          } else yield* channel.put(item);
          given.push(item);
        });
      }
    }),
  );
  const receivers = Array.from({ length: 6 }, () =>
    spawn(function* () {
      for (let n = 0; n < 6; n++) {
        yield* anyhow(below, function* () {
          if (below(5) > 0) got.push(yield* channel.get());
          else if (channel.balance > 0) got.push(channel.getNowait());
        });
        if (below(3) === 0) yield* sleep(below(3));
      }
    }),
  );
  const all = [...senders, ...receivers];
  yield* killSome(below, all);
  yield* sleep(20);
  // What was handed to one who was killed then is still there.
  while (channel.balance > 0) got.push(channel.getNowait());
  yield* sleep(20);
  channel.shutdown({ immediate: below(2) === 0 });
  yield* allEnd(all);
  assert.is(new Set(got).size, got.length, 'an item came twice');
  const missing = given.filter((item) => !got.includes(item));
  assert.equal(missing, [], 'given, and never got');
}

function* locks(below: (limit: number) => number): Coroutine {
  for (const lock of [new Lock(), new RLock()]) {
    let inside: object | null = null;
    const all = Array.from({ length: 8 }, () =>
      spawn(function* () {
        const me = {};
        for (let n = 0; n < 4; n++) {
          yield* anyhow(below, function* () {
            using _held = yield* lock.hold();
            if (lock instanceof RLock && below(2) === 0) {
              using _again = yield* lock.hold();
            }
            assert.is(inside, null, 'two at once');
            inside = me;
            try {
              yield* sleep(below(2));
            } finally {
              inside = null;
            }
          });
        }
      }),
    );
    yield* killSome(below, all);
    yield* allEnd(all);
    assert.is(lock.locked(), false);
    assert.is(lock.linkcount(), 0);
  }
}

function* conditions(below: (limit: number) => number): Coroutine {
  const condition = new Condition(below(2) === 0 ? new Lock() : new RLock());
  let [items, waiting, taken] = [0, 0, 0];
  // One that gives up by itself, or looks again for a second item, finds what a lost notification was for.
  const patient = below(2) === 0;
  const consumers = Array.from({ length: patient ? 30 : 12 }, () =>
    spawn(function* () {
      for (let n = 0; n < (patient ? 1 : 4); n++) {
        yield* anyhow(patient ? () => 1 : below, function* () {
          using _held = yield* condition.hold();
          while (items === 0) {
            waiting++;
            try {
              yield* condition.wait({ timeout: patient || below(3) > 0 ? null : below(5) });
            } finally {
              waiting--;
            }
          }
          items--;
          taken++;
        });
      }
    }),
  );
  let put = 0;
  yield* sleep(0);
  for (let n = 0; n < 12; n++) {
    using _held = yield* condition.hold();
    items++;
    put++;
    condition.notify();
    // One of the first may just have been notified.
    if (below(2) === 0) consumers[below(2 + n)]?.kill({ block: false });
    if (below(2) === 0) yield* sleep(below(3));
  }
  yield* sleep(50);
  assert.ok(items === 0 || waiting === 0, `${items} items, and ${waiting} wait for one`);
  assert.is(items + taken, put);
  yield* killall(consumers);
  yield* allEnd(consumers);
  assert.is(condition.lock.locked(), false);
}

function* barriers(below: (limit: number) => number): Coroutine {
  const parties = 2 + below(3);
  let [came, rounds] = [0, 0];
  const barrier = new Barrier(parties, {
    *action() {
      rounds++;
      assert.is(barrier.nWaiting, parties - 1, 'the others are there');
      if (below(2) === 0) yield* sleep(1);
    },
  });
  const passed: number[] = [];
  const all = Array.from({ length: parties * 2 }, () =>
    spawn(function* () {
      for (let n = 0; n < 4; n++) {
        yield* anyhow(below, function* () {
          try {
            came++;
            passed.push(yield* barrier.wait({ timeout: below(3) === 0 ? below(5) : null }));
          } catch (error) {
            if (!(error instanceof BrokenBarrierError)) throw error;
            barrier.reset();
          }
        });
      }
    }),
  );
  yield* killSome(below, all);
  yield* sleep(50);
  barrier.abort();
  yield* sleep(5);
  for (const greenlet of all) if (!greenlet.dead) barrier.abort();
  yield* killall(all);
  yield* allEnd(all);
  assert.is(barrier.nWaiting, 0);
  assert.ok(
    passed.length <= rounds * parties && passed.length <= came,
    `${passed.length} passed in ${rounds} rounds`,
  );
}

function* priorities(below: (limit: number) => number): Coroutine {
  const queue = new PriorityQueue<number>(1 + below(4));
  const given: number[] = [];
  const got: number[] = [];
  const all = Array.from({ length: 10 }, (_, at) =>
    spawn(function* () {
      for (let n = 0; n < 5; n++) {
        yield* anyhow(below, function* () {
          if (at % 2 === 0) {
            const item = below(1000) + (at * 10 + n) / 1000;
            yield* queue.put(item);
            given.push(item);
          } else got.push(yield* queue.get());
        });
      }
    }),
  );
  yield* killSome(below, all);
  yield* sleep(20);
  queue.shutdown();
  yield* sleep(5);
  let last = -1;
  while (!queue.empty()) {
    const item = queue.getNowait();
    assert.ok(item > last, `${item} behind ${last}`);
    last = item;
    got.push(item);
  }
  yield* killall(all);
  yield* allEnd(all);
  assert.equal(
    got.toSorted((a, b) => a - b),
    given.toSorted((a, b) => a - b),
  );
}

const test = suite('random meetings');

for (const [name, program] of Object.entries({ channels, locks, conditions, barriers, priorities })) {
  test(`${name}, ${SEEDS} programs`, { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        await withVirtualTime(() => program(seeded(seed)));
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
  });
}

test.run();
