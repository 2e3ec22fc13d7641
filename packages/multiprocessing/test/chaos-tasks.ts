/** What the processes of chaos-program.ts do until they are killed: they take, hold, put, get and wait, at random. */
import { type Coroutine, sleep } from '@switchyard/hub';
import { task } from '@switchyard/remote';
import type { Condition } from '../src/condition.ts';
import type { Event } from '../src/event.ts';
import type { Lock } from '../src/lock.ts';
import type { Connection } from '../src/pipe.ts';
import type { Queue } from '../src/queue.ts';
import type { Semaphore } from '../src/semaphore.ts';
import type { ProcessTally } from './process-tally.ts';
import { becomeMember } from './process-tally.ts';

/** What they all share. */
export interface Shared {
  lock: Lock;
  /** Who is inside of the lock, as those who come in and go out say. */
  inside: ProcessTally;
  work: Queue<number>;
  results: Queue<Result>;
  done: Event;
  condition: Condition;
  semaphore: Semaphore;
}

export type Result =
  | readonly ['begun', worker: number]
  | readonly ['work', worker: number, item: number]
  | readonly ['count', worker: number, n: number]
  | readonly ['wrong', worker: number, what: string];

/** Random numbers below 1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One turn inside of the lock, which is for one at a time: returns what is wrong. */
export function* enter(shared: Shared, random: () => number): Coroutine<string | null> {
  const { lock, inside } = shared;
  using held = yield* lock.hold();
  const before = inside.at(0);
  if (before !== 0 && !held.abandoned) return `it was not alone in the lock: ${before}, and nobody had died`;
  // Whoever was in here has died, and has not gone out.
  inside.add(0, 1 - before);
  if (random() < 0.5) yield* sleep(random() * 3);
  const now = inside.at(0);
  if (now !== 1) return `another one has come into the lock: ${now}`;
  inside.add(0, -1);
  return null;
}

export const chaos = task(
  import.meta,
  'chaos',
  function* (worker: number, member: number, seed: number, shared: Shared, end: Connection): Coroutine {
    becomeMember(member);
    const random = seeded(seed);
    const { work, results, done, condition, semaphore } = shared;
    yield* results.put(['begun', worker]);
    for (let n = 0; !done.isSet(); n++) {
      yield* results.put(['count', worker, n]);
      const kind = Math.floor(random() * 8);
      if (kind < 2) {
        const wrong = yield* enter(shared, random);
        if (wrong !== null) yield* results.put(['wrong', worker, wrong]);
      } else if (kind <= 4) {
        let item: number | null = null;
        try {
          item = yield* work.get({ timeout: random() * 5 });
        } catch (error) {
          if ((error as Error).name !== 'Empty') throw error;
        }
        if (item !== null) yield* results.put(['work', worker, item]);
      } else if (kind === 5) {
        using _held = yield* condition.hold();
        if (random() < 0.5) condition.notifyAll();
        else yield* condition.wait({ timeout: random() * 5 });
      } else if (kind === 6) {
        if (yield* semaphore.acquire({ timeout: random() * 3 })) semaphore.release();
      } else {
        yield* end.send(n);
        if ((yield* end.recv()) !== n) yield* results.put(['wrong', worker, 'the pipe is out of order']);
      }
    }
  },
);
