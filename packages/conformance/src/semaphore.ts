import { type Coroutine, getHub, sleep, type Waitable, withTimeout } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Contract, hold } from './contract.ts';
import type { WorkerBody } from './crew.ts';
import type { MutexLike } from './mutex.ts';
import { thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** Python: `threading.Semaphore`. */
export interface SemaphoreLike extends MutexLike {
  release(n?: number): unknown;
}

export interface SemaphoreAdapter extends World {
  /** Makes one; without a value, it has one permit. */
  make(value?: number): SemaphoreLike;
  /** Whether it may be released no more often than it was acquired: a BoundedSemaphore. */
  readonly bounded: boolean;
  /** Whether `release(n)` is offered; it is unless told. */
  readonly releasesMany?: boolean;
  /** Whether those who wait in one thread are served in the order in which they came; they are unless told. */
  readonly fifo?: boolean;
}

const SHORT = 60;

export const semaphoreBodies = {
  /** Takes two permits, one after the other, and counts each. */
  *semaphoreTakeTwo(_index: number, semaphore: SemaphoreLike, tally: Tally): Coroutine<boolean[]> {
    const first = yield* semaphore.acquire();
    count(tally, 0);
    const second = yield* semaphore.acquire();
    count(tally, 0);
    return [first, second];
  },

  /** Tries twice, and keeps what it got. */
  *semaphoreTryTwo(_index: number, semaphore: SemaphoreLike): Coroutine<boolean[]> {
    return [yield* semaphore.acquire({ blocking: false }), yield* semaphore.acquire({ blocking: false })];
  },

  /** Goes in and out: the most that were inside at a time, as far as it saw. */
  *semaphoreCrowd(_index: number, semaphore: SemaphoreLike, tally: Tally, rounds: number): Coroutine<number> {
    let most = 0;
    for (let round = 0; round < rounds; round++) {
      using _held = yield* semaphore.hold();
      most = Math.max(most, count(tally, 0));
      yield* sleep(0);
      count(tally, 0, -1);
    }
    return most;
  },
} satisfies Record<string, WorkerBody>;

/** How many permits are free: takes them all, and gives them back. */
function* free(semaphore: SemaphoreLike): Coroutine<number> {
  let taken = 0;
  while (taken < 100 && (yield* semaphore.acquire({ blocking: false }))) taken++;
  for (let n = 0; n < taken; n++) semaphore.release();
  return taken;
}

const ordered = (adapter: SemaphoreAdapter): boolean => adapter.fifo !== false;

export const semaphoreCases: Contract<SemaphoreAdapter> = {
  *'S01: what is no number of permits is a RangeError'({ make }) {
    for (const value of [-1, -(2 ** 31), 1.5, Number.NaN]) {
      assert.is(yield* thrown(() => make(value)), 'RangeError', `${value}`);
    }
  },

  *'S01: one permit unless told, none if told'({ make }) {
    assert.is(yield* free(make()), 1);
    assert.is(yield* free(make(0)), 0);
    assert.is(yield* free(make(7)), 7);
  },

  *'S01: acquire without blocking counts down to false'({ make }) {
    const semaphore = make(2);
    assert.is(yield* semaphore.acquire({ blocking: false }), true);
    assert.is(yield* semaphore.acquire({ blocking: false }), true);
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
    semaphore.release();
    assert.is(yield* semaphore.acquire({ blocking: false }), true);
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
  },

  'a free permit is taken without parking': {
    when: (adapter) => adapter.remote !== true,
    *body({ make }) {
      const semaphore = make(2);
      const before = getHub().switches;
      yield* semaphore.acquire();
      yield* semaphore.acquire({ timeout: 100 });
      assert.is(getHub().switches, before);
    },
  },

  *'five that try twice for three permits get three'({ make }, scene) {
    const semaphore = make(4);
    yield* semaphore.acquire();
    const tries = (yield* scene.crew(5, 'semaphoreTryTwo', semaphore).results()) as boolean[][];
    assert.is(tries.flat().filter(Boolean).length, 3);
  },

  *'as many get on as there are permits, release by release'({ make }, scene) {
    const semaphore = make(7);
    const tally = scene.tally();
    yield* semaphore.acquire();
    const crew = scene.crew(10, 'semaphoreTakeTwo', semaphore, tally);
    yield* scene.reaches(tally, 0, 6);
    for (let n = 0; n < 7; n++) semaphore.release();
    yield* scene.reaches(tally, 0, 13);
    for (let n = 0; n < 6; n++) semaphore.release();
    yield* scene.reaches(tally, 0, 19);
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
    semaphore.release();
    const results = (yield* crew.results()) as boolean[][];
    assert.is(results.flat().filter(Boolean).length, 20);
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
  },

  'release(n) lets n of them on': {
    when: (adapter) => adapter.releasesMany !== false,
    *body({ make }, scene) {
      const semaphore = make(7);
      const tally = scene.tally();
      yield* semaphore.acquire();
      const crew = scene.crew(10, 'semaphoreTakeTwo', semaphore, tally);
      yield* scene.reaches(tally, 0, 6);
      semaphore.release(7);
      yield* scene.reaches(tally, 0, 13);
      semaphore.release(6);
      yield* scene.reaches(tally, 0, 19);
      semaphore.release();
      yield* crew.results();
      for (const n of [0, -1, 1.5])
        assert.is(yield* thrown(() => semaphore.release(n)), 'RangeError', `${n}`);
      assert.is(yield* semaphore.acquire({ blocking: false }), false);
    },
  },

  *'a time limit is waited for, and says false'({ make }, scene) {
    const semaphore = make(1);
    assert.is(yield* semaphore.acquire({ timeout: 5 }), true);
    assert.is(yield* semaphore.acquire({ timeout: 0 }), false);
    const [got, elapsed] = yield* timed<boolean>(semaphore.acquire({ timeout: SHORT }));
    assert.is(got, false);
    scene.took(elapsed, SHORT);
    const results = yield* scene.crew(2, 'mutexLimited', semaphore, SHORT, scene.tally()).results();
    for (const [got, elapsed] of results as [boolean, number][]) {
      assert.is(got, false);
      scene.took(elapsed, SHORT);
    }
    semaphore.release();
    assert.is(yield* semaphore.acquire({ timeout: 5 }), true, 'those who gave up have taken nothing');
  },

  *'one that waits goes on with the first release'({ make }, scene) {
    const semaphore = make();
    const tally = scene.tally();
    yield* semaphore.acquire();
    const crew = scene.crew(1, 'mutexPass', semaphore, tally);
    yield* scene.reaches(tally, 0, 1);
    assert.is(read(tally, 1), 0);
    semaphore.release();
    assert.equal(yield* crew.results(), [true]);
  },

  *'a block that holds a permit gives it back, also after an error'({ make }) {
    const semaphore = make(2);
    function* two(fail: boolean): Coroutine {
      using _first = yield* semaphore.hold();
      assert.is(yield* semaphore.acquire({ blocking: false }), true);
      semaphore.release();
      using _second = yield* semaphore.hold();
      assert.is(yield* semaphore.acquire({ blocking: false }), false);
      if (fail) throw new TypeError('inside');
    }
    yield* two(false);
    assert.is(yield* free(semaphore), 2);
    assert.is(yield* thrown(() => two(true)), 'TypeError');
    assert.is(yield* free(semaphore), 2);
  },

  *'never more inside than there are permits'({ make }, scene) {
    const semaphore = make(3);
    const tally = scene.tally();
    const most = (yield* scene.crew(6, 'semaphoreCrowd', semaphore, tally, 25).results()) as number[];
    assert.ok(Math.max(...most) <= 3, `${most.join(', ')} inside`);
    assert.is(yield* free(semaphore), 3);
  },

  'more releases than acquires: an error of a bounded one': {
    when: (adapter) => adapter.bounded,
    *body({ make }, scene) {
      const semaphore = make();
      assert.is(yield* thrown(() => semaphore.release()), 'RangeError');
      yield* semaphore.acquire();
      semaphore.release();
      yield* scene.known();
      assert.is(yield* thrown(() => semaphore.release()), 'RangeError');
      assert.is(yield* free(semaphore), 1);
    },
  },

  'release(n) of more than were taken releases none of a bounded one': {
    when: (adapter) => adapter.bounded && adapter.releasesMany !== false,
    *body({ make }) {
      const semaphore = make(3);
      yield* semaphore.acquire();
      assert.is(yield* thrown(() => semaphore.release(2)), 'RangeError');
      assert.is(yield* free(semaphore), 2);
    },
  },

  'more releases than acquires: more permits of an unbounded one': {
    when: (adapter) => !adapter.bounded,
    *body({ make }) {
      const semaphore = make(1);
      semaphore.release();
      assert.is(yield* semaphore.acquire({ blocking: false }), true);
      assert.is(yield* semaphore.acquire({ blocking: false }), true);
      assert.is(yield* semaphore.acquire({ blocking: false }), false);
    },
  },

  'those who wait get permits in the order in which they came': {
    when: ordered,
    *body({ make }, scene) {
      const semaphore = make(2);
      const order: number[] = [];
      yield* semaphore.acquire();
      yield* semaphore.acquire();
      const members = [1, 2, 3, 4, 5].map((n) =>
        scene.start(function* () {
          using _held = yield* semaphore.hold();
          order.push(n);
          yield* sleep(0);
        }),
      );
      yield* scene.settle();
      semaphore.release();
      semaphore.release();
      for (const member of members) yield* member.outcome();
      assert.equal(order, [1, 2, 3, 4, 5]);
    },
  },

  *'ones that are killed while they wait take no permit with them'({ make }, scene) {
    const semaphore = make(2);
    yield* semaphore.acquire();
    yield* semaphore.acquire();
    const wait = (): Waitable<boolean> => semaphore.acquire();
    const victims = [scene.start(wait), scene.start(wait)];
    const next = scene.start(wait);
    yield* scene.settle();
    for (const victim of victims) victim.kill();
    for (const victim of victims) assert.is(yield* thrown(() => victim.outcome()), 'Killed');
    semaphore.release();
    assert.is(yield* next.outcome(), true);
    semaphore.release();
    assert.is(yield* semaphore.acquire({ timeout: 1000 }), true);
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
  },

  *'one that is killed with a permit on its way passes it on'({ make }, scene) {
    for (const killFirst of [true, false]) {
      const semaphore = make(1);
      yield* semaphore.acquire();
      const inside = (ms: number): (() => Coroutine<string>) =>
        function* () {
          using _held = yield* semaphore.hold();
          yield* sleep(ms);
          return 'got it';
        };
      const victim = scene.start(inside(7000));
      const next = scene.start(inside(0));
      yield* scene.settle();
      if (killFirst) victim.kill();
      semaphore.release();
      if (!killFirst) victim.kill();
      assert.is(yield* next.outcome(), 'got it');
      assert.is(yield* thrown(() => victim.outcome()), 'Killed');
      assert.is(yield* free(semaphore), 1);
    }
  },

  *'limits and releases at the same time lose no permit'({ make }, scene) {
    const semaphore = make(1);
    yield* semaphore.acquire();
    const members = [SHORT, SHORT, SHORT + 1, null].map((timeout) =>
      scene.start(function* () {
        const got = yield* semaphore.acquire({ timeout });
        if (got) semaphore.release();
        return got;
      }),
    );
    const outer = scene.start(function* () {
      return yield* withTimeout(SHORT, () => semaphore.acquire(), { value: 'late' });
    });
    yield* sleep(SHORT);
    semaphore.release();
    for (const member of members) yield* member.outcome();
    if ((yield* outer.outcome()) === true) semaphore.release();
    assert.is(yield* free(semaphore), 1);
  },

  *'a Timeout around the wait is never lost'({ make }, scene) {
    const semaphore = make(0);
    const member = scene.start(function* () {
      assert.is(yield* thrown(() => withTimeout(SHORT, () => semaphore.acquire())), 'Timeout');
      return yield* withTimeout(SHORT, () => semaphore.acquire({ timeout: 7000 }), { value: 'late' });
    });
    assert.is(yield* member.outcome(), 'late');
    assert.is(yield* semaphore.acquire({ blocking: false }), false);
  },
};

/** Holds a semaphore to its contract: case S01 and what greenlets add. */
export function semaphoreContract(adapter: SemaphoreAdapter): void {
  hold(semaphoreCases, adapter);
}
