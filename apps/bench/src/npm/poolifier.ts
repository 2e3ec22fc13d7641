import { fileURLToPath } from 'node:url';
import { loadPeer } from './load.ts';
import { type PeerPool, type ThreadPeerPool, workerModule, WORKERS } from './peer-pool.ts';

interface Pool {
  execute(
    data: unknown,
    name: string,
    signal?: AbortSignal,
    transferList?: readonly ArrayBuffer[],
  ): Promise<unknown>;
  mapExecute(data: Iterable<unknown>, name: string): Promise<unknown[]>;
  destroy(): Promise<void>;
}

/** As much of poolifier's surface as the rows use. */
interface PoolifierModule {
  readonly FixedThreadPool: new (workers: number, file: string) => Pool;
  readonly FixedClusterPool: new (workers: number, file: string) => Pool;
}

const loadPoolifier = (): Promise<PoolifierModule> => loadPeer<PoolifierModule>('poolifier');

const using = (pool: Pool): ThreadPeerPool => ({
  call: (name, value) => pool.execute(value, name),
  move: (name, buffer) => pool.execute(buffer, name, undefined, [buffer]),
  map: (name, values) => pool.mapExecute(values, name),
  // Not waited for: what it returns now and then is never settled, and the process ends anyway.
  close: () => void pool.destroy(),
});

export async function openPoolifier(): Promise<ThreadPeerPool> {
  const { FixedThreadPool } = await loadPoolifier();
  return using(new FixedThreadPool(WORKERS, fileURLToPath(workerModule('poolifier.mjs'))));
}

/** The same with processes. */
export async function openPoolifierCluster(): Promise<PeerPool> {
  const { FixedClusterPool } = await loadPoolifier();
  return using(new FixedClusterPool(WORKERS, fileURLToPath(workerModule('poolifier-cluster.cjs'))));
}
