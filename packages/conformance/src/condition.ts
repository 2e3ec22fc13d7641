import { type Coroutine, sleep, type Waitable, withTimeout } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Contract, hold } from './contract.ts';
import type { Member, WorkerBody } from './crew.ts';
import type { MutexLike } from './mutex.ts';
import { type Scene, thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** Python: `threading.Condition`. */
export interface ConditionLike extends MutexLike {
  wait(options?: { timeout?: number | null | undefined }): Waitable<boolean>;
  waitFor<T>(predicate: () => T, options?: { timeout?: number | null | undefined }): Waitable<T>;
  notify(n?: number): void;
  notifyAll(): void;
}

export interface ConditionAdapter extends World {
  /** Makes one: over this lock, or over a lock of its own that its holder may take again. */
  make(lock?: MutexLike): ConditionLike;
  /** Makes a lock to put beneath one, which its holder may not take again. */
  makeLock(): MutexLike;
  /** What greenlets of one thread are to the lock: each on its own, or all the same holder. */
  readonly holders?: 'greenlets' | 'threads';
}

const SHORT = 60;
/** The slot that counts those who are about to wait, and hold the lock until they do. */
const READY = 0;
/** The slot that counts those who have been woken. */
const WOKEN = 1;

export const conditionBodies = {
  /** Waits `times` times, and counts before and after each. */
  *conditionWait(
    _index: number,
    condition: ConditionLike,
    tally: Tally,
    times: number,
  ): Coroutine<boolean[]> {
    const results: boolean[] = [];
    for (let n = 0; n < times; n++) {
      {
        using _held = yield* condition.hold();
        count(tally, READY);
        results.push(yield* condition.wait());
      }
      count(tally, WOKEN);
    }
    return results;
  },

  /** Waits for some time: what came of that, after how long, and whether the lock was held afterwards. */
  *conditionLimited(
    _index: number,
    condition: ConditionLike,
    timeout: number,
    tally: Tally,
  ): Coroutine<[boolean, number, string]> {
    yield* condition.acquire();
    count(tally, READY);
    const [got, elapsed] = yield* timed<boolean>(condition.wait({ timeout }));
    return [got, elapsed, yield* thrown(() => condition.release())];
  },

  /** Waits until slot 2 has come so far. */
  *conditionWaitFor(
    _index: number,
    condition: ConditionLike,
    tally: Tally,
    wanted: number,
    timeout: number | null,
  ): Coroutine<[boolean, number]> {
    using _held = yield* condition.hold();
    count(tally, READY);
    return yield* timed<boolean>(condition.waitFor(() => read(tally, 2) >= wanted, { timeout }));
  },

  /** Takes `wanted` items off slot 2, waiting for each. */
  *conditionConsume(_index: number, condition: ConditionLike, tally: Tally, wanted: number): Coroutine {
    for (let n = 0; n < wanted; n++) {
      using _held = yield* condition.hold();
      while (read(tally, 2) === 0) yield* condition.wait();
      count(tally, 2, -1);
    }
  },

  /** Puts `items` items into slot 2, and notifies one of each. */
  *conditionProduce(_index: number, condition: ConditionLike, tally: Tally, items: number): Coroutine {
    for (let n = 0; n < items; n++) {
      using _held = yield* condition.hold();
      count(tally, 2);
      condition.notify();
    }
  },
} satisfies Record<string, WorkerBody>;

/** Waits until so many wait: each counts while it holds the lock, which it gives back only by waiting. */
function* allWait(scene: Scene, condition: ConditionLike, tally: Tally, wanted: number): Coroutine {
  yield* scene.reaches(tally, READY, wanted);
  yield* condition.acquire();
  condition.release();
}

function* notify(condition: ConditionLike, n?: number): Coroutine {
  using _held = yield* condition.hold();
  if (n === Infinity) condition.notifyAll();
  else if (n === undefined) condition.notify();
  else condition.notify(n);
}

const amongGreenlets = (adapter: ConditionAdapter): boolean => adapter.holders !== 'threads';

export const conditionCases: Contract<ConditionAdapter> = {
  *'C01: wait and notify without the lock are errors'({ make, makeLock }) {
    for (const condition of [make(), make(makeLock())]) {
      assert.is(yield* thrown(() => condition.wait()), 'RuntimeError');
      assert.is(yield* thrown(() => condition.wait({ timeout: 0 })), 'RuntimeError');
      assert.is(yield* thrown(() => condition.notify()), 'RuntimeError');
      assert.is(yield* thrown(() => condition.notifyAll()), 'RuntimeError');
      assert.is(yield* thrown(() => condition.release()), 'RuntimeError');
    }
  },

  *'its lock is the one it was given, or one that can be taken again'({ make, makeLock }, scene) {
    const own = make();
    yield* own.acquire();
    assert.is(yield* own.acquire({ blocking: false }), true);
    own.release();
    own.release();
    const lock = makeLock();
    const over = make(lock);
    yield* over.acquire();
    assert.is(yield* lock.acquire({ blocking: false }), false);
    over.release();
    assert.is(yield* lock.acquire({ blocking: false }), true);
    assert.is(yield* over.acquire({ blocking: false }), false);
    lock.release();
    {
      using _held = yield* over.hold();
      assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [false]);
    }
    assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [true]);
  },

  *'notify(n) wakes n, and no more'({ make }, scene) {
    const condition = make();
    for (let again = 0; again < 2; again++) {
      const tally = scene.tally();
      const crew = scene.crew(5, 'conditionWait', condition, tally, 2);
      yield* allWait(scene, condition, tally, 5);
      assert.is(read(tally, WOKEN), 0);
      yield* notify(condition, 3);
      yield* allWait(scene, condition, tally, 8);
      assert.is(read(tally, WOKEN), 3);
      // Two in their first wait and three in their second.
      yield* notify(condition, 5);
      yield* scene.reaches(tally, WOKEN, 8);
      yield* allWait(scene, condition, tally, 10);
      yield* notify(condition, Infinity);
      const results = (yield* crew.results()) as boolean[][];
      assert.is(results.flat().filter(Boolean).length, 10);
      assert.is(read(tally, WOKEN), 10);
    }
  },

  *'notify wakes one; more than wait wakes all; without anybody it is forgotten'({ make }, scene) {
    const condition = make();
    yield* notify(condition, 3);
    const tally = scene.tally();
    const crew = scene.crew(3, 'conditionWait', condition, tally, 1);
    yield* allWait(scene, condition, tally, 3);
    assert.is(read(tally, WOKEN), 0, 'woken by what came before they waited');
    yield* notify(condition);
    yield* scene.reaches(tally, WOKEN, 1);
    yield* notify(condition, 100);
    yield* crew.results();
    assert.is(read(tally, WOKEN), 3);
  },

  *'nobody goes on before the one who notifies has released the lock'({ make }, scene) {
    const condition = make();
    const tally = scene.tally();
    const crew = scene.crew(2, 'conditionWait', condition, tally, 1);
    yield* allWait(scene, condition, tally, 2);
    yield* condition.acquire();
    condition.notifyAll();
    yield* sleep(10);
    yield* scene.settle();
    assert.is(read(tally, WOKEN), 0);
    condition.release();
    yield* crew.results();
  },

  *'a time limit is waited for, says false, and the lock is held again'({ make, makeLock }, scene) {
    for (const condition of [make(), make(makeLock())]) {
      const results = yield* scene.crew(4, 'conditionLimited', condition, SHORT, scene.tally()).results();
      for (const [got, elapsed, released] of results as [boolean, number, string][]) {
        assert.is(got, false);
        assert.is(released, 'nothing');
        scene.took(elapsed, SHORT);
      }
    }
  },

  *'those who timed out take no notification from those who wait'({ make }, scene) {
    const condition = make();
    const tally = scene.tally();
    const early = scene.crew(2, 'conditionLimited', condition, SHORT, tally);
    yield* scene.reaches(tally, READY, 2);
    const others = scene.tally();
    const late = scene.crew(2, 'conditionWait', condition, others, 1);
    yield* allWait(scene, condition, others, 2);
    yield* early.results();
    yield* notify(condition, 2);
    assert.equal(yield* late.results(), [[true], [true]]);
  },

  *'who comes after a notify does not take it from those who waited'({ make }, scene) {
    const condition = make();
    const before = scene.tally();
    const first = scene.crew(1, 'conditionWait', condition, before, 1);
    yield* allWait(scene, condition, before, 1);
    // It waits in the same hold of the lock, while the one that was notified has not come to it.
    yield* condition.acquire();
    condition.notify();
    assert.is(yield* condition.wait({ timeout: SHORT }), false);
    condition.release();
    assert.equal(yield* first.results(), [[true]]);
  },

  *'wait gives the lock back however often it was taken, and has it as often again'({ make }, scene) {
    const condition = make();
    for (let depth = 0; depth < 3; depth++) yield* condition.acquire();
    // The producer gets the lock only while this waits.
    const tally = scene.tally();
    const crew = scene.crew(1, 'conditionProduce', condition, tally, 1);
    assert.is(yield* condition.wait({ timeout: 7000 }), true);
    for (let depth = 0; depth < 3; depth++) {
      assert.equal(
        yield* scene.crew(1, 'mutexTry', condition).results(),
        [false],
        `${depth} of 3 given back`,
      );
      condition.release();
    }
    assert.equal(yield* scene.crew(1, 'mutexTry', condition).results(), [true]);
    yield* crew.results();
  },

  *'C03: waitFor waits until it is so'({ make }, scene) {
    const condition = make();
    const tally = scene.tally();
    const crew = scene.crew(1, 'conditionWaitFor', condition, tally, 4, null);
    yield* allWait(scene, condition, tally, 1);
    for (let n = 0; n < 4; n++) {
      using _held = yield* condition.hold();
      count(tally, 2);
      condition.notify();
    }
    assert.is(((yield* crew.results()) as [boolean, number][])[0]?.[0], true);
  },

  *'C03: waitFor gives what the predicate said last, also when the time is up'({ make }, scene) {
    const condition = make();
    const tally = scene.tally();
    const crew = scene.crew(1, 'conditionWaitFor', condition, tally, 4, 2 * SHORT);
    yield* allWait(scene, condition, tally, 1);
    for (let n = 0; n < 3; n++) {
      yield* sleep(5);
      using _held = yield* condition.hold();
      count(tally, 2);
      condition.notify();
    }
    const [[outcome, elapsed]] = (yield* crew.results()) as [[boolean, number]];
    assert.is(outcome, false);
    // However often it is woken, the limit is for the whole.
    scene.took(elapsed, 2 * SHORT);
    using _held = yield* condition.hold();
    assert.is(yield* condition.waitFor(() => 'so', { timeout: 0 }), 'so');
    assert.is(yield* condition.waitFor(() => 0, { timeout: 5 }), 0);
  },

  *'many producers and consumers: no notification is lost'({ make }, scene) {
    const condition = make();
    const tally = scene.tally();
    const consumers = scene.crew(3, 'conditionConsume', condition, tally, 40);
    const producers = scene.crew(2, 'conditionProduce', condition, tally, 60);
    yield* producers.results();
    yield* consumers.results();
    assert.is(read(tally, 2), 0);
  },

  'those who wait are notified in the order in which they came': {
    when: amongGreenlets,
    *body({ make }, scene) {
      const condition = make();
      const order: number[] = [];
      const members = [1, 2, 3, 4].map((n) =>
        scene.start(function* () {
          using _held = yield* condition.hold();
          yield* condition.wait();
          order.push(n);
        }),
      );
      yield* scene.settle();
      yield* notify(condition, 2);
      yield* sleep(5);
      yield* scene.settle();
      assert.equal(order, [1, 2]);
      yield* notify(condition, Infinity);
      for (const member of members) yield* member.outcome();
      assert.equal(order, [1, 2, 3, 4]);
    },
  },

  'one that is killed while it waits has the lock again when it is, and takes no notification': {
    when: amongGreenlets,
    *body({ make }, scene) {
      for (const killFirst of [true, false]) {
        const condition = make();
        const wait = function* (): Coroutine<string> {
          // Giving the lock back at the end of the block would fail if it were not held.
          using _held = yield* condition.hold();
          yield* condition.wait();
          return 'notified';
        };
        const victim = scene.start(wait);
        const next = scene.start(wait);
        yield* scene.settle();
        yield* condition.acquire();
        if (killFirst) victim.kill();
        condition.notify();
        condition.release();
        if (!killFirst) victim.kill();
        const fate = yield* thrown(() => victim.outcome());
        // It may have been through before the kill came; then the notification was its own.
        if (fate === 'nothing') {
          yield* scene.settle();
          assert.is(next.done, false);
          yield* notify(condition);
        } else assert.is(fate, 'Killed');
        assert.is(yield* next.outcome(), 'notified');
        assert.equal(yield* scene.crew(1, 'mutexTry', condition).results(), [true]);
      }
    },
  },

  'a Timeout around the wait is never lost, and the lock is held when it is thrown': {
    when: amongGreenlets,
    *body({ make }, scene) {
      const condition = make();
      const member = scene.start(function* () {
        using _held = yield* condition.hold();
        assert.is(yield* thrown(() => withTimeout(SHORT, () => condition.wait())), 'Timeout');
        condition.notify();
        const wait = (): Waitable<boolean> => condition.wait({ timeout: 7000 });
        return yield* withTimeout(SHORT, wait, { value: 'late' });
      });
      assert.is(yield* member.outcome(), 'late');
      assert.equal(yield* scene.crew(1, 'mutexTry', condition).results(), [true]);
    },
  },

  'a notification at the very time of a limit is not lost': {
    when: amongGreenlets,
    *body({ make }, scene) {
      const condition = make();
      const start = (timeout: number | null): Member<boolean> =>
        scene.start(function* () {
          using _held = yield* condition.hold();
          return yield* condition.wait({ timeout });
        });
      const limited = start(SHORT);
      const patient = start(null);
      yield* sleep(SHORT);
      yield* notify(condition);
      const first = yield* limited.outcome();
      yield* scene.settle();
      assert.is(first === true || patient.done, true, 'one of the two has been notified');
      if (!patient.done) yield* notify(condition);
      assert.is(yield* patient.outcome(), true);
    },
  },
};

/** Holds a condition to its contract: cases C01, C03 and what greenlets add. */
export function conditionContract(adapter: ConditionAdapter): void {
  hold(conditionCases, adapter);
}
