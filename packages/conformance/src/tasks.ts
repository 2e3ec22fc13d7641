import { type Coroutine, sleep } from '@switchyard/hub';
import { count, read, type Tally } from './tally.ts';

/** The slot that opens the gate. */
export const OPEN = 0;
/** The slot that counts those who have come to the gate. */
export const CAME = 1;
/** The slot that counts those who have passed it. */
export const PASSED = 2;

let initialized = 'not initialized';

/** What executors are given to run, by name: an adapter makes of each what its executor takes. */
export const tasks = {
  multiply(a: number, b: number): number {
    return a * b;
  },

  double(a: number): number {
    return 2 * a;
  },

  /** Fails for 0. */
  *inverse(a: number): Coroutine<number> {
    yield* sleep(0);
    if (a === 0) throw new RangeError('there is no inverse of 0');
    return 1 / a;
  },

  async inAsync(a: number): Promise<number> {
    await Promise.resolve();
    return a + 1;
  },

  /** Waits until the gate is open. */
  *gated(gate: Tally, value: unknown): Coroutine<unknown> {
    count(gate, CAME);
    while (read(gate, OPEN) === 0) yield* sleep(1);
    count(gate, PASSED);
    return value;
  },

  /** Waits until the gate is open, and fails. */
  *gatedFailure(gate: Tally): Coroutine<never> {
    count(gate, CAME);
    while (read(gate, OPEN) === 0) yield* sleep(1);
    throw new RangeError('behind the gate');
  },

  *pause(ms: number): Coroutine<number> {
    yield* sleep(ms);
    return ms;
  },

  initialize(to = 'initialized'): void {
    initialized = to;
  },

  failToInitialize(): void {
    throw new RangeError('no initializer');
  },

  initialization(): string {
    return initialized;
  },
};

/** The name of a task. */
export type TaskName = keyof typeof tasks;
