/** The programs of exit.test.ts: `node exit-program.ts <story>`. */
import { sleep } from '@switchyard/hub';
import { isMain, task } from '@switchyard/remote';
import { ThreadPoolExecutor } from '../src/thread-pool.ts';

export const say = task(import.meta, 'say', function* (ms: number, word: string) {
  yield* sleep(ms);
  return word;
});

export const fail = task(import.meta, 'fail', () => {
  throw new RangeError('out of reach');
});

export const spin = task(import.meta, 'spin', () => {
  for (;;);
});

const stories: Record<string, () => unknown> = {
  async leftOpen() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
    console.log(await pool.submit(say, 1, 'one'));
    console.log(await pool.submit(say, 1, 'two'));
  },
  pending() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    for (const word of ['one', 'two', 'three']) {
      pool.submit(say, 30, word).addDoneCallback((future) => void future.result().then(console.log));
    }
    console.log('end of main');
  },
  shutDown() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    pool.submit(say, 30, 'one').addDoneCallback(async (future) => console.log(await future));
    void pool.shutdown({ wait: false });
    console.log('end of main');
  },
  neverUsed() {
    new ThreadPoolExecutor({ maxWorkers: 2 });
  },
  unretrieved() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    void pool.submit(fail);
    pool.submit(say, 1, 'one').addDoneCallback(async (future) => console.log(await future));
  },
  retrieved() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    pool.submit(fail).addDoneCallback(async (future) => console.log(String(await future.exception())));
  },
  async exits() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    await pool.submit(say, 1, 'one');
    void pool.submit(spin);
    process.exit(4);
  },
  async throws() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    await pool.submit(say, 1, 'one');
    void pool.submit(spin);
    throw new RangeError('of main');
  },
  async startsNoWorker() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 2, name: 'mill' });
    const futures = ['one', 'two', 'three'].map((word) => pool.submit(say, 1, word));
    for (const future of futures) console.log(String(await future.exception()));
    try {
      void pool.submit(say, 1, 'four');
    } catch (error) {
      console.log(`refused: ${(error as Error).name}`);
    }
    await pool.shutdown();
  },
};

if (isMain(import.meta)) await stories[process.argv[2] as string]?.();
