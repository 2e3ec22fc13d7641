/** What one thread puts, another takes: in order, the last first, or the lowest first. */
import { isMain, LifoQueue, PriorityQueue, Queue, task, Thread } from '@switchyard/threading';

type Job = [priority: number, name: string];

export const produce = task(import.meta, 'produce', function* (queue: Queue<Job>, jobs: Job[]) {
  for (const job of jobs) yield* queue.put(job);
  queue.shutdown();
});

if (isMain(import.meta)) {
  const jobs: Job[] = [[2, 'tea'], [3, 'nap'], [1, 'work']]; // prettier-ignore
  for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
    const queue = new Kind<Job>();
    const producer = new Thread({ target: produce, args: [queue, jobs] });
    producer.start();
    await producer.join();

    const names: string[] = [];
    for await (const [, name] of queue) names.push(name);
    console.log(Kind.name, names);
  }
}

// Output:
// Queue [ 'tea', 'nap', 'work' ]
// LifoQueue [ 'work', 'nap', 'tea' ]
// PriorityQueue [ 'work', 'tea', 'nap' ]
