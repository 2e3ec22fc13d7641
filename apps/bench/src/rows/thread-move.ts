import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { atMostTimes } from '../mark.ts';
import { type ThreadPeerPool, WORKERS } from '../npm/peer-pool.ts';
import { openPiscina } from '../npm/piscina.ts';
import { openPoolifier } from '../npm/poolifier.ts';
import { openTinypool } from '../npm/tinypool.ts';
import { openWorkerpool } from '../npm/workerpool.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row, type Work } from '../row.ts';

const SIZE = 50_000_000;
const FILLING = 1;

/** Sends all buffers of a round at once. They are made before, and every byte of them has been written. */
function sending(
  send: (buffer: ArrayBuffer) => PromiseLike<unknown>,
  close: () => unknown,
  left: number,
): Work {
  let buffers: ArrayBuffer[] = [];
  return {
    arrange(n) {
      buffers = Array.from({ length: n }, () => new Uint8Array(SIZE).fill(FILLING).buffer);
    },
    async run() {
      for (const weight of await Promise.all(buffers.map(send)))
        if (weight !== SIZE + FILLING) throw new Error(`Expected ${SIZE + FILLING}, got ${String(weight)}`);
    },
    release() {
      for (const { byteLength } of buffers)
        if (byteLength !== left) throw new Error(`Expected ${left} bytes to be left here, got ${byteLength}`);
      buffers = [];
    },
    close,
  };
}

async function ourPool(moves: boolean): Promise<Work> {
  const [{ ThreadPoolExecutor, transfer }, { weigh }] = await Promise.all([
    import('@switchyard/futures'),
    import('./thread-tasks.ts'),
  ]);
  const pool = new ThreadPoolExecutor({ maxWorkers: WORKERS });
  return sending(
    moves ? (buffer) => pool.submit(weigh, transfer(buffer)) : (buffer) => pool.submit(weigh, buffer),
    () => pool.shutdown(),
    moves ? 0 : SIZE,
  );
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: submit(weigh, transfer(buffer))',
  load: () => ourPool(true),
};

const copied: NodeContender = {
  id: 'ours-copied',
  label: 'ours: submit(weigh, buffer), copied',
  slow: true,
  load: () => ourPool(false),
};

/** The floor. */
const raw: NodeContender = {
  id: 'raw',
  label: 'postMessage(buffer, [buffer])',
  async load() {
    const file = new URL(`weigh-worker${extname(import.meta.url)}`, import.meta.url);
    const workers = Array.from({ length: WORKERS }, () => new Worker(file));
    await Promise.all(workers.map((worker) => once(worker, 'online')));
    const takers: ((weight: unknown) => void)[][] = workers.map(() => []);
    for (const [at, worker] of workers.entries())
      worker.on('message', (weight) => takers[at]?.shift()?.(weight));
    let turn = 0;
    return sending(
      (buffer) =>
        new Promise((resolve) => {
          const at = turn++ % WORKERS;
          takers[at]?.push(resolve);
          workers[at]?.postMessage(buffer, [buffer]);
        }),
      () => Promise.all(workers.map((worker) => worker.terminate())),
      0,
    );
  },
};

function peer(id: string, label: string, open: () => Promise<ThreadPeerPool>): NodeContender {
  return {
    id,
    label,
    peer: id,
    async load() {
      const pool = await open();
      return sending(
        (buffer) => pool.move('weigh', buffer),
        () => pool.close(),
        0,
      );
    },
  };
}

export const row: Row = {
  id: 'thread-move',
  title: '8 x 50 MB moved into threads, 2 workers',
  per: 'buffer',
  method: 'time',
  n: 8,
  rounds: 9,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    copied,
    raw,
    peer('piscina', 'piscina: run(move(buffer))', openPiscina),
    peer('tinypool', 'tinypool: run(move(buffer))', openTinypool),
    peer('workerpool', 'workerpool: exec, transfer', openWorkerpool),
    peer('poolifier', 'poolifier: execute, transferList', openPoolifier),
    {
      id: 'python',
      label: 'Python ThreadPoolExecutor (hands references over)',
      script: 'thread_move.py',
      standard: true,
    },
  ],
  marks: [atMostTimes(1.1, 'piscina', 'equal to piscina (at most 1.1x)')],
};
