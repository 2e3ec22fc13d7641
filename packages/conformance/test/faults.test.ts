/** A contract that cannot fail is worth nothing: each is run against objects with one thing wrong in them. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  type BarrierAdapter,
  barrierActions,
  barrierCases,
  casesFor,
  type ConditionAdapter,
  conditionCases,
  type Contract,
  type EventAdapter,
  eventCases,
  greenlets,
  type LockAdapter,
  lockCases,
  type MutexLike,
  type QueueAdapter,
  queueCases,
  type RLockAdapter,
  rlockCases,
  runCase,
  type SemaphoreAdapter,
  semaphoreCases,
  type World,
} from '@switchyard/conformance';
import { VirtualTimeError, withTimeout, withVirtualTime } from '@switchyard/hub';
import { BrokenBarrier, BrokenCondition, type BarrierFault, type ConditionFault } from './broken-meetings.ts';
import { BrokenEvent, BrokenSemaphore, type EventFault, type SemaphoreFault } from './broken.ts';
import { BrokenQueue, type QueueFault } from './broken-queue.ts';
import { BrokenRLock, type RLockFault } from './broken-rlock.ts';

const world = { ...greenlets, slack: 3, name: 'broken' };

/** The cases that do not hold. One that hangs has 20 seconds of virtual time to do so. */
async function failures<A extends World>(contract: Contract<A>, adapter: A): Promise<string[]> {
  const failed: string[] = [];
  for (const [name, body] of casesFor(contract, adapter)) {
    try {
      await withVirtualTime(function* () {
        yield* withTimeout(20_000, () => runCase(adapter, body));
      });
    } catch (error) {
      // That is not about the case: an earlier one has left something behind.
      if (error instanceof VirtualTimeError) throw error;
      failed.push(name);
    }
  }
  return failed;
}

/** Checks that what is wrong is found, by the case with these words among others, and that nothing is if nothing is. */
function finds<F extends string, A extends World>(
  thing: string,
  contract: Contract<A>,
  make: (fault: F | 'none') => A,
  faults: Record<F, string | null>,
): void {
  const test = suite(thing);
  for (const [fault, words] of Object.entries(faults) as [F, string | null][]) {
    test(words === null ? 'one that is right is found right' : `one that ${fault} is found out`, async () => {
      const failed = await failures(contract, make(fault));
      if (words === null) assert.equal(failed, []);
      else
        assert.ok(
          failed.some((name) => name.includes(words)),
          `"${words}" is not among: ${failed.join('; ')}`,
        );
    });
  }
  test.run();
}

const mutexFaults: Record<SemaphoreFault, string | null> = {
  none: null,
  'lets two in': 'one at a time',
  'keeps the permit of the dead': 'killed as the lock comes free',
  'waits with the dead': 'killed while it waits',
  'serves the last one first': 'in the order in which they came',
  'takes when it gives up': 'as it was after a time limit',
  'is impatient': 'a time limit is waited for',
  'forgets to give back': 'gives it back at its end',
  'takes any release': 'release of a free one',
  'parks for nothing': 'without parking',
};

finds<SemaphoreFault, LockAdapter>(
  'locks',
  lockCases,
  (fault) => ({ ...world, make: () => new BrokenSemaphore(1, fault, 'RuntimeError') }),
  mutexFaults,
);

finds<RLockFault, RLockAdapter>(
  'locks that can be taken again',
  rlockCases,
  (fault) => ({ ...world, make: () => new BrokenRLock(fault) }),
  {
    none: null,
    'cannot be taken again': 'its holder may take it again',
    'is open to all once it is taken': 'its holder may take it again',
    'comes free too early': 'free with the last release',
    'comes free too late': 'free with the last release',
    'may be released by anybody': 'only its holder may release it',
    'forgives a release too many': 'the release of a free one',
    'has blocks that do not nest': 'blocks that hold it nest',
    'keeps the lock of the dead': 'killed as the lock comes free',
  },
);

finds<SemaphoreFault, SemaphoreAdapter>(
  'semaphores',
  semaphoreCases,
  (fault) => ({ ...world, make: (value = 1) => new BrokenSemaphore(value, fault), bounded: true }),
  {
    none: null,
    'lets two in': 'never more inside',
    'keeps the permit of the dead': 'with a permit on its way',
    'waits with the dead': 'killed while they wait',
    'serves the last one first': 'in the order in which they came',
    'takes when it gives up': 'a time limit is waited for',
    'is impatient': 'a time limit is waited for',
    'forgets to give back': 'a block that holds a permit',
    'takes any release': 'more releases than acquires',
    'parks for nothing': 'without parking',
  },
);

finds<EventFault, EventAdapter>(
  'events',
  eventCases,
  (fault) => ({ ...world, make: () => new BrokenEvent(fault) }),
  {
    none: null,
    forgets: 'set and cleared at once',
    'tells one': 'set lets all five on',
    'always says true': 'a time limit is waited for',
    'forgets the others with the dead': 'a kill or a Timeout of one',
  },
);

/** Queues with an order in which one thing may be wrong. */
function brokenQueues(order: QueueAdapter['order']): (fault: QueueFault) => QueueAdapter {
  return (fault) => ({
    ...world,
    make: (maxsize) => new BrokenQueue(maxsize, fault, order),
    order,
    joinable: true,
    closable: true,
  });
}

finds<Exclude<QueueFault, 'sorts by text'>, QueueAdapter>('queues', queueCases, brokenQueues('fifo'), {
  none: null,
  'loses the item of the dead': 'a kill as an item comes',
  'puts for the dead': 'killed while it waits',
  'holds too much': 'Full and Empty at once',
  'joins too early': 'all who join go on',
  'gives twice': 'every item comes once',
  'is upside down': '111, 333, 222',
  'drops when full': 'when the time is up',
  'is open for ever': 'nothing can be put',
  'forgets the rest': 'what it holds can be got',
  'keeps the rest': 'what it held is gone',
  'tells nobody': 'those who wait to get or to put are told',
  'puts what it refused': 'those who wait to get or to put are told',
  'waits for what is gone': 'join waits for what is left',
});

finds<'none' | 'is upside down' | 'loses the item of the dead' | 'gives twice', QueueAdapter>(
  'last-in queues',
  queueCases,
  brokenQueues('lifo'),
  {
    none: null,
    'is upside down': '111, 333, 222',
    'loses the item of the dead': 'a kill as an item comes',
    'gives twice': 'every item comes once',
  },
);

finds<'none' | 'is upside down' | 'sorts by text' | 'loses the item of the dead', QueueAdapter>(
  'priority queues',
  queueCases,
  brokenQueues('priority'),
  {
    none: null,
    'is upside down': 'many with priorities come sorted',
    'sorts by text': 'many with priorities come sorted',
    'loses the item of the dead': 'a kill as an item comes',
  },
);

/** Its lock cannot be taken again by its holder, which is no fault that is looked for here. */
const plainCondition: Contract<ConditionAdapter> = Object.fromEntries(
  Object.entries(conditionCases).filter(
    ([name]) =>
      !name.startsWith('its lock is the one') && !name.startsWith('wait gives the lock back however often'),
  ),
);

finds<ConditionFault, ConditionAdapter>(
  'conditions',
  plainCondition,
  (fault) => {
    const makeLock = (): BrokenSemaphore => new BrokenSemaphore(1, 'none', 'RuntimeError');
    const make = (lock?: MutexLike): BrokenCondition =>
      new BrokenCondition((lock as BrokenSemaphore | undefined) ?? makeLock(), fault);
    return { ...world, make, makeLock };
  },
  {
    none: null,
    'wakes one too many': 'notify(n) wakes n',
    remembers: 'without anybody it is forgotten',
    'keeps the notification of the dead': 'one that is killed while it waits',
    'notifies those who timed out': 'those who timed out take no notification',
    'comes back without the lock': 'the lock is held again',
    'begins its time anew': 'also when the time is up',
    'does not ask for the lock': 'without the lock are errors',
  },
);

finds<BarrierFault, BarrierAdapter>(
  'barriers',
  barrierCases,
  (fault) => ({
    ...world,
    make: (parties, { timeout = -1, action } = {}) =>
      new BrokenBarrier(parties, action === undefined ? null : barrierActions[action], timeout, fault),
  }),
  {
    none: null,
    'opens too early': 'in lockstep',
    'counts nobody': 'each of 0 to 4 once',
    'acts too often': 'the action has run once',
    'leaves the others waiting': 'breaks it for all',
    'waits for the dead': 'killed or timed out from outside',
    'stays broken': 'a reset mends',
    'forgets that it is broken': 'abort breaks it',
  },
);
