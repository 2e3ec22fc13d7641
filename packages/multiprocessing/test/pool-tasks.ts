/** What the pools of pool.test.ts run. */
import { sleep } from '@switchyard/hub';
import { currentTask, task } from '@switchyard/remote';
import { currentProcess } from '../src/current-process.ts';

export const square = task(import.meta, 'square', (n: number) => n * n);

export const scaled = task(
  import.meta,
  'scaled',
  async (n: number, { by = 1 }: { by?: number } = {}) => n * by,
);

export const add = task(import.meta, 'add', function* (a: number, b: number) {
  yield* sleep(1);
  return a + b;
});

export const odd = task(import.meta, 'odd', (n: number) => {
  if (n % 2 === 0) throw new RangeError(`${n} is even`);
  return n;
});

export const wait = task(import.meta, 'wait', function* (ms: number) {
  yield* sleep(ms);
  return ms;
});

export const who = task(import.meta, 'who', () => ({
  pid: process.pid,
  name: currentProcess().name,
  daemon: currentProcess().daemon,
}));

export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));

export const dieOf = task(import.meta, 'dieOf', (signal: string) => {
  process.kill(process.pid, signal);
  return new Promise(() => {});
});

/** Ends its worker with the item 3. */
export const deadlyThree = task(import.meta, 'deadlyThree', (n: number) => (n === 3 ? process.exit(7) : n));

export const throwAfter = task(import.meta, 'throwAfter', () => {
  setTimeout(() => {
    throw new RangeError('between two tasks');
  }, 1);
  return process.pid;
});

let prepared = 'nothing';
export const prepare = task(import.meta, 'prepare', (what: string) => {
  prepared = what;
});
export const badPrepare = task(import.meta, 'badPrepare', () => {
  throw new RangeError('no database');
});
export const what = task(import.meta, 'what', () => prepared);

export const unsendable = task(import.meta, 'unsendable', () => () => 1);

export const name = task(import.meta, 'name', () => currentTask().name);
