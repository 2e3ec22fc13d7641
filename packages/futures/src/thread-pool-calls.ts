/** What a thread pool has its workers do beside the tasks. */
import { getHeapStatistics } from 'node:v8';
import { hub } from '@switchyard/hub/core';
import { task } from '@switchyard/remote';
import { Call, type Exit } from '@switchyard/remote/core';
import { BrokenExecutor } from './errors.ts';
import type { PoolWorker } from './thread-pool-worker.ts';

/** Who is told what came of an initializer. */
interface InitializeOwner {
  /** It has ended. */
  initialized(worker: PoolWorker, failure: { error: unknown } | null): void;
}

/** Who is told how large a heap is. */
interface ProbeOwner {
  /** The heap of a worker holds so many bytes. */
  probed(worker: PoolWorker, bytes: number): void;
}

/** The initializer, the first call of a worker. @internal */
export class Initialize extends Call {
  private readonly pool: InitializeOwner;
  private readonly worker: PoolWorker;

  constructor(pool: InitializeOwner, worker: PoolWorker, target: object, args: unknown[]) {
    super(target, args, 0);
    this.pool = pool;
    this.worker = worker;
  }

  override settled(failed: boolean, outcome: unknown): void {
    hub.outside--;
    this.pool.initialized(this.worker, failed ? { error: outcome } : null);
  }

  override lost(exit: Exit): void {
    hub.outside--;
    this.worker.struck = true;
    const error = new BrokenExecutor(`it ${howItEnded(exit)}`, { exitCode: exit.code, cause: exit.error });
    this.pool.initialized(this.worker, { error });
  }
}

const heapUsed = task(import.meta, 'heapUsed', () => getHeapStatistics().used_heap_size);

/** Looks at the heap of a worker. @internal */
export class Probe extends Call {
  private readonly pool: ProbeOwner;
  private readonly worker: PoolWorker;

  constructor(pool: ProbeOwner, worker: PoolWorker) {
    super(heapUsed, [], 0);
    this.pool = pool;
    this.worker = worker;
    worker.probing = true;
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.worker.probing = false;
    if (!failed) this.pool.probed(this.worker, outcome as number);
  }

  override lost(): void {
    this.worker.probing = false;
  }
}

/** For messages. @internal */
export function howItEnded({ code, signal, error }: Exit): string {
  const cause = error instanceof Error ? ` (${error.message})` : '';
  return signal === null ? `exited with code ${code}${cause}` : `was ended by ${signal}${cause}`;
}
