import { fileURLToPath } from 'node:url';
import { loadPeer } from './load.ts';
import { type PeerPool, workerModule, WORKERS } from './peer-pool.ts';

/** As much of workerpool's surface as the rows use. */
interface WorkerpoolModule {
  readonly default: {
    pool(
      script: string,
      options: { workerType: 'thread'; minWorkers: number; maxWorkers: number },
    ): {
      exec(method: string, params: unknown[], options?: { transfer: ArrayBuffer[] }): PromiseLike<unknown>;
      terminate(force: boolean): PromiseLike<unknown>;
    };
  };
}

export async function openWorkerpool(): Promise<PeerPool> {
  const { default: workerpool } = await loadPeer<WorkerpoolModule>('workerpool');
  const pool = workerpool.pool(fileURLToPath(workerModule('workerpool')), {
    workerType: 'thread',
    minWorkers: WORKERS,
    maxWorkers: WORKERS,
  });
  return {
    call: (name, value) => pool.exec(name, [value]),
    move: (name, buffer) => pool.exec(name, [buffer], { transfer: [buffer] }),
    close: () => pool.terminate(true),
  };
}
