/** What a pool has its workers do beside the tasks. */
import { hub } from '@switchyard/hub/core';
import { Call, type Exit } from '@switchyard/remote/core';
import { BrokenExecutor } from './errors.ts';
import { memoryUsed } from './worker-pool-tasks.ts';
import type { PoolWorker } from './worker-pool-worker.ts';

/** Who is told what came of a first call. */
interface InitializeOwner {
  /** It has ended. */
  initialized(worker: PoolWorker, failure: { error: unknown } | null): void;
}

/** Who is told how much memory a worker uses. */
interface ProbeOwner {
  /** Its heap, and its process if that was asked for, hold so many bytes. */
  probed(worker: PoolWorker, heap: number, rss: number): void;
}

/** The first call of a worker: its initializer, if it has one. @internal */
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

  override lost(exit: Exit, begun: boolean): void {
    hub.outside--;
    // Who ended it meant the worker, or did not know of either: another one may do better, up to a point.
    if (!begun || exit.signal !== null) return;
    this.worker.struck = true;
    this.pool.initialized(this.worker, { error: brokenBy(`it ${howItEnded(exit)}`, exit, null) });
  }
}

/** Looks at the memory of a worker. @internal */
export class Probe extends Call {
  private readonly pool: ProbeOwner;
  private readonly worker: PoolWorker;

  constructor(pool: ProbeOwner, worker: PoolWorker, ofProcess: boolean) {
    super(memoryUsed, [ofProcess], 0);
    this.pool = pool;
    this.worker = worker;
    worker.probing = true;
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.worker.probing = false;
    if (!failed) this.pool.probed(this.worker, ...(outcome as [number, number]));
  }

  override lost(): void {
    this.worker.probing = false;
  }
}

/** For messages. @internal */
export function howItEnded({ code, signal, error }: Exit): string {
  const cause = error instanceof Error ? ` (${error.message})` : '';
  if (signal !== null) return `was ended by ${signal}${cause}`;
  return code === null ? `could not be started${cause}` : `exited with code ${code}${cause}`;
}

/** @param pid of the process, if it is one @internal */
export function brokenBy(message: string, { code, signal, error }: Exit, pid: number | null): BrokenExecutor {
  return new BrokenExecutor(message, { exitCode: code, signal, pid, cause: error });
}
