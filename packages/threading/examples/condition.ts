/** Ten wait at a gate, which lets a few through at a time. */
import { Condition, isMain, Queue, Semaphore, task, Thread } from '@switchyard/threading';

export const visit = task(
  import.meta,
  'visit',
  function* (gate: Condition, waiting: Semaphore, inside: Queue<string>, name: string) {
    using _held = yield* gate.hold();
    // Nobody can notify before the wait has given the lock back.
    waiting.release();
    yield* gate.wait();
    yield* inside.put(name);
  },
);

if (isMain(import.meta)) {
  const gate = new Condition();
  const waiting = new Semaphore(0);
  const inside = new Queue<string>();

  // One after the other, as those who have waited longest go first.
  const visitors: Thread[] = [];
  for (const name of 'ABCDEFGHIJ') {
    const visitor = new Thread({ target: visit, args: [gate, waiting, inside, name] });
    visitor.start();
    await waiting.acquire();
    visitors.push(visitor);
  }

  for (const n of [1, 3, 6]) {
    using held = await gate.hold();
    gate.notify(n);
    held.release();
    const names: string[] = [];
    while (names.length < n) names.push(await inside.get());
    console.log(`${n} may pass: ${names.toSorted().join(' ')}`);
  }
  for (const visitor of visitors) await visitor.join();
}

// Output:
// 1 may pass: A
// 3 may pass: B C D
// 6 may pass: E F G H I J
