/** The locks, events, conditions, barriers and queues are held to the contracts that every package's are held to. */
import {
  barrierActions,
  barrierContract,
  conditionContract,
  type ConditionLike,
  eventContract,
  greenlets,
  lockContract,
  type MutexLike,
  queueContract,
  rlockContract,
  semaphoreContract,
} from '@switchyard/conformance';
import { withVirtualTime } from '@switchyard/hub';
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RLock,
  Semaphore,
  SimpleQueue,
} from '../src/index.ts';

const world = {
  ...greenlets,
  // Time limits cost nothing, and must be kept to the millisecond.
  run: withVirtualTime,
  slack: 0,
};

for (const [Kind, bounded] of [
  [Semaphore, false],
  [BoundedSemaphore, true],
] as const) {
  semaphoreContract({
    ...world,
    name: `${Kind.name} as a semaphore`,
    make: (value) => new Kind(value),
    bounded,
    // gevent's release() gives back one permit at a time.
    releasesMany: false,
  });
  lockContract({
    ...world,
    name: `${Kind.name} as a lock`,
    make: () => new Kind(1),
    // A semaphore has no holder who could be missing: gevent's takes any release, its bounded one throws a ValueError.
    overRelease: bounded ? 'RangeError' : null,
  });
}

lockContract({ ...world, name: 'Lock', make: () => new Lock() });
rlockContract({ ...world, name: 'RLock', make: () => new RLock() });

conditionContract({
  ...world,
  name: 'Condition',
  make: (lock?: MutexLike) => new Condition(lock as Lock | undefined) as ConditionLike,
  makeLock: () => new Lock(),
});

barrierContract({
  ...world,
  name: 'Barrier',
  make: (parties, { timeout, action } = {}) =>
    new Barrier(parties, { timeout, action: action === undefined ? null : barrierActions[action] }),
});

eventContract({
  ...world,
  name: 'Event',
  make: () => new Event(),
  // gevent tells all who are linked when the hub comes to it, not all who were when it was set.
  takesLatecomers: true,
});

for (const [Kind, order] of [
  [SimpleQueue, 'fifo'],
  [Queue, 'fifo'],
  [LifoQueue, 'lifo'],
  [PriorityQueue, 'priority'],
] as const) {
  queueContract({
    ...world,
    name: Kind.name,
    make: (maxsize) => new Kind(maxsize),
    order,
    joinable: (Kind as unknown) !== SimpleQueue,
    closable: true,
  });
}
