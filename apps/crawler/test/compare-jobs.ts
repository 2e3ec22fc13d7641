// What tests of `compare` have done: the same functions under every engine.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { type Coroutine, sleep } from '@switchyard/gevent';
import { task } from '@switchyard/remote';

/** Computes, without ever waiting. */
export const hash = task(import.meta, 'hash', (text: string, rounds: number): string => {
  let digest = text;
  for (let round = 0; round < rounds; round++) digest = createHash('sha256').update(digest).digest('hex');
  return digest;
});

/** Waits, as a coroutine. */
export const nap = task(import.meta, 'nap', function* (ms: number): Coroutine<number> {
  yield* sleep(ms);
  return ms;
});

/** Waits, as an async function. */
export const later = task(import.meta, 'later', async (ms: number): Promise<{ ms: number }> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { ms };
});

export const fails = task(import.meta, 'fails', (number: number): number => {
  if (number === 3) throw new RangeError(`${number} is too much`);
  return number;
});

/** Gives another result in a thread than elsewhere. */
export const whereabouts = task(import.meta, 'whereabouts', (): string =>
  threadId === 0 ? 'main' : 'thread',
);

/** Ends whoever does it. */
export const exits = task(import.meta, 'exits', (code: number): void => process.exit(code));

/** Tells where it runs, then never ends. */
export const stuck = task(import.meta, 'stuck', function* (file: string): Coroutine {
  appendFileSync(file, `${process.pid}\n`);
  yield* sleep(1e9);
});

/** For the command line. */
export const works = [{ name: 'hash', task: hash, items: [['a', 9] as const, ['b', 9] as const] }];
