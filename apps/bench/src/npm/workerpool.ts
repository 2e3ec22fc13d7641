import type { SerializationType } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadPeer } from './load.ts';
import { type PeerPool, type ThreadPeerPool, workerModule, WORKERS } from './peer-pool.ts';

interface Options {
  readonly workerType: 'thread' | 'process';
  readonly forkOpts?: { readonly serialization: SerializationType };
}

/** As much of workerpool's surface as the rows use. */
interface WorkerpoolModule {
  readonly default: {
    pool(
      script: string,
      options: Options & { minWorkers: number; maxWorkers: number },
    ): {
      exec(method: string, params: unknown[], options?: { transfer: ArrayBuffer[] }): PromiseLike<unknown>;
      terminate(force: boolean): PromiseLike<unknown>;
    };
  };
}

async function open(options: Options): Promise<ThreadPeerPool> {
  const { default: workerpool } = await loadPeer<WorkerpoolModule>('workerpool');
  const pool = workerpool.pool(fileURLToPath(workerModule('workerpool.mjs')), {
    ...options,
    minWorkers: WORKERS,
    maxWorkers: WORKERS,
  });
  return {
    call: (name, value) => pool.exec(name, [value]),
    move: (name, buffer) => pool.exec(name, [buffer], { transfer: [buffer] }),
    close: () => pool.terminate(true),
  };
}

export const openWorkerpool = (): Promise<ThreadPeerPool> => open({ workerType: 'thread' });

/** The same with processes. @param serialization what `fork` does with messages; JSON is workerpool's own choice */
export const openWorkerpoolProcesses = (serialization: SerializationType = 'json'): Promise<PeerPool> =>
  open({ workerType: 'process', forkOpts: { serialization } });
