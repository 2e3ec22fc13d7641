/** The programs of process-exit.test.ts: `node exit-program.ts <story>`. */
import { writeSync } from 'node:fs';
import { sleep } from '@switchyard/hub';
import { isMain, task } from '@switchyard/remote';
import { Pool } from '../../src/pool.ts';
import { Process } from '../../src/process.ts';

export const speak = task(import.meta, 'speak', function* (ms: number, text: string) {
  yield* sleep(ms);
  console.log(text);
});

/** Says who it is, and never ends. */
export const linger = task(import.meta, 'linger', async () => {
  writeSync(1, `${process.pid}\n`);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});

/** Says who it is, and never lets its event loop turn. */
export const spin = task(import.meta, 'spin', () => {
  writeSync(1, `${process.pid}\n`);
  for (;;);
});

/** Never ends, and has a child that never does. */
export const parent = task(import.meta, 'parent', async () => {
  new Process({ target: spin }).start();
  await linger();
});

/** Has ended before its child. */
export const early = task(import.meta, 'early', () => {
  new Process({ target: speak, args: [200, 'end of grandchild'] }).start();
  console.log('end of child');
});

export const chatter = task(import.meta, 'chatter', (lines: number) => {
  for (let n = 0; n < lines; n++) console.log(`line ${n}`);
  console.error('end of chatter');
});

export const fail = task(import.meta, 'fail', () => {
  throw new RangeError('out of reach');
});

export const work = task(import.meta, 'work', (n: number) => {
  writeSync(1, `${process.pid}\n`);
  return n;
});

/** Two processes of which nobody but `how` gets rid, both of which have begun when this returns. */
async function lingering(daemon: boolean): Promise<void> {
  for (const target of [linger, spin]) new Process({ target, daemon }).start();
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.destroy();
}

const stories: Record<string, () => unknown> = {
  async waited() {
    new Process({ target: early }).start();
    new Process({ target: speak, args: [60_000, 'never'], daemon: true }).start();
    console.log('end of main');
  },
  async joinedDaemon() {
    const child = new Process({ target: speak, args: [50, 'end of daemon'], daemon: true });
    child.start();
    await child.join();
    console.log('end of main');
  },
  printed() {
    new Process({ target: chatter, args: [2000] }).start();
  },
  failing() {
    new Process({ target: fail, name: 'arm' }).start();
  },
  async pool() {
    const pool = new Pool(2);
    console.log(await pool.map(work, [1, 2, 3], { chunksize: 1 }));
  },
  ends: () => lingering(true),
  async exits() {
    await lingering(true);
    process.exit(3);
  },
  async throws() {
    await lingering(true);
    throw new RangeError('uncaught');
  },
  async killed() {
    new Process({ target: parent }).start();
    await lingering(false);
  },
};

if (isMain(import.meta)) await stories[process.argv[2] as string]?.();
