import type { Coroutine } from '@switchyard/hub';
import { barrierBodies } from './barrier.ts';
import { conditionBodies } from './condition.ts';
import type { WorkerBody } from './crew.ts';
import { eventBodies } from './event.ts';
import { lockBodies } from './lock.ts';
import { mutexBodies } from './mutex.ts';
import { queueBodies } from './queue.ts';
import { rlockBodies } from './rlock.ts';
import { semaphoreBodies } from './semaphore.ts';

/** What workers run, by name. */
export const bodies: Readonly<Record<string, WorkerBody>> = {
  ...mutexBodies,
  ...lockBodies,
  ...rlockBodies,
  ...semaphoreBodies,
  ...eventBodies,
  ...conditionBodies,
  ...barrierBodies,
  ...queueBodies,
};

/** Runs a body by its name: what an adapter calls in its greenlets, threads or processes. */
export function* perform(name: string, index: number, ...args: unknown[]): Coroutine<unknown> {
  const body = bodies[name];
  if (body === undefined) {
    throw new TypeError(
      `Expected the name of a worker's body, one of ${Object.keys(bodies).join(', ')}, got "${name}"`,
    );
  }
  return yield* body(index, ...(args as never[]));
}
