/** The tasks that the tests of process pools run. */
import { existsSync } from 'node:fs';
import { GreenletExit } from '@switchyard/greenlet';
import { sleep } from '@switchyard/hub';
import { currentTask, task, transfer } from '@switchyard/remote';

export const square = task(import.meta, 'square', (n: number) => n * n);

export const squareLater = task(import.meta, 'squareLater', async (n: number) => {
  await Promise.resolve();
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

export const worker = task(import.meta, 'worker', () => process.pid);

export const same = task(import.meta, 'same', (value: unknown) => value);

export const variable = task(import.meta, 'variable', (name: string) => process.env[name]);

export const nodeOptions = task(import.meta, 'nodeOptions', () => process.execArgv);

export const nap = task(import.meta, 'nap', function* (ms: number) {
  yield* sleep(ms);
  return ms;
});

const pause = new Int32Array(new SharedArrayBuffer(4));

function opened(gate: string): void {
  while (!existsSync(gate)) Atomics.wait(pause, 0, 0, 1);
}

/** Says that it has begun, and holds up its process until there is a file; without one it returns at once. */
export const hold = task(import.meta, 'hold', (gate: string | null) => {
  if (gate !== null) {
    currentTask().emit('begun');
    opened(gate);
  }
  return process.pid;
});

/** The same, but others can talk to its process meanwhile. */
export const linger = task(import.meta, 'linger', function* (gate: string | null) {
  if (gate !== null) {
    currentTask().emit('begun');
    while (!existsSync(gate)) yield* sleep(1);
  }
  return process.pid;
});

export const compute = task(import.meta, 'compute', (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
});

export const total = task(import.meta, 'total', (bytes: Uint8Array) =>
  bytes.reduce((sum, byte) => sum + byte, 0),
);

export const bytes = task(import.meta, 'bytes', (size: number) => transfer(new Uint8Array(size).fill(1)));

// How tasks stop.

export const spin = task(import.meta, 'spin', () => {
  currentTask().emit('begun');
  for (;;);
});

export const politeSpin = task(import.meta, 'politeSpin', () => {
  currentTask().emit('begun');
  while (!currentTask().cancelled);
  currentTask().emit('stops');
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

export const never = task(import.meta, 'never', () => {
  currentTask().emit('begun');
  return new Promise<void>(() => {});
});

// What goes wrong.

export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));

export const killItself = task(import.meta, 'killItself', (signal: NodeJS.Signals) => {
  process.kill(process.pid, signal);
  Atomics.wait(pause, 0, 0, 60_000);
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

export const giveFunction = task(import.meta, 'giveFunction', () => ({ list: [1, () => 2] }));

/** Fails when there is a file, in a task that has returned. */
function failsLater(gate: string, fail: () => void): number {
  const timer = setInterval(() => {
    if (!existsSync(gate)) return;
    clearInterval(timer);
    fail();
  }, 1);
  return process.pid;
}

export const lateError = task(import.meta, 'lateError', (gate: string) =>
  failsLater(gate, () => {
    throw new RangeError('too late');
  }),
);

export const lateRejection = task(import.meta, 'lateRejection', (gate: string) =>
  failsLater(gate, () => void Promise.reject(new RangeError('refused too late'))),
);

export const outOfMemory = task(import.meta, 'outOfMemory', () => {
  const hoard: unknown[] = [];
  for (;;) hoard.push(Array.from({ length: 1000 }, (_, n) => ({ n })));
});

const hoard: unknown[] = [];

/** Keeps so many MB in its heap. */
export const hoardMb = task(import.meta, 'hoardMb', (mb: number) => {
  hoard.push(Array.from({ length: mb * 2 ** 17 }, () => 1.5));
  return process.pid;
});

/** Keeps so many MB outside of it. */
export const hoardBytes = task(import.meta, 'hoardBytes', (mb: number) => {
  hoard.push(Buffer.alloc(mb * 2 ** 20, 1));
  return process.pid;
});

// Initializers.

const prepared: string[] = [];

export const prepare = task(import.meta, 'prepare', function* (word: string) {
  yield* sleep(1);
  prepared.push(word);
});

export const readPrepared = task(import.meta, 'readPrepared', () => ({ pid: process.pid, prepared }));

export const failToPrepare = task(import.meta, 'failToPrepare', () => {
  throw new RangeError('no flour');
});

export const exitInstead = task(import.meta, 'exitInstead', () => process.exit(5));

/** Is killed where there is no file yet. */
export const dieOnce = task(import.meta, 'dieOnce', async (file: string) => {
  if (existsSync(file)) return;
  const { writeFileSync } = await import('node:fs');
  writeFileSync(file, '');
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(pause, 0, 0, 60_000);
});

/** A pool of its own, in a worker of a pool. */
export const sumOfSquares = task(import.meta, 'sumOfSquares', async (items: number[]) => {
  // The other tests' workers need not load it.
  const { ProcessPoolExecutor } = await import('../src/process-pool.ts');
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const squares = await pool.map(square, items);
  return squares.reduce((sum, n) => sum + n, 0);
});
