import { type Coroutine, sleep } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Contract, hold } from './contract.ts';
import type { WorkerBody } from './crew.ts';
import { type MutexAdapter, mutexContract, type MutexLike } from './mutex.ts';
import { thrown } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** Python: `threading.RLock`. */
export type RLockLike = MutexLike;

export interface RLockAdapter extends MutexAdapter {
  make(): RLockLike;
}

export const rlockBodies = {
  /** Takes it three times, and gives it back once each time that slot 1 is counted up. */
  *rlockDeep(_index: number, lock: RLockLike, tally: Tally): Coroutine {
    for (let depth = 0; depth < 3; depth++) yield* lock.acquire();
    count(tally, 0);
    for (let given = 0; given < 3; given++) {
      while (read(tally, 1) <= given) yield* sleep(1);
      lock.release();
      count(tally, 2);
    }
  },
} satisfies Record<string, WorkerBody>;

export const rlockCases: Contract<RLockAdapter> = {
  ...(mutexContract as Contract<RLockAdapter>),

  *'R01: its holder may take it again, in any nesting'({ make }, scene) {
    const lock = make();
    assert.is(yield* lock.acquire(), true);
    assert.is(yield* lock.acquire(), true);
    assert.is(yield* lock.acquire({ blocking: false }), true);
    lock.release();
    lock.release();
    assert.is(yield* lock.acquire({ timeout: 10 }), true);
    assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [false]);
    lock.release();
    assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [false], 'held as long as one is left');
    lock.release();
    assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [true]);
  },

  *'R01: the release of a free one is an error'({ make }) {
    const lock = make();
    assert.is(yield* thrown(() => lock.release()), 'RuntimeError');
    yield* lock.acquire();
    yield* lock.acquire();
    lock.release();
    yield* lock.acquire();
    lock.release();
    lock.release();
    assert.is(yield* thrown(() => lock.release()), 'RuntimeError');
  },

  *'only its holder may release it'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    const crew = scene.crew(1, 'mutexKeep', lock, tally);
    yield* scene.reaches(tally, 0, 1);
    assert.is(yield* thrown(() => lock.release()), 'RuntimeError');
    assert.is(yield* lock.acquire({ blocking: false }), false, 'it is held still');
    count(tally, 1);
    yield* crew.results();
    yield* lock.acquire();
    assert.equal(yield* scene.crew(1, 'mutexRelease', lock).results(), ['RuntimeError']);
    assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [false]);
    lock.release();
  },

  *'it comes free with the last release'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    const crew = scene.crew(1, 'rlockDeep', lock, tally);
    yield* scene.reaches(tally, 0, 1);
    for (let given = 0; given < 3; given++) {
      assert.is(yield* lock.acquire({ blocking: false }), false, `${given} of 3 given back`);
      count(tally, 1);
      yield* scene.reaches(tally, 2, given + 1);
    }
    yield* crew.results();
    assert.is(yield* lock.acquire({ blocking: false }), true);
    lock.release();
  },

  *'blocks that hold it nest'({ make }, scene) {
    const lock = make();
    {
      using _outer = yield* lock.hold();
      {
        using _inner = yield* lock.hold();
      }
      assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [false]);
    }
    assert.equal(yield* scene.crew(1, 'mutexTry', lock).results(), [true]);
  },
};

/** Holds a lock that its holder may take again to its contract: case R01 and what greenlets add. */
export function rlockContract(adapter: RLockAdapter): void {
  hold(rlockCases, adapter);
}
