import { atMost } from '../mark.ts';
import { type PeerPool, WORKERS } from '../npm/peer-pool.ts';
import { openPiscina } from '../npm/piscina.ts';
import { openPoolifier } from '../npm/poolifier.ts';
import { openTinypool } from '../npm/tinypool.ts';
import { openWorkerpool } from '../npm/workerpool.ts';
import { CPU_AND_WALL, OURS, type NodeContender, type PythonContender, type Row, type Work } from '../row.ts';

const ONE_BY_ONE = 1;
/** The case in which the chunks are as large as Python's `Pool.map` makes them: four for each worker. */
const EIGHT_CHUNKS = 0;

const chunksizeOf = (value: number, n: number): number =>
  value === EIGHT_CHUNKS ? Math.ceil(n / (4 * WORKERS)) : value;

/** Maps all items of a round. They are made before, and the results are looked at after it. */
function mapping(map: (items: number[]) => PromiseLike<unknown>, close: () => unknown): Work {
  let items: number[] = [];
  let results: number[] = [];
  return {
    arrange(n) {
      items = Array.from({ length: n }, (_, i) => i);
    },
    async run() {
      results = (await map(items)) as number[];
    },
    release() {
      const wrong = items.findIndex((item, i) => results[i] !== item + 1);
      if (wrong >= 0 || results.length !== items.length)
        throw new Error(
          `Expected ${items.length} results, each its item and 1, got ${results.length}, at ${wrong} ${results[wrong]}`,
        );
      results = [];
    },
    close,
  };
}

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

/** What one writes who wants chunks of a pool that has none. */
async function inChunks(pool: PeerPool, items: readonly number[], size: number): Promise<unknown[]> {
  const answers: PromiseLike<unknown>[] = [];
  for (let i = 0; i < items.length; i += size)
    answers.push(pool.call('incrementAll', items.slice(i, i + size)));
  return (await Promise.all(answers)).flat();
}

function peer(id: string, label: string, open: () => Promise<PeerPool>): NodeContender {
  return {
    id,
    label,
    peer: id,
    async load(value) {
      const pool = await open();
      const one = (items: readonly number[]): PromiseLike<unknown> =>
        pool.map?.('increment', items) ?? Promise.all(items.map((item) => pool.call('increment', item)));
      return mapping(
        value === ONE_BY_ONE ? one : (items) => inChunks(pool, items, chunksizeOf(value, items.length)),
        () => pool.close(),
      );
    },
  };
}

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
  cases: [
    { id: 'one', label: 'one by one', value: ONE_BY_ONE, n: 24_000 },
    { id: '64', label: 'chunks of 64', value: 64 },
    { id: 'eight', label: 'eight chunks', value: EIGHT_CHUNKS },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    peer('piscina', 'piscina: run, chunks cut by hand', openPiscina),
    peer('tinypool', 'tinypool: run, chunks cut by hand', openTinypool),
    peer('workerpool', 'workerpool: exec, chunks cut by hand', openWorkerpool),
    peer('poolifier', 'poolifier: mapExecute; execute, chunks cut by hand', openPoolifier),
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
