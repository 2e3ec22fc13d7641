import { atMost } from '../mark.ts';
import { WORKERS } from '../npm/peer-pool.ts';
import { openPiscina } from '../npm/piscina.ts';
import { openPoolifier } from '../npm/poolifier.ts';
import { openTinypool } from '../npm/tinypool.ts';
import { openWorkerpool } from '../npm/workerpool.ts';
import { CPU_AND_WALL, OURS, type NodeContender, type PythonContender, type Row } from '../row.ts';
import { chunksizeOf, mapCases, mapPeer, mapping } from './mapping.ts';

const ours: NodeContender = {
  id: OURS,
  label: 'ours: await pool.map()',
  async load(value) {
    const [{ ThreadPoolExecutor }, { increment }] = await Promise.all([
      import('@switchyard/futures'),
      import('./thread-tasks.ts'),
    ]);
    const pool = new ThreadPoolExecutor({ maxWorkers: WORKERS });
    return mapping(
      (items) => pool.map(increment, items, { chunksize: chunksizeOf(value, items.length) }),
      () => pool.shutdown(),
    );
  },
};

const NO_CHUNKS = 'its chunksize does nothing';

const python = (id: string, label: string, script: string): PythonContender => ({
  id,
  label,
  script,
  standard: true,
});

export const row: Row = {
  id: 'thread-map',
  title: 'executor map, trivial, 2 workers',
  per: 'item',
  method: 'time',
  n: 480_000,
  cases: mapCases(24_000),
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    mapPeer('piscina', 'piscina: run, chunks cut by hand', openPiscina),
    mapPeer('tinypool', 'tinypool: run, chunks cut by hand', openTinypool),
    mapPeer('workerpool', 'workerpool: exec, chunks cut by hand', openWorkerpool),
    mapPeer('poolifier', 'poolifier: mapExecute; execute, chunks cut by hand', openPoolifier),
    {
      ...python('python', 'Python ThreadPoolExecutor.map', 'thread_map.py'),
      cannot: { 64: NO_CHUNKS, eight: NO_CHUNKS },
    },
    python('python-process', 'Python ProcessPoolExecutor.map', 'process_map.py'),
    python('python-pool', 'Python multiprocessing: Pool.map', 'pool_map.py'),
  ],
  marks: [
    atMost(1_000, 'at most 1 us an item in chunks of 64', { case: '64' }),
    atMost(1_000, 'at most 1 us an item in eight chunks', { case: 'eight' }),
  ],
};
