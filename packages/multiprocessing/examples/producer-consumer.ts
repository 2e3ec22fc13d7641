/** One process produces, two consume, and the program waits until all has been dealt with. */
import { isMain, JoinableQueue, Process, Queue, task } from '@switchyard/multiprocessing';

export const produce = task(import.meta, 'produce', function* (jobs: JoinableQueue<number>) {
  for (let n = 1; n <= 10; n++) yield* jobs.put(n);
});

export const consume = task(
  import.meta,
  'consume',
  function* (jobs: JoinableQueue<number>, squares: Queue<number>) {
    for (;;) {
      const n = yield* jobs.get();
      yield* squares.put(n * n);
      jobs.taskDone();
    }
  },
);

if (isMain(import.meta)) {
  // Who produces waits while there are three that nobody has taken.
  const jobs = new JoinableQueue<number>(3);
  const squares = new Queue<number>();
  for (let n = 0; n < 2; n++) new Process({ target: consume, args: [jobs, squares], daemon: true }).start();
  const producer = new Process({ target: produce, args: [jobs] });
  producer.start();
  await producer;
  await jobs.join();
  let sum = 0;
  for (let n = 0; n < 10; n++) sum += await squares.get();
  console.log(`10 jobs done, the sum of their squares is ${sum}`);
}

// Output:
// 10 jobs done, the sum of their squares is 385
