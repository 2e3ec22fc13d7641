/** What the tests have workers do. */
import { task } from '@switchyard/remote';
import { currentAgent } from '../src/agent.ts';
import type { Barrier } from '../src/barrier.ts';
import { BrokenBarrierError } from '../src/barrier.ts';
import type { Condition } from '../src/condition.ts';
import type { Event } from '../src/event.ts';
import type { Lock } from '../src/lock.ts';
import type { RLock } from '../src/rlock.ts';
import type { Semaphore } from '../src/semaphore.ts';

/** Stops the worker until it is terminated. */
function stop(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Waits until all workers of a test run. */
function gather(words: Int32Array, index: number, parties: number): void {
  Atomics.add(words, index, 1);
  while (Atomics.load(words, index) < parties);
}

export function agentId(): number {
  return currentAgent();
}

/** words: [counter, workers that run]. Returns nanoseconds for each turn. */
export function incrementSync(lock: Lock | RLock, words: Int32Array, times: number, parties: number): number {
  gather(words, 1, parties);
  const start = performance.now();
  for (let n = 0; n < times; n++) {
    lock.acquireSync();
    words[0] = (words[0] as number) + 1;
    lock.release();
  }
  return ((performance.now() - start) / times) * 1e6;
}

export async function incrementAsync(lock: Lock | RLock, words: Int32Array, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await lock.acquire();
    words[0] = (words[0] as number) + 1;
    lock.release();
  }
}

export function hold(lock: Lock | RLock, held: Event): void {
  lock.acquireSync();
  held.set();
  stop();
}

export function holdAndReturn(lock: Lock | RLock): void {
  lock.acquireSync();
}

export function holdAndThrow(lock: Lock | RLock): void {
  lock.acquireSync();
  throw new RangeError('with the lock');
}

export function holdAndExit(lock: Lock | RLock): void {
  lock.acquireSync();
  process.exit(3);
}

export function holdUntil(lock: Lock | RLock, held: Event, release: Event): void {
  lock.acquireSync();
  held.set();
  release.waitSync();
  lock.release();
}

/** Takes and releases the lock until it is terminated. words: [turns, whether it is inside]. */
export function hammer(lock: Lock, words: Int32Array): void {
  for (;;) {
    lock.acquireSync();
    Atomics.store(words, 1, 1);
    for (let n = Atomics.add(words, 0, 1) % 50; n > 0; n--) Atomics.load(words, 0);
    Atomics.store(words, 1, 0);
    lock.release();
  }
}

export function tryLock(lock: Lock | RLock): boolean {
  return lock.tryAcquire();
}

export function abandonedSync(lock: Lock | RLock): boolean {
  using held = lock.holdSync();
  return held.abandoned;
}

export function release(lock: Lock | RLock): string {
  try {
    lock.release();
    return 'released';
  } catch (error) {
    return String(error);
  }
}

/** words: [how many hold a permit, the most there have been]. */
export function useSemaphore(semaphore: Semaphore, words: Int32Array, times: number): void {
  for (let n = 0; n < times; n++) {
    semaphore.acquireSync();
    const now = Atomics.add(words, 0, 1) + 1;
    if (now > Atomics.load(words, 1)) Atomics.store(words, 1, now);
    Atomics.sub(words, 0, 1);
    semaphore.release();
  }
}

export function give(semaphore: Semaphore, permits: number): void {
  semaphore.release(permits);
}

export function waitEvent(event: Event, ready: Int32Array, timeout: number | null): boolean {
  Atomics.add(ready, 0, 1);
  return event.waitSync({ timeout });
}

export async function waitEventAsync(event: Event, ready: Int32Array): Promise<boolean> {
  Atomics.add(ready, 0, 1);
  return event.wait();
}

export function setEvent(event: Event): void {
  event.set();
}

export function stopAfter(event: Event): void {
  event.set();
  stop();
}

/** Waits to be notified. ready: how many wait. */
export function waitCondition(condition: Condition, ready: Int32Array, timeout: number | null): boolean {
  using _held = condition.holdSync();
  Atomics.add(ready, 0, 1);
  return condition.waitSync({ timeout });
}

/** words: [items, taken, closed]. Takes items until there are no more, giving up a wait at random. */
export function consume(condition: Condition, words: Int32Array): number {
  let taken = 0;
  for (;;) {
    using _held = condition.holdSync();
    while (words[0] === 0) {
      if (words[2] !== 0) return taken;
      condition.waitSync({ timeout: Math.random() < 0.5 ? Math.random() * 2 : null });
    }
    words[0] = (words[0] as number) - 1;
    words[1] = (words[1] as number) + 1;
    taken++;
  }
}

/** words: a place for each party, and its number there. Returns what each wait gave. */
export function rounds(barrier: Barrier, words: Int32Array, place: number, times: number): number[] {
  const indexes: number[] = [];
  for (let round = 1; round <= times; round++) {
    Atomics.store(words, place, round);
    indexes.push(barrier.waitSync());
    for (let other = 0; other < barrier.parties; other++) {
      const at = Atomics.load(words, other);
      if (at < round || at > round + 1) throw new Error(`party ${other} is at ${at} in round ${round}`);
    }
    barrier.waitSync();
  }
  return indexes;
}

export function waitBarrier(barrier: Barrier, ready: Int32Array): number | string {
  Atomics.add(ready, 0, 1);
  try {
    return barrier.waitSync();
  } catch (error) {
    return error instanceof BrokenBarrierError ? 'broken' : String(error);
  }
}

/** Has an id, tells that it runs, and stops. */
export function meet(words: Int32Array): void {
  currentAgent();
  Atomics.store(words, 0, 1);
  stop();
}

export function notifyOnce(condition: Condition): string {
  using _held = condition.holdSync();
  condition.notify();
  return 'notified';
}

let actions = 0;

export const countAction = task(import.meta, 'countAction', () => ++actions);

/** Tells that it runs, and sets an event after so many milliseconds. */
export function setLater(ready: Event, event: Event, ms: number): void {
  currentAgent();
  ready.set();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  event.set();
}
