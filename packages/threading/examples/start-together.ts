/** Workers wait for one event, and start together when it is set. */
import { Event, isMain, Queue, Semaphore, task, Thread } from '@switchyard/threading';

export const run = task(
  import.meta,
  'run',
  function* (name: string, ready: Semaphore, start: Event, left: Queue<string>) {
    ready.release();
    yield* start.wait();
    yield* left.put(name);
  },
);

if (isMain(import.meta)) {
  const ready = new Semaphore(0);
  const start = new Event();
  const left = new Queue<string>();

  const runners = ['Ada', 'Grace', 'Joan'].map(
    (name) => new Thread({ target: run, args: [name, ready, start, left], name }),
  );
  for (const runner of runners) runner.start();
  for (const _ of runners) await ready.acquire();
  console.log(`${runners.length} are ready, ${left.qsize()} have left`);

  start.set();
  for (const runner of runners) await runner.join();
  left.shutdown();
  for await (const name of left) console.log(`${name} has left`);
}

// Output (any order):
// 3 are ready, 0 have left
// Ada has left
// Grace has left
// Joan has left
