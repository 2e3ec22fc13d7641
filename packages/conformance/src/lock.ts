import { until, type Coroutine } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import type { Contract } from './contract.ts';
import { hold } from './contract.ts';
import type { WorkerBody } from './crew.ts';
import { type MutexAdapter, mutexContract, type MutexLike } from './mutex.ts';
import { thrown } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** Python: `threading.Lock`. */
export interface LockLike extends MutexLike {
  locked(): boolean;
}

export interface LockAdapter extends MutexAdapter {
  make(): LockLike;
  /** The name of the error of releasing a free one, null when that is allowed; RuntimeError unless told. */
  readonly overRelease?: string | null;
}

export const lockBodies = {
  /** Takes it twice, with a release by somebody else between. */
  *lockTwice(_index: number, lock: LockLike, tally: Tally): Coroutine {
    yield* lock.acquire();
    count(tally, 0);
    yield* lock.acquire();
    count(tally, 1);
    lock.release();
  },
} satisfies Record<string, WorkerBody>;

export const lockCases: Contract<LockAdapter> = {
  ...(mutexContract as Contract<LockAdapter>),

  *'locked() says whether somebody has it'({ make }) {
    const lock = make();
    assert.is(lock.locked(), false);
    yield* lock.acquire();
    assert.is(lock.locked(), true);
    assert.is(yield* lock.acquire({ blocking: false }), false, 'its holder is refused like others');
    assert.is(lock.locked(), true);
    lock.release();
    assert.is(lock.locked(), false);
  },

  'L01: the release of a free one is an error': {
    when: (adapter) => adapter.overRelease !== null,
    *body({ make, overRelease }, scene) {
      const lock = make();
      const expected = overRelease ?? 'RuntimeError';
      assert.is(yield* thrown(() => lock.release()), expected);
      yield* lock.acquire();
      lock.release();
      assert.is(yield* thrown(() => lock.release()), expected);
      assert.equal(yield* scene.crew(1, 'mutexRelease', lock).results(), [expected]);
      assert.is(yield* lock.acquire({ blocking: false }), true, 'it works on');
      assert.is(yield* lock.acquire({ blocking: false }), false);
      lock.release();
    },
  },

  *'L03: another one may release it'({ make }, scene) {
    const lock = make();
    yield* lock.acquire();
    assert.equal(yield* scene.crew(1, 'mutexRelease', lock).results(), ['nothing']);
    assert.is(yield* lock.acquire({ blocking: false }), true);
    lock.release();
  },

  *'the holder that takes it again waits until another one releases it'({ make }, scene) {
    const lock = make();
    const tally = scene.tally();
    const crew = scene.crew(1, 'lockTwice', lock, tally);
    yield* scene.reaches(tally, 0, 1);
    assert.is(read(tally, 1), 0);
    lock.release();
    yield* crew.results();
    assert.is(read(tally, 1), 1);
    assert.is(lock.locked(), false);
  },

  *'it is as it was after a time limit'({ make }) {
    const lock = make();
    yield* lock.acquire();
    assert.is(yield* lock.acquire({ timeout: 10 }), false);
    lock.release();
    assert.is(lock.locked(), false);
    assert.is(yield* lock.acquire({ blocking: false }), true);
    lock.release();
  },

  *'await takes it as yield* does'({ make }) {
    const lock = make();
    const outcomes = yield* until(async () => {
      const first = await lock.acquire();
      const second = lock.acquire({ timeout: 7000 }).then((got) => got);
      lock.release();
      const outcomes = [first, await second];
      lock.release();
      {
        using _held = await lock.hold();
        outcomes.push(lock.locked());
      }
      return outcomes;
    });
    assert.equal(outcomes, [true, true, true]);
    assert.is(lock.locked(), false);
  },
};

/** Holds a lock to its contract: cases L01 to L04 and what greenlets add. */
export function lockContract(adapter: LockAdapter): void {
  hold(lockCases, adapter);
}
