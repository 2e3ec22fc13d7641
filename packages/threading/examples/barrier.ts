/** Three threads in lockstep: nobody begins a round before all have ended the one before. */
import { Barrier, isMain, Queue, task, Thread } from '@switchyard/threading';

export const march = task(import.meta, 'march', function* (barrier: Barrier, steps: Queue<number>) {
  for (let round = 1; round <= 4; round++) {
    yield* steps.put(round);
    // Each of them gets another number.
    if ((yield* barrier.wait()) === 0) yield* steps.put(0);
    yield* barrier.wait();
  }
});

if (isMain(import.meta)) {
  const barrier = new Barrier(3);
  const steps = new Queue<number>();
  const threads = [1, 2, 3].map(() => new Thread({ target: march, args: [barrier, steps] }));
  for (const thread of threads) thread.start();
  for (const thread of threads) await thread;

  steps.shutdown();
  let line = '';
  for await (const step of steps) line += step === 0 ? ' | ' : step;
  console.log(line);
}

// Output:
// 111 | 222 | 333 | 444 |
