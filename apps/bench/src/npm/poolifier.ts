import { fileURLToPath } from 'node:url';
import { loadPeer } from './load.ts';
import { type PeerPool, workerModule, WORKERS } from './peer-pool.ts';

/** As much of poolifier's surface as the rows use. */
interface PoolifierModule {
  readonly FixedThreadPool: new (
    workers: number,
    file: string,
  ) => {
    execute(
      data: unknown,
      name: string,
      signal?: AbortSignal,
      transferList?: readonly ArrayBuffer[],
    ): Promise<unknown>;
    mapExecute(data: Iterable<unknown>, name: string): Promise<unknown[]>;
    destroy(): Promise<void>;
  };
}

export async function openPoolifier(): Promise<PeerPool> {
  const { FixedThreadPool } = await loadPeer<PoolifierModule>('poolifier');
  const pool = new FixedThreadPool(WORKERS, fileURLToPath(workerModule('poolifier')));
  return {
    call: (name, value) => pool.execute(value, name),
    move: (name, buffer) => pool.execute(buffer, name, undefined, [buffer]),
    map: (name, values) => pool.mapExecute(values, name),
    // Not waited for: what it returns now and then is never settled, and the process ends anyway.
    close: () => void pool.destroy(),
  };
}
