import type { Coroutine } from '@switchyard/greenlet';
import type { ThreadPoolExecutor } from '@switchyard/futures';
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { aheadOf, atMost, atMostTimes } from '../mark.ts';
import { type PeerPool, WORKERS } from '../npm/peer-pool.ts';
import { openPiscina } from '../npm/piscina.ts';
import { openPoolifier } from '../npm/poolifier.ts';
import { openTinypool } from '../npm/tinypool.ts';
import { openWorkerpool } from '../npm/workerpool.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row, type Work } from '../row.ts';

const IN_FLIGHT = 64;

function check(value: unknown, i: number): void {
  if (value !== i + 1) throw new Error(`Expected ${i + 1} of the worker, got ${String(value)}`);
}

/** As many async functions as tasks are to be in flight, each with one task after the other. */
function clients(n: number, call: (i: number) => PromiseLike<unknown>): Promise<unknown> {
  const client = async (): Promise<void> => {
    for (let i = 0; i < n / IN_FLIGHT; i++) check(await call(i), i);
  };
  return Promise.all(Array.from({ length: IN_FLIGHT }, client));
}

interface Ours {
  readonly pool: ThreadPoolExecutor;
  readonly increment: (value: number) => number;
}

async function openOurs(): Promise<Ours> {
  const [{ ThreadPoolExecutor }, { increment }] = await Promise.all([
    import('@switchyard/futures'),
    import('./thread-tasks.ts'),
  ]);
  return { pool: new ThreadPoolExecutor({ maxWorkers: WORKERS }), increment };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: yield* pool.submit(), greenlets',
  async load() {
    const { joinall, spawn } = await import('@switchyard/gevent');
    const { pool, increment } = await openOurs();
    function* client(count: number): Coroutine<void> {
      for (let i = 0; i < count; i++) check(yield* pool.submit(increment, i), i);
    }
    return {
      run: (n) =>
        joinall(
          Array.from({ length: IN_FLIGHT }, () => spawn(client, n / IN_FLIGHT)),
          { raiseError: true },
        ),
      close: () => pool.shutdown(),
    };
  },
};

const awaited: NodeContender = {
  id: 'ours-await',
  label: 'ours: await pool.submit()',
  async load() {
    const { pool, increment } = await openOurs();
    return {
      run: (n) => clients(n, (i) => pool.submit(increment, i)),
      close: () => pool.shutdown(),
    };
  },
};

/** The floor: messages there and back, with no promise, no name and no error that could come back. */
const raw: NodeContender = {
  id: 'raw',
  label: 'postMessage to two workers, callbacks',
  async load() {
    const file = new URL(`echo-worker${extname(import.meta.url)}`, import.meta.url);
    const workers = Array.from({ length: WORKERS }, () => new Worker(file));
    await Promise.all(workers.map((worker) => once(worker, 'online')));
    const exchange = (worker: Worker, count: number): Promise<void> =>
      new Promise((resolve, reject) => {
        let sent = 0;
        let received = 0;
        worker.on('error', reject).removeAllListeners('message');
        worker.on('message', (value: number) => {
          // One worker answers in the order in which it was asked.
          if (value !== received + 1) reject(new Error(`Expected ${received + 1}, got ${value}`));
          if (++received === count) resolve();
          else if (sent < count) worker.postMessage(sent++);
        });
        while (sent < Math.min(count, IN_FLIGHT / WORKERS)) worker.postMessage(sent++);
      });
    return {
      run: (n) => Promise.all(workers.map((worker) => exchange(worker, n / WORKERS))),
      close: () => Promise.all(workers.map((worker) => worker.terminate())),
    };
  },
};

function peer(id: string, label: string, name: string, open: () => Promise<PeerPool>): NodeContender {
  return {
    id,
    label,
    peer: name,
    async load(): Promise<Work> {
      const pool = await open();
      return { run: (n) => clients(n, (i) => pool.call('increment', i)), close: () => pool.close() };
    },
  };
}

export const row: Row = {
  id: 'thread-task',
  title: 'thread task, trivial, 64 in flight, 2 workers',
  per: 'task',
  method: 'time',
  n: 48_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    awaited,
    raw,
    peer('piscina', 'piscina: run', 'piscina', openPiscina),
    peer('piscina-32', 'piscina: run, 32 per worker', 'piscina', () => openPiscina(32)),
    peer('tinypool', 'tinypool: run', 'tinypool', openTinypool),
    peer('tinypool-32', 'tinypool: run, 32 per worker', 'tinypool', () => openTinypool(32)),
    peer('workerpool', 'workerpool: exec', 'workerpool', openWorkerpool),
    peer('poolifier', 'poolifier: FixedThreadPool, execute', 'poolifier', openPoolifier),
    { id: 'python', label: 'Python ThreadPoolExecutor', script: 'thread_task.py', standard: true },
    {
      id: 'python-process',
      label: 'Python ProcessPoolExecutor',
      script: 'process_task.py',
      standard: true,
      n: 9_600,
    },
  ],
  marks: [
    atMost(6_000, 'at most 6 us'),
    aheadOf(3, 'piscina', '3x ahead of piscina'),
    atMostTimes(1.1, 'python', "level with Python's, which shares memory (at most 1.1x)"),
  ],
};
