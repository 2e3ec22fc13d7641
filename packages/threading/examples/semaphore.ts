/** Eight threads, and never more than four of them at a time in one place. */
import { Event, isMain, Lock, Semaphore, task, Thread } from '@switchyard/threading';

const [RUNNING, MOST] = [0, 1];

export const work = task(
  import.meta,
  'work',
  function* (four: Semaphore, busy: Event, lock: Lock, counts: Int32Array) {
    using _permit = yield* four.hold();
    {
      using _held = yield* lock.hold();
      counts[RUNNING]!++;
      counts[MOST] = Math.max(counts[MOST]!, counts[RUNNING]!);
      if (counts[RUNNING] === 4) busy.set();
    }
    // The first ones stay until all permits are taken.
    yield* busy.wait();
    using _held = yield* lock.hold();
    counts[RUNNING]!--;
  },
);

if (isMain(import.meta)) {
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const args = [new Semaphore(4), new Event(), new Lock(), counts] as const;
  const threads = Array.from({ length: 8 }, () => new Thread({ target: work, args: [...args] }));
  for (const thread of threads) thread.start();
  for (const thread of threads) await thread;
  console.log(`at most ${counts[MOST]} at a time, ${counts[RUNNING]} left`);
}

// Output:
// at most 4 at a time, 0 left
