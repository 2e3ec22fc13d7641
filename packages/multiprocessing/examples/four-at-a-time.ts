/** Six processes, and never more than four of them at a time in one place. */
import { Event, isMain, Process, Semaphore, task, Value } from '@switchyard/multiprocessing';

export const work = task(
  import.meta,
  'work',
  function* (four: Semaphore, busy: Event, running: Value<'i'>, most: Value<'i'>) {
    using _permit = yield* four.hold();
    {
      using _held = yield* running.hold();
      running.value++;
      most.value = Math.max(most.value, running.value);
      if (running.value === 4) busy.set();
    }
    // The first ones stay until all permits are taken.
    yield* busy.wait();
    using _held = yield* running.hold();
    running.value--;
  },
);

if (isMain(import.meta)) {
  const running = new Value('i', 0);
  const most = new Value('i', 0);
  const args = [new Semaphore(4), new Event(), running, most] as const;
  const processes = Array.from({ length: 6 }, () => new Process({ target: work, args: [...args] }));
  for (const process of processes) process.start();
  for (const process of processes) await process;
  console.log(`at most ${most.value} at a time, ${running.value} left`);
}

// Output:
// at most 4 at a time, 0 left
