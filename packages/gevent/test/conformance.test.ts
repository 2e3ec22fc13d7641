/** The semaphores, the event and the queues are held to the contracts that every package's are held to. */
import {
  eventContract,
  greenlets,
  lockContract,
  queueContract,
  semaphoreContract,
} from '@switchyard/conformance';
import { withVirtualTime } from '@switchyard/hub';
import { BoundedSemaphore, Event, JoinableQueue, Queue, Semaphore } from '../src/index.ts';

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

eventContract({
  ...world,
  name: 'Event',
  make: () => new Event(),
  // gevent tells all who are linked when the hub comes to it, not all who were when it was set.
  takesLatecomers: true,
});

for (const Kind of [Queue, JoinableQueue]) {
  queueContract({
    ...world,
    name: Kind.name,
    make: (maxsize) => new Kind(maxsize),
    order: 'fifo',
    joinable: Kind === JoinableQueue,
    closable: true,
  });
}
