/** The programs of process-exit.test.ts: `node process-exit-program.ts <story>`. The first line names the worker. */
import { sleep } from '@switchyard/hub';
import { currentTask, isMain, task } from '@switchyard/remote';
import { ProcessPoolExecutor } from '../src/process-pool.ts';

export const say = task(import.meta, 'say', function* (ms: number, word: string) {
  yield* sleep(ms);
  return word;
});

export const fail = task(import.meta, 'fail', () => {
  throw new RangeError('out of reach');
});

export const worker = task(import.meta, 'worker', () => process.pid);

export const spin = task(import.meta, 'spin', () => {
  currentTask().emit('begun');
  for (;;);
});

/** A worker, which has run a task. */
async function warm(): Promise<ProcessPoolExecutor> {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  console.log(await pool.submit(worker));
  return pool;
}

/** It never lets its event loop turn any more. */
function busy(pool: ProcessPoolExecutor): Promise<void> {
  return new Promise((resolve) => void pool.submitWith({ onProgress: () => resolve() }, spin));
}

const stories: Record<string, () => unknown> = {
  async leftOpen() {
    const pool = await warm();
    console.log(await pool.submit(say, 1, 'one'));
  },
  async pending() {
    const pool = await warm();
    for (const word of ['one', 'two']) {
      pool.submit(say, 30, word).addDoneCallback((future) => void future.result().then(console.log));
    }
    void pool.shutdown({ wait: false });
    console.log('end of main');
  },
  neverUsed() {
    new ProcessPoolExecutor({ maxWorkers: 2 });
    console.log('no worker');
  },
  async unretrieved() {
    const pool = await warm();
    void pool.submit(fail);
    console.log(await pool.submit(say, 1, 'one'));
  },
  async exits() {
    await busy(await warm());
    process.exit(4);
  },
  async throws() {
    await busy(await warm());
    throw new RangeError('of main');
  },
  /** Told to end in any way, with a worker that computes and another that has nothing to do. */
  async waits() {
    const pool = await warm();
    const idle = await warm();
    await busy(pool);
    console.log('ready');
    setInterval(() => idle.stats(), 1000);
  },
  async childOfWorker() {
    const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    console.log((await pool.submit(startChild)).join(' '));
    process.exit(0);
  },
};

/** A pool of its own, which is left behind. */
export const startChild = task(import.meta, 'startChild', async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const pids = [process.pid, await pool.submit(worker)];
  await busy(pool);
  return pids;
});

if (isMain(import.meta)) {
  await stories[process.argv[2] as string]?.();
}
