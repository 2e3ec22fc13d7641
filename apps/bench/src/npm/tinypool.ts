import { loadPeer } from './load.ts';
import { type PeerPool, type ThreadPeerPool, workerModule, WORKERS } from './peer-pool.ts';

interface Options {
  readonly filename: string;
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly concurrentTasksPerWorker: number;
  readonly runtime: 'worker_threads' | 'child_process';
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

async function open(depth: number, runtime: Options['runtime']): Promise<ThreadPeerPool> {
  const { Tinypool } = await loadPeer<TinypoolModule>('tinypool');
  const pool = new Tinypool({
    filename: workerModule('functions.mjs').href,
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker: depth,
    runtime,
  });
  return {
    call: (name, value) => pool.run(value, { name }),
    move: (name, buffer) => pool.run(Tinypool.move(buffer), { name }),
    close: () => pool.destroy(),
  };
}

/** @param depth how many tasks a worker is given at a time; 1 is tinypool's own choice */
export const openTinypool = (depth = 1): Promise<ThreadPeerPool> => open(depth, 'worker_threads');

/** The same with processes. */
export const openTinypoolProcesses = (depth = 1): Promise<PeerPool> => open(depth, 'child_process');
