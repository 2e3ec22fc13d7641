import { type Coroutine, getHub, sleep, type Waitable, withTimeout } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import type { Member, WorkerBody } from './crew.ts';
import type { Case, CaseBody, Contract } from './contract.ts';
import { type Scene, thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** How to acquire, as every lock of the house takes it. */
export interface AcquireLike {
  timeout?: number | null | undefined;
  blocking?: boolean;
}

/** What every lock and semaphore has. */
export interface MutexLike {
  acquire(options?: AcquireLike): Waitable<boolean>;
  release(): unknown;
  hold(): Waitable<Disposable>;
}

/** A lock that one at a time may have. */
export interface MutexAdapter extends World {
  /** Makes a free one. */
  make(): MutexLike;
  /** What greenlets of one thread are to the lock: each on its own, or all the same holder. */
  readonly holders?: 'greenlets' | 'threads';
  /** Whether those who wait in one thread get it in the order in which they came; they do unless told. */
  readonly fifo?: boolean;
}

/** How long those who are to give up wait, in milliseconds. */
const SHORT = 60;

export const mutexBodies = {
  /** Takes it and gives it back, and says in the tally when it waits and when it is through. */
  *mutexPass(_index: number, lock: MutexLike, tally: Tally): Coroutine<boolean> {
    count(tally, 0);
    const got = yield* lock.acquire();
    count(tally, 1);
    lock.release();
    return got;
  },

  /** Takes it if it is free. */
  *mutexTry(_index: number, lock: MutexLike): Coroutine<boolean> {
    const got = yield* lock.acquire({ blocking: false });
    if (got) lock.release();
    return got;
  },

  /** Waits for it for some time: what came of that, and after how long. */
  *mutexLimited(
    _index: number,
    lock: MutexLike,
    timeout: number,
    tally: Tally,
  ): Coroutine<[boolean, number]> {
    count(tally, 0);
    const [got, elapsed] = yield* timed<boolean>(lock.acquire({ timeout }));
    if (got) lock.release();
    return [got, elapsed];
  },

  /** Gives back what another one has taken: the name of the error. */
  *mutexRelease(_index: number, lock: MutexLike): Coroutine<string> {
    return yield* thrown(() => lock.release());
  },

  /** Takes it, and keeps it until slot 1 is counted up. */
  *mutexKeep(_index: number, lock: MutexLike, tally: Tally): Coroutine {
    yield* lock.acquire();
    count(tally, 0);
    while (read(tally, 1) === 0) yield* sleep(1);
    lock.release();
  },

  /** Adds to slot 0 in two steps with a wait between them: returns how often it was not alone with the lock. */
  *mutexCritical(_index: number, lock: MutexLike, tally: Tally, rounds: number): Coroutine<number> {
    let met = 0;
    for (let round = 0; round < rounds; round++) {
      yield* lock.acquire();
      if (count(tally, 1) !== 1) met++;
      const before = read(tally, 0);
      if (round % 4 === 0) yield* sleep(0);
      count(tally, 0, before + 1 - read(tally, 0));
      count(tally, 1, -1);
      lock.release();
      if (round % 8 === 0) yield* sleep(0);
    }
    return met;
  },
} satisfies Record<string, WorkerBody>;

/** A case for locks that greenlets of one thread hold each on its own. */
function amongGreenlets(body: CaseBody<MutexAdapter>, ordered = false): Case<MutexAdapter> {
  return {
    when: (adapter) => adapter.holders !== 'threads' && (!ordered || adapter.fifo !== false),
    body,
  };
}

function* isFree(scene: Scene, lock: MutexLike): Coroutine {
  assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [true], 'it is free');
}

/** What a lock promises, whether or not its holder may take it again. */
export const mutexContract: Contract<MutexAdapter> = {
  *'taken and given back: acquire says true'({ make }, scene) {
    const lock = make();
    assert.is(yield* lock.acquire(), true);
    lock.release();
    assert.is(yield* lock.acquire({ blocking: false }), true);
    lock.release();
    assert.is(yield* lock.acquire({ timeout: 1000 }), true);
    lock.release();
    assert.is(yield* lock.acquire({ timeout: null }), true);
    lock.release();
    yield* isFree(scene, lock);
  },

  *'L01: acquire without blocking of a lock that another has says false'({ make }, scene) {
    const lock = make();
    yield* lock.acquire();
    assert.equal(yield* scene.crew(3, 'mutexTry', lock).results(), [false, false, false]);
    lock.release();
    yield* isFree(scene, lock);
  },

  'a free one is taken without parking': {
    when: (adapter) => adapter.remote !== true,
    *body({ make }) {
      const lock = make();
      const before = getHub().switches;
      yield* lock.acquire();
      lock.release();
      assert.is(getHub().switches, before);
    },
  },

  *'a wait that is made twice acts twice'({ make }, scene) {
    const lock = make();
    const attempt = lock.acquire({ blocking: false });
    assert.is(yield* attempt, true);
    lock.release();
    assert.is(yield* attempt, true);
    lock.release();
    yield* isFree(scene, lock);
  },

  *'L02: five that wait for it all get it after one release'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    yield* lock.acquire();
    const crew = scene.crew(5, 'mutexPass', lock, tally);
    yield* scene.reaches(tally, 0, 5);
    assert.is(read(tally, 1), 0, 'nobody is through while it is held');
    lock.release();
    assert.equal(yield* crew.results(), [true, true, true, true, true]);
    yield* isFree(scene, lock);
  },

  *'fifteen, one after the other'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    yield* scene.crew(15, 'mutexPass', lock, tally).results();
    assert.is(read(tally, 1), 15);
    yield* isFree(scene, lock);
  },

  *'L04: a block that holds it gives it back at its end, also after an error'({ make }, scene) {
    const lock = make();
    function* critical(fail: boolean): Coroutine {
      using _held = yield* lock.hold();
      assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [false], 'it is held inside');
      if (fail) throw new TypeError('inside');
    }
    yield* critical(false);
    yield* isFree(scene, lock);
    assert.is(yield* thrown(() => critical(true)), 'TypeError');
    yield* isFree(scene, lock);
  },

  *'a time limit is waited for, and says false'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    yield* lock.acquire();
    const results = yield* scene.crew(2, 'mutexLimited', lock, SHORT, tally).results();
    for (const [got, elapsed] of results as [boolean, number][]) {
      assert.is(got, false);
      scene.took(elapsed, SHORT);
    }
    const [[got, elapsed]] = (yield* scene.crew(1, 'mutexLimited', lock, 0, tally).results()) as [
      [boolean, number],
    ];
    assert.is(got, false, 'no time at all');
    scene.took(elapsed, 0);
    lock.release();
    yield* isFree(scene, lock);
  },

  *'one that comes free in time is got, and the limit is not waited for'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    yield* lock.acquire();
    const crew = scene.crew(3, 'mutexLimited', lock, 7000, tally);
    yield* scene.reaches(tally, 0, 3);
    lock.release();
    for (const [got, elapsed] of (yield* crew.results()) as [boolean, number][]) {
      assert.is(got, true);
      assert.ok(elapsed < 7000, `it took ${elapsed} ms`);
    }
  },

  *'what is no time limit is refused'({ make }) {
    const lock = make();
    for (const timeout of [-1, Number.NaN, '5' as never]) {
      const name = yield* thrown(() => lock.acquire({ timeout }));
      assert.ok(name === 'TypeError' || name === 'RangeError', `timeout ${timeout}: ${name}`);
    }
    assert.is(yield* lock.acquire({ blocking: false }), true, 'nothing was taken');
    lock.release();
  },

  *'one at a time: five workers count in two steps, and no step is lost'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    const met = yield* scene.crew(5, 'mutexCritical', lock, tally, 40).results();
    assert.equal(met, [0, 0, 0, 0, 0], 'meetings inside');
    assert.is(read(tally, 0), 200);
    yield* isFree(scene, lock);
  },

  'those who wait get it in the order in which they came': amongGreenlets(function* ({ make }, scene) {
    const lock = make();
    const order: number[] = [];
    yield* lock.acquire();
    const members = [1, 2, 3, 4, 5].map((n) =>
      scene.start(function* () {
        using _held = yield* lock.hold();
        order.push(n);
        yield* sleep(0);
      }),
    );
    yield* scene.settle();
    assert.equal(order, []);
    lock.release();
    for (const member of members) yield* member.outcome();
    assert.equal(order, [1, 2, 3, 4, 5]);
  }, true),

  'one that is killed while it waits takes nothing with it': amongGreenlets(function* ({ make }, scene) {
    const lock = make();
    yield* lock.acquire();
    const victims = [1, 2].map(() => scene.start(() => lock.acquire()));
    const next = scene.start(() => lock.acquire());
    yield* scene.settle();
    for (const victim of victims) victim.kill();
    for (const victim of victims) assert.is(yield* thrown(() => victim.outcome()), 'Killed');
    assert.is(next.done, false);
    lock.release();
    assert.is(yield* next.outcome(), true);
  }),

  'one that is killed as the lock comes free passes it on': {
    // The one that gets it ends without giving it back, which only a lock without an owner survives.
    when: (adapter) => adapter.holders !== 'threads',
    *body({ make }, scene) {
      for (const killFirst of [true, false]) {
        const lock = make();
        yield* lock.acquire();
        const victim = scene.start(function* () {
          using _held = yield* lock.hold();
          yield* sleep(7000);
        });
        const next = scene.start(function* () {
          using _held = yield* lock.hold();
          return 'got it';
        });
        yield* scene.settle();
        if (killFirst) victim.kill();
        lock.release();
        if (!killFirst) victim.kill();
        assert.is(yield* next.outcome(), 'got it');
        assert.is(yield* thrown(() => victim.outcome()), 'Killed');
        yield* isFree(scene, lock);
      }
    },
  },

  'a Timeout around the wait is thrown when it is due, and leaves the lock as it is': amongGreenlets(
    function* ({ make }, scene) {
      const lock = make();
      yield* lock.acquire();
      const member = scene.start(function* () {
        assert.is(yield* thrown(() => withTimeout(SHORT, () => lock.acquire())), 'Timeout');
        const [outcome, elapsed] = yield* timed<unknown>(
          withTimeout(SHORT, () => lock.acquire({ timeout: 7000 }), { value: 'late' }),
        );
        assert.is(outcome, 'late', 'the outer time is up first');
        scene.took(elapsed, SHORT);
        return yield* withTimeout(7000, () => lock.acquire({ timeout: SHORT }));
      });
      assert.is(yield* member.outcome(), false, 'its own time is up first');
      lock.release();
      yield* isFree(scene, lock);
    },
  ),

  'a release at the very time of a limit loses nothing': amongGreenlets(function* ({ make }, scene) {
    const lock = make();
    for (const early of [true, false]) {
      yield* lock.acquire();
      const wait = (): Member<void> =>
        scene.start(function* () {
          if (yield* lock.acquire({ timeout: SHORT })) lock.release();
        });
      const first = early ? wait() : null;
      const outer = scene.start(function* () {
        yield* withTimeout(
          SHORT,
          function* () {
            using _held = yield* lock.hold();
          },
          { value: undefined },
        );
      });
      yield* sleep(SHORT);
      lock.release();
      const last = early ? null : wait();
      for (const member of [first, outer, last]) if (member !== null) yield* member.outcome();
      yield* isFree(scene, lock);
    }
  }),
};
