/** The tasks that the tests run. */
import { spawn } from 'node:child_process';
import { isMainThread, threadId } from 'node:worker_threads';
import { sleep, until } from '@switchyard/hub';
import { currentTask, isMain, task, transfer } from '../src/index.ts';
import { Box, Registered } from './classes.ts';

export const add = task(import.meta, 'add', (a: number, b: number) => a + b);
export const addLater = task(import.meta, 'addLater', async (a: number, b: number) => {
  await new Promise(setImmediate);
  return a + b;
});
export const addYielding = task(import.meta, 'addYielding', function* (a: number, b: number) {
  yield* sleep(1);
  return a + (yield* until(Promise.resolve(b)));
});
export const napping = task(import.meta, 'napping', (ms: number) => sleep(ms));
export const give = task(import.meta, 'give', (value: unknown) => value);
export const giveFunction = task(import.meta, 'giveFunction', () => ({ list: [1, { f: () => 1 }] }));
export const giveBare = task(import.meta, 'giveBare', () => () => 1);
export const makeHidden = (): ((x: number) => number) => task(import.meta, 'inner', (x: number) => x);
export const where = task(import.meta, 'where', () => ({
  pid: process.pid,
  threadId,
  isMainThread,
  main: isMain(import.meta),
  env: process.env['SWITCHYARD_CHILD'] ?? null,
}));
export const apply = task(import.meta, 'apply', (fn: (...args: unknown[]) => unknown, ...args: unknown[]) =>
  fn(...args),
);
export const bytesOf = task(import.meta, 'bytesOf', (bytes: Uint8Array) => bytes.byteLength);
export const makeBytes = task(import.meta, 'makeBytes', (size: number) => {
  const bytes = new Uint8Array(size).fill(7);
  made = bytes;
  return transfer(bytes);
});
let made: Uint8Array | null = null;
export const leftBytes = task(import.meta, 'leftBytes', () => made?.byteLength);

export const fail = task(import.meta, 'fail', (kind: string): never => {
  throw errors[kind]!();
});
export const errors: Record<string, () => unknown> = {
  plain: () => new RangeError('out of it', { cause: new TypeError('deep', { cause: 42 }) }),
  props: () =>
    Object.assign(new Error('with props'), {
      code: 'E_X',
      data: { a: [1] },
      errors: ['mine'],
      f: () => 1,
      s: Symbol('s'),
    }),
  aggregate: () => new AggregateError([new TypeError('one'), 'two'], 'both'),
  dom: () => new DOMException('no more', 'AbortError'),
  number: () => 42,
  undefined: () => undefined,
  null: () => null,
  string: () => 'text',
  object: () => ({ not: 'an error' }),
  circle: () => {
    const a = new Error('a');
    const b = new Error('b', { cause: a });
    a.cause = b;
    return a;
  },
  memory: () =>
    Object.assign(new RangeError('with memory', { cause: new SharedArrayBuffer(4) }), {
      code: 'E_M',
      words: new Int32Array(new SharedArrayBuffer(4)),
    }),
  registered: () => new Registered('mine', 7),
  unregistered: () => new (class Special extends RangeError {})('special'),
  sameName: () => new (class TimeoutError extends Error {})('not of the house'),
};
export const failWith = task(import.meta, 'failWith', (error: unknown): never => {
  throw error;
});

export const open = task(import.meta, 'open', (box: Box) => [box instanceof Box, box.content, box.twice()]);
export const dig = task(import.meta, 'dig', (value: unknown, path: (string | number)[]) => {
  let at: unknown = value;
  for (const key of path) {
    if (at instanceof Map) at = at.get(key);
    else if (at instanceof Set) at = [...at][key as number];
    else at = (at as Record<string, unknown>)[key];
  }
  return at instanceof Box ? at.twice() : `no Box: ${String(at)}`;
});
export const boxed = task(import.meta, 'boxed', (content: unknown) => ({
  deep: [new Map([['box', new Box(content)]])],
}));

export const loop = task(import.meta, 'loop', () => {
  currentTask().emit('in the loop');
  while (!currentTask().cancelled);
  return true;
});
export const busy = task(import.meta, 'busy', () => {
  currentTask().emit(process.pid);
  for (;;);
});
export const untilAborted = task(import.meta, 'untilAborted', async () => {
  const { signal } = currentTask();
  currentTask().emit('waiting');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return `aborted: ${(signal.reason as Error).message}`;
});
export const forever = task(import.meta, 'forever', function* () {
  try {
    currentTask().emit('waiting');
    yield* sleep(1_000_000);
  } finally {
    currentTask().emit('cleaned up');
  }
});
export const nameOfTask = task(import.meta, 'nameOfTask', async () => {
  const before = currentTask().name;
  await new Promise(setImmediate);
  return [before, currentTask().name];
});
export const report = task(import.meta, 'report', function* (steps: number) {
  for (let step = 0; step < steps; step++) {
    currentTask().emit({ step, box: new Box(step) });
    yield* sleep(1);
  }
  return 'done';
});

export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));
export const throwLater = task(import.meta, 'throwLater', async () => {
  setTimeout(() => {
    throw Object.assign(new RangeError('late'), { code: 'E_LATE' });
  }, 1);
  await new Promise(() => {});
});
export const throwAfter = task(import.meta, 'throwAfter', () => {
  setTimeout(() => {
    throw new RangeError('after the task');
  }, 1);
  return 'fine';
});
export const rejectUnseen = task(import.meta, 'rejectUnseen', async () => {
  void Promise.reject(new TypeError('nobody looks'));
  await new Promise(() => {});
});
export const fillHeap = task(import.meta, 'fillHeap', () => {
  const all: unknown[] = [];
  for (;;) all.push(Array.from({ length: 1000 }, (_, at) => ({ at })));
});
export const killSelf = task(import.meta, 'killSelf', () => {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
});
export const print = task(import.meta, 'print', (lines: number, text: string) => {
  for (let line = 0; line < lines; line++) console.log(`${text} ${line}`);
  return 'printed';
});
export const leaveProgram = task(import.meta, 'leaveProgram', () => {
  spawn(process.execPath, ['-e', 'setTimeout(() => {}, 6000)'], { stdio: 'inherit', detached: true }).unref();
  process.exit(4);
});
export const startProgram = task(import.meta, 'startProgram', (file: string, args: string[]) => {
  const child = spawn(process.execPath, [...args, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.once('close', () => resolve(said)));
});
