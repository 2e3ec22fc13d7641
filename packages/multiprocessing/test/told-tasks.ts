/** What the processes of the tests do with what was sent to them. */
import { Member } from '@switchyard/conformance';
import { type Coroutine, sleep, until, Waiter } from '@switchyard/hub';
import { follow } from '@switchyard/hub/core';
import { task } from '@switchyard/remote';
import { Call, Peer, startThread } from '@switchyard/remote/core';
import { Condition } from '../src/condition.ts';
import { Event } from '../src/event.ts';
import { Lock } from '../src/lock.ts';
import type { Connection } from '../src/pipe.ts';
import { Queue } from '../src/queue.ts';
import type { RLock } from '../src/rlock.ts';
import { Semaphore } from '../src/semaphore.ts';
import { collect } from './collect.ts';
import type { ProcessTally } from './process-tally.ts';

const kept = new Map<string, unknown>();

/** Keeps objects by name, for `act`. */
export const keep = task(import.meta, 'keep', (objects: Record<string, unknown>) => {
  for (const [name, object] of Object.entries(objects)) kept.set(name, object);
});

/** Calls a method of what was kept: what it gives, or the name of the error. */
export const act = task(
  import.meta,
  'act',
  function* (name: string, method: string, ...args: unknown[]): Coroutine<unknown> {
    const object = kept.get(name) as Record<string, (...args: unknown[]) => unknown>;
    try {
      return yield* follow(() => object[method]!(...args));
    } catch (error) {
      return (error as Error).name;
    }
  },
);

/** Reads a property of what was kept. */
export const look = task(
  import.meta,
  'look',
  (name: string, property: string) => (kept.get(name) as Record<string, unknown>)[property],
);

/** Makes an object here, and gives it away. */
export const give = task(import.meta, 'give', (name: string) => kept.get(name));

/** Takes it, gives it back perhaps, and ends in the same turn. */
export const acquireAndExit = task(
  import.meta,
  'acquireAndExit',
  function* (lock: Lock, releases: boolean): Coroutine {
    yield* lock.acquire();
    if (releases) lock.release();
    process.exit(0);
  },
);

/** Adds to a number that it reads and writes under a lock. */
export const increment = task(
  import.meta,
  'increment',
  function* (lock: Lock, counter: ProcessTally, times: number): Coroutine {
    for (let n = 0; n < times; n++) {
      using _held = yield* lock.hold();
      const before = counter.at(0);
      if (n % 20 === 0) yield* sleep(0);
      counter.add(0, before + 1 - counter.at(0));
    }
  },
);

async function elsewhere(lock: RLock): Promise<unknown[]> {
  // What comes before the first await is still a part of the greenlet.
  await new Promise((resolve) => setImmediate(resolve));
  return [await lock.acquire({ timeout: 5 }), lock.owned()];
}

/** Takes it twice in one greenlet, and tries to in another; then gives it back. */
export const reenter = task(import.meta, 'reenter', function* (lock: RLock): Coroutine<unknown[]> {
  yield* lock.acquire();
  yield* lock.acquire();
  const seen: unknown[] = [lock.recursionCount()];
  const other = new Member('other', () => lock.acquire({ blocking: false }));
  seen.push(yield* other.outcome());
  seen.push(yield* until(elsewhere(lock)));
  lock.release();
  lock.release();
  seen.push(lock.locked());
  return seen;
});

/** Puts items, one by one. */
export const putMany = task(
  import.meta,
  'putMany',
  function* (queue: Queue, from: number, to: number): Coroutine {
    for (let n = from; n < to; n++) yield* queue.put(n);
  },
);

/** Makes one of each. */
export const make = task(import.meta, 'make', () => {
  const lock = new Lock();
  const made = [lock, new Queue(2), new Event(), new Condition(lock), new Semaphore(3)];
  for (const [at, object] of made.entries()) kept.set(`made${at}`, object);
  return made;
});

/** Sends a lock that is not kept here. */
export const putNew = task(import.meta, 'putNew', function* (queue: Queue): Coroutine {
  yield* queue.put({ lock: new Lock(), deep: [[new Event()]] });
  // Whatever nobody uses any more is collected, and the broker told so.
  collect();
  yield* sleep(20);
});

/** Answers each item, until the other end is closed. */
export const echo = task(import.meta, 'echo', function* (connection: Connection): Coroutine<string> {
  for (;;) {
    let item: unknown;
    try {
      item = yield* connection.recv();
    } catch (error) {
      return (error as Error).name;
    }
    yield* connection.send(item);
  }
});

/** What a thread of this process does with a lock and a queue. */
export const inThread = task(import.meta, 'inThread', function* (lock: Lock, queue: Queue): Coroutine {
  using _held = yield* lock.hold();
  yield* queue.put(`thread ${lock.locked()}`);
});

/** Starts a thread that does so. */
export const startThreads = task(
  import.meta,
  'startThreads',
  function* (lock: Lock, queue: Queue): Coroutine {
    const done = new Waiter();
    const peer = new Peer((events) => startThread(events), { exited: () => done.wake() });
    class Threaded extends Call {
      override settled(): void {
        peer.stop();
      }
      override lost(): void {}
    }
    peer.push(new Threaded(inThread, [lock, queue], 0));
    yield* done;
  },
);

/** Waits to be notified, and says when it holds the lock. */
export const waitFor = task(
  import.meta,
  'waitFor',
  function* (condition: Condition, ready: Event, timeout: number): Coroutine<boolean> {
    using _held = yield* condition.hold();
    ready.set();
    return yield* condition.wait({ timeout });
  },
);

/** Notifies one. */
export const signal = task(import.meta, 'signal', function* (condition: Condition): Coroutine {
  using _held = yield* condition.hold();
  condition.notify();
});
