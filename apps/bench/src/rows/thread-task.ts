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
import { clients, type Echo, exchangeAll, greenletClients } from './clients.ts';

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
    const { pool, increment } = await openOurs();
    return {
      run: await greenletClients((i) => pool.submit(increment, i)),
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
    const echoes = workers.map((worker): Echo => ({
      send: (value) => worker.postMessage(value),
      listen: (answered, failed) =>
        void worker.on('error', failed).removeAllListeners('message').on('message', answered),
    }));
    return {
      run: (n) => exchangeAll(echoes, n),
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
