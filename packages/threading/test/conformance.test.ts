/** The locks, events, conditions and barriers are held to the contracts that every package's are held to. */
import {
  barrierContract,
  conditionContract,
  type ConditionLike,
  type Crew,
  eventContract,
  greenlets,
  lockContract,
  type MutexLike,
  queueContract,
  type QueueLike,
  rlockContract,
  semaphoreContract,
} from '@switchyard/conformance';
import { sleep } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore, Thread } from '../src/index.ts';
import { LifoQueue } from '../src/lifo-queue.ts';
import { PriorityQueue } from '../src/priority-queue.ts';
import { Queue } from '../src/queue.ts';
import { counts, fails, work } from './conformance-worker.ts';

/** Threads that have said they are about to wait get this long to do so, in milliseconds. */
const SETTLE = 30;

function threadCrew(count: number, body: string, ...args: unknown[]): Crew {
  const threads = Array.from({ length: count }, (_, index) => {
    const thread = new Thread({ target: work, args: [body, index, args] as never });
    thread.start();
    return thread;
  });
  return {
    results: () =>
      new Block<unknown[]>('the threads of a crew', function* () {
        const results: unknown[] = [];
        for (const thread of threads) results.push(yield* thread);
        return results;
      }),
    kill() {
      for (const thread of threads) void thread.kill().then(() => {});
    },
  };
}

const worlds = [
  { where: 'among threads', crew: threadCrew, settle: () => sleep(SETTLE), deadline: 60_000 },
  { where: 'among greenlets', ...greenlets },
];

for (const { where, ...world } of worlds) {
  lockContract({ ...world, name: `Lock ${where}`, make: () => new Lock() });
  rlockContract({ ...world, name: `RLock ${where}`, make: () => new RLock() });
  for (const [Kind, bounded] of [
    [Semaphore, false],
    [BoundedSemaphore, true],
  ] as const) {
    semaphoreContract({ ...world, name: `${Kind.name} ${where}`, make: (value) => new Kind(value), bounded });
  }
  eventContract({ ...world, name: `Event ${where}`, make: () => new Event() });
  conditionContract({
    ...world,
    name: `Condition ${where}`,
    make: (lock?: MutexLike) => new Condition(lock as Lock | undefined) as ConditionLike,
    makeLock: () => new Lock(),
  });
  barrierContract({
    ...world,
    name: `Barrier ${where}`,
    make: (parties, { timeout, action } = {}) =>
      new Barrier(parties, { timeout, action: action === undefined ? null : { counts, fails }[action] }),
  });
  for (const [Kind, order] of [
    [Queue, 'fifo'],
    [LifoQueue, 'lifo'],
    [PriorityQueue, 'priority'],
  ] as const) {
    queueContract({
      ...world,
      name: `${Kind.name} ${where}`,
      make: (maxsize) => new Kind(maxsize) as QueueLike,
      order,
      joinable: true,
      closable: true,
    });
  }
}
