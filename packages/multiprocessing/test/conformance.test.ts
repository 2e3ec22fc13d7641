/** The locks, queues and so on are held to the contracts that every package's are held to. */
import {
  barrierContract,
  conditionContract,
  type ConditionLike,
  eventContract,
  greenlets,
  lockContract,
  type MutexLike,
  queueContract,
  type QueueLike,
  rlockContract,
  semaphoreContract,
} from '@switchyard/conformance';
import { type Coroutine, idle, sleep, until, type Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import { Barrier } from '../src/barrier.ts';
import { Condition } from '../src/condition.ts';
import { heard } from '../src/connect.ts';
import { Event } from '../src/event.ts';
import { JoinableQueue } from '../src/joinable-queue.ts';
import { Lock } from '../src/lock.ts';
import { Queue } from '../src/queue.ts';
import { RLock } from '../src/rlock.ts';
import { BoundedSemaphore, Semaphore } from '../src/semaphore.ts';
import { counts, fails } from './crew-tasks.ts';
import { processCrew, startHands } from './process-crew.ts';
import { ProcessTally } from './process-tally.ts';

/** Processes that have said they are about to wait get this long to do so, in milliseconds. */
const SETTLE = 30;

// There is a broker then, which the processes inherit.
new Lock();
startHands(10);

/** What was done here is known there, and what follows from it is known here. */
function* told(): Coroutine {
  for (let round = 0; round < 2; round++) {
    yield* idle();
    yield* until(heard());
  }
  yield* idle();
}

const worlds = [
  {
    where: 'among processes',
    remote: true,
    crew: processCrew,
    settle: (): Waitable<void> =>
      new Block('settle', function* () {
        yield* sleep(SETTLE);
        yield* told();
      }),
    tally: (slots: number) => new ProcessTally(slots),
    deadline: 60_000,
  },
  {
    where: 'among greenlets',
    ...greenlets,
    remote: true,
    settle: (): Waitable<void> => new Block('settle', told),
  },
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
  for (const Kind of [Queue, JoinableQueue] as const) {
    queueContract({
      ...world,
      name: `${Kind.name} ${where}`,
      make: (maxsize) => new Kind(maxsize) as QueueLike,
      order: 'fifo',
      joinable: Kind === JoinableQueue,
      closable: true,
    });
  }
}
