import { atMost } from '../mark.ts';
import { WORKERS } from '../npm/peer-pool.ts';
import { openPoolifierCluster } from '../npm/poolifier.ts';
import { openTinypoolProcesses } from '../npm/tinypool.ts';
import { openWorkerpoolProcesses } from '../npm/workerpool.ts';
import { CPU_AND_WALL, OURS, type NodeContender, type PythonContender, type Row } from '../row.ts';
import { chunksizeOf, mapCases, mapPeer, mapping } from './mapping.ts';

const ours: NodeContender = {
  id: OURS,
  label: 'ours: await executor.map()',
  async load(value) {
    const [{ ProcessPoolExecutor }, { increment }] = await Promise.all([
      import('@switchyard/futures'),
      import('./process-tasks.ts'),
    ]);
    const pool = new ProcessPoolExecutor({ maxWorkers: WORKERS });
    return mapping(
      (items) => pool.map(increment, items, { chunksize: chunksizeOf(value, items.length) }),
      () => pool.shutdown(),
    );
  },
};

const oursPool: NodeContender = {
  id: 'ours-pool',
  label: 'ours: await Pool.map()',
  async load(value) {
    const [{ Pool }, { increment }] = await Promise.all([
      import('@switchyard/multiprocessing'),
      import('./process-tasks.ts'),
    ]);
    const pool = new Pool(WORKERS);
    return mapping(
      (items) => pool.map(increment, items, { chunksize: chunksizeOf(value, items.length) }),
      () => pool[Symbol.asyncDispose](),
    );
  },
};

const python = (id: string, label: string, script: string): PythonContender => ({
  id,
  label,
  script,
  standard: true,
});

export const row: Row = {
  id: 'process-map',
  title: 'map in processes, trivial, 2 workers',
  per: 'item',
  method: 'tree',
  n: 480_000,
  cases: mapCases(9_600),
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    oursPool,
    mapPeer('workerpool', 'workerpool: exec, chunks cut by hand', openWorkerpoolProcesses),
    mapPeer('tinypool', 'tinypool: run, chunks cut by hand', openTinypoolProcesses),
    mapPeer('poolifier', 'poolifier: mapExecute; execute, chunks cut by hand', openPoolifierCluster),
    python('python', 'Python ProcessPoolExecutor.map', 'process_map.py'),
    python('python-pool', 'Python multiprocessing: Pool.map', 'pool_map.py'),
  ],
  marks: [
    atMost(1_000, 'at most 1 us an item in chunks of 64', { case: '64' }),
    atMost(1_000, 'at most 1 us an item in eight chunks', { case: 'eight' }),
  ],
};
