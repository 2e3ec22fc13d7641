import { loadPeer } from './load.ts';
import { type ThreadPeerPool, workerModule, WORKERS } from './peer-pool.ts';

interface Options {
  readonly filename: string;
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly concurrentTasksPerWorker: number;
}

/** As much of piscina's surface as the rows use. */
interface PiscinaModule {
  readonly Piscina: {
    new (options: Options): {
      run(task: unknown, options: { name: string }): Promise<unknown>;
      destroy(): Promise<void>;
    };
    move(buffer: ArrayBuffer): unknown;
  };
}

/** @param depth how many tasks a worker is given at a time; 1 is piscina's own choice */
export async function openPiscina(depth = 1): Promise<ThreadPeerPool> {
  const { Piscina } = await loadPeer<PiscinaModule>('piscina');
  const pool = new Piscina({
    filename: workerModule('functions.mjs').href,
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker: depth,
  });
  return {
    call: (name, value) => pool.run(value, { name }),
    move: (name, buffer) => pool.run(Piscina.move(buffer), { name }),
    close: () => pool.destroy(),
  };
}
