import { loadPeer } from './load.ts';
import { type PeerPool, workerModule, WORKERS } from './peer-pool.ts';

interface Options {
  readonly filename: string;
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly concurrentTasksPerWorker: number;
}

/** As much of tinypool's surface as the rows use. */
interface TinypoolModule {
  readonly Tinypool: {
    new (options: Options): {
      run(task: unknown, options: { name: string }): Promise<unknown>;
      destroy(): Promise<void>;
    };
    move(buffer: ArrayBuffer): unknown;
  };
}

/** @param depth how many tasks a worker is given at a time; 1 is tinypool's own choice */
export async function openTinypool(depth = 1): Promise<PeerPool> {
  const { Tinypool } = await loadPeer<TinypoolModule>('tinypool');
  const pool = new Tinypool({
    filename: workerModule('functions').href,
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker: depth,
  });
  return {
    call: (name, value) => pool.run(value, { name }),
    move: (name, buffer) => pool.run(Tinypool.move(buffer), { name }),
    close: () => pool.destroy(),
  };
}
