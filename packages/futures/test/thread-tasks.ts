/** The tasks that the tests of thread pools run. */
import { threadId } from 'node:worker_threads';
import { GreenletExit } from '@switchyard/greenlet';
import { sleep } from '@switchyard/hub';
import { currentTask, inline, task, transfer } from '@switchyard/remote';
import { currentThread, type Event } from '@switchyard/threading';

export const square = task(import.meta, 'square', (n: number) => n * n);

export const squareLater = task(import.meta, 'squareLater', async (n: number) => {
  await new Promise((resolve) => void setTimeout(resolve, 1));
  return n * n;
});

export const squareInSteps = task(import.meta, 'squareInSteps', function* (n: number) {
  yield* sleep(1);
  return n * n;
});

export const inverse = task(import.meta, 'inverse', (n: number) => {
  if (n === 0) throw new RangeError('there is no inverse of 0');
  return 1 / n;
});

export const inverseInSteps = task(import.meta, 'inverseInSteps', function* (n: number) {
  yield* sleep(0);
  return inverse(n);
});

export const worker = task(import.meta, 'worker', () => threadId);

export const threadName = task(import.meta, 'threadName', () => currentThread().name);

export const taskName = task(import.meta, 'taskName', () => currentTask().name);

export const nap = task(import.meta, 'nap', function* (ms: number) {
  yield* sleep(ms);
  return ms;
});

/** Counts in a word of shared memory, and wakes who waits for that. */
function tell(words: Int32Array, at: number): number {
  const before = Atomics.add(words, at, 1);
  Atomics.notify(words, at);
  return before + 1;
}

export const count = task(import.meta, 'count', tell);

/** Says that it has begun, and computes until it is let go. */
export const hold = task(import.meta, 'hold', (words: Int32Array, began: number, go: number) => {
  tell(words, began);
  Atomics.wait(words, go, 0);
  return threadId;
});

/** Computes for so many ms without letting the event loop turn. */
export const compute = task(import.meta, 'compute', (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
});

export const waitFor = task(import.meta, 'waitFor', function* (event: Event) {
  return yield* event.wait();
});

export const letGo = task(import.meta, 'letGo', (event: Event) => event.set());

export const total = task(import.meta, 'total', (bytes: Uint8Array) =>
  bytes.reduce((sum, byte) => sum + byte, 0),
);

export const bytes = task(import.meta, 'bytes', (size: number) => transfer(new Uint8Array(size).fill(1)));

// How tasks stop.

export const spin = task(import.meta, 'spin', (words?: Int32Array) => {
  if (words !== undefined) {
    tell(words, 0);
  }
  for (;;);
});

export const politeSpin = task(import.meta, 'politeSpin', (words: Int32Array) => {
  tell(words, 0);
  while (!currentTask().cancelled);
  tell(words, 1);
  currentTask().throwIfCancelled();
});

export const untilAborted = task(import.meta, 'untilAborted', async () => {
  const { signal } = currentTask();
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  currentTask().emit('begun');
  await aborted;
  currentTask().emit(`asked: ${(signal.reason as Error).message}`);
  throw signal.reason;
});

export const untilKilled = task(import.meta, 'untilKilled', function* () {
  currentTask().emit('begun');
  try {
    yield* sleep(60_000);
  } catch (error) {
    currentTask().emit(`got a GreenletExit: ${error instanceof GreenletExit}`);
    throw error;
  } finally {
    yield* sleep(5);
    currentTask().emit('cleaned');
  }
});

export const stubborn = task(import.meta, 'stubborn', function* () {
  currentTask().emit('begun');
  for (;;) {
    try {
      yield* sleep(1000);
    } catch {
      // Whatever comes.
    }
  }
});

export const progress = task(import.meta, 'progress', function* (steps: number) {
  for (let step = 1; step <= steps; step++) {
    currentTask().emit({ step, steps });
    yield* sleep(0);
  }
});

// What goes wrong.

export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));

export const exitLater = task(import.meta, 'exitLater', (words: Int32Array, code: number) => {
  tell(words, 0);
  Atomics.wait(words, 1, 0);
  process.exit(code);
});

export const rangeError = task(import.meta, 'rangeError', () => {
  throw Object.assign(new RangeError('out of reach', { cause: new TypeError('too short') }), {
    code: 'E_ARM',
    data: { length: 3 },
  });
});

export const aggregate = task(import.meta, 'aggregate', () => {
  throw new AggregateError([new RangeError('one'), 'two'], 'both');
});

export const throw42 = task(import.meta, 'throw42', () => {
  throw 42; // oxlint-disable-line no-throw-literal
});

export const throwNothing = task(import.meta, 'throwNothing', () => {
  throw undefined; // oxlint-disable-line no-throw-literal
});

/** A plain function that returns a promise. */
export const promised = task(import.meta, 'promised', (n: number) => Promise.resolve(n));

export const never = task(import.meta, 'never', (words: Int32Array) => {
  tell(words, 0);
  return new Promise<void>(() => {});
});

export const failsInCleanup = task(import.meta, 'failsInCleanup', function* () {
  currentTask().emit('begun');
  try {
    yield* sleep(60_000);
  } finally {
    inverse(0);
  }
});

export const giveFunction = task(import.meta, 'giveFunction', () => ({ list: [1, () => 2] }));

/** Calls something when a word of shared memory is no more 0, in a task that has returned. */
function whenTold(words: Int32Array, then: () => void): void {
  const timer = setInterval(() => {
    if (Atomics.load(words, 0) === 0) return;
    clearInterval(timer);
    then();
  }, 1);
}

export const lateError = task(import.meta, 'lateError', (words: Int32Array) => {
  whenTold(words, () => {
    throw new RangeError('too late');
  });
  return threadId;
});

export const lateRejection = task(import.meta, 'lateRejection', (words: Int32Array) => {
  whenTold(words, () => void Promise.reject(new RangeError('refused too late')));
  return threadId;
});

/** Returns, and holds up its thread between two tasks until it is let go: then it exits. */
export const exitBetween = task(import.meta, 'exitBetween', (words: Int32Array, code: number) => {
  setTimeout(() => {
    tell(words, 0);
    Atomics.wait(words, 1, 0);
    process.exit(code);
  }, 0);
  return threadId;
});

export const outOfMemory = task(import.meta, 'outOfMemory', () => {
  const hoard: unknown[] = [];
  for (;;) hoard.push(Array.from({ length: 1000 }, (_, n) => ({ n })));
});

const hoard: unknown[] = [];

/** Keeps so many MB. */
export const hoardMb = task(import.meta, 'hoardMb', (mb: number) => {
  hoard.push(Array.from({ length: mb * 2 ** 17 }, () => 1.5));
  return threadId;
});

// Initializers.

const prepared: string[] = [];

export const prepare = task(import.meta, 'prepare', function* (word: string) {
  yield* sleep(1);
  prepared.push(word);
});

export const readPrepared = task(import.meta, 'readPrepared', () => ({ threadId, prepared }));

export const failToPrepare = task(import.meta, 'failToPrepare', () => {
  throw new RangeError('no flour');
});

export const exitInstead = task(import.meta, 'exitInstead', () => process.exit(5));

/** A pool of its own, in a worker of a pool. */
export const sumOfSquares = task(import.meta, 'sumOfSquares', async (items: number[]) => {
  // The other tests' workers need not load it.
  const { ThreadPoolExecutor } = await import('../src/thread-pool.ts');
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2, threadNamePrefix: 'inner' });
  const squares = await pool.map(
    inline((n: number) => n * n),
    items,
  );
  return squares.reduce((sum, n) => sum + n, 0);
});
