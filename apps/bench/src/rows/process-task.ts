import { aheadOf, atMost } from '../mark.ts';
import { type PeerPool, WORKERS } from '../npm/peer-pool.ts';
import { openPoolifierCluster } from '../npm/poolifier.ts';
import { openTinypoolProcesses } from '../npm/tinypool.ts';
import { openWorkerpoolProcesses } from '../npm/workerpool.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row, type Work } from '../row.ts';
import { clients, type Echo, exchangeAll, greenletClients } from './clients.ts';
import { forkChild, release } from './ipc-child.ts';

// The peers take so much longer that they do a third.
const PEERS_N = 16_000;

async function openOurs() {
  const [{ ProcessPoolExecutor }, { increment }] = await Promise.all([
    import('@switchyard/futures'),
    import('./process-tasks.ts'),
  ]);
  return { pool: new ProcessPoolExecutor({ maxWorkers: WORKERS }), increment };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: yield* executor.submit(), greenlets',
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
  label: 'ours: await executor.submit()',
  async load() {
    const { pool, increment } = await openOurs();
    return {
      run: (n) => clients(n, (i) => pool.submit(increment, i)),
      close: () => pool.shutdown(),
    };
  },
};

const oursPool: NodeContender = {
  id: 'ours-pool',
  label: 'ours: yield* Pool.applyAsync().get(), greenlets',
  async load() {
    const [{ Pool }, { increment }] = await Promise.all([
      import('@switchyard/multiprocessing'),
      import('./process-tasks.ts'),
    ]);
    const pool = new Pool(WORKERS);
    return {
      run: await greenletClients((i) => pool.applyAsync(increment, [i]).get()),
      close: () => pool[Symbol.asyncDispose](),
    };
  },
};

/** The floor: messages there and back, with no promise, no name and no error that could come back. */
function raw(serialization: 'json' | 'advanced'): NodeContender {
  return {
    id: `raw-${serialization}`,
    label: `fork, two processes, callbacks, '${serialization}'`,
    async load() {
      const children = await Promise.all(
        Array.from({ length: WORKERS }, () => forkChild('ipc-echo', { serialization })),
      );
      const echoes = children.map((child): Echo => ({
        send: (value) => void child.send(value),
        listen: (answered, failed) =>
          void child.on('error', failed).removeAllListeners('message').on('message', answered),
      }));
      return {
        run: (n) => exchangeAll(echoes, n),
        close: () => Promise.all(children.map(release)),
      };
    },
  };
}

function peer(id: string, label: string, name: string, open: () => Promise<PeerPool>): NodeContender {
  return {
    id,
    label,
    peer: name,
    n: PEERS_N,
    async load(): Promise<Work> {
      const pool = await open();
      return { run: (n) => clients(n, (i) => pool.call('increment', i)), close: () => pool.close() };
    },
  };
}

export const row: Row = {
  id: 'process-task',
  title: 'process task, trivial, 64 in flight, 2 workers',
  per: 'task',
  method: 'tree',
  n: 48_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    awaited,
    oursPool,
    raw('json'),
    raw('advanced'),
    peer('workerpool', "workerpool: 'process', exec, JSON", 'workerpool', openWorkerpoolProcesses),
    peer('workerpool-advanced', "workerpool: 'process', exec, 'advanced'", 'workerpool', () =>
      openWorkerpoolProcesses('advanced'),
    ),
    peer('tinypool', "tinypool: 'child_process', run", 'tinypool', openTinypoolProcesses),
    peer('tinypool-32', "tinypool: 'child_process', run, 32 per worker", 'tinypool', () =>
      openTinypoolProcesses(32),
    ),
    peer('poolifier', 'poolifier: FixedClusterPool, execute', 'poolifier', openPoolifierCluster),
    {
      id: 'python',
      label: 'Python ProcessPoolExecutor.submit',
      script: 'process_task.py',
      standard: true,
      n: 9_600,
    },
    {
      id: 'python-pool',
      label: 'Python multiprocessing: Pool.apply_async',
      script: 'pool_task.py',
      standard: true,
      n: 16_000,
    },
  ],
  marks: [atMost(10_000, 'at most 10 us'), aheadOf(6, 'python', "6x ahead of Python's ProcessPoolExecutor")],
};
