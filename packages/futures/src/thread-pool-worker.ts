import { Call, CHUNK, type ChunkResult, decodeError, type Exit, type RuntimeOptions, TELL } from '@switchyard/remote/core';
import { type Tenant, WorkerThread } from '@switchyard/threading/core';
import { hub } from '@switchyard/hub/core';
import type { Work } from './executor-work.ts';
import type { Chunk } from './map-results.ts';

/** What a worker tells the pool that it belongs to. */
export interface ThreadPool {
  begins(work: Work): void;
  ends(work: Work, failed: boolean, outcome: unknown): void;
  /** A call has ended: there is room. */
  freed(worker: PoolWorker): void;
  /** It died while it ran this. */
  died(work: Work, worker: PoolWorker, exit: Exit): void;
  /** It has ended; these it had not begun. */
  gone(worker: PoolWorker, exit: Exit, returned: Work[]): void;
}

/** One worker of a thread pool. @internal */
export class PoolWorker implements Tenant {
  readonly name: string;
  readonly thread: WorkerThread;
  /** Whether it may be given tasks: not before its initializer has ended, nor when it is to go. */
  ready: boolean;
  /** It is given nothing more, and ended when it has nothing to do. */
  retiring: boolean;
  /** How many tasks it has been given. */
  given: number;
  /** When its heap was last looked at, in tasks. */
  probed: number;
  /** Whether something that it ran has been told of its end. */
  struck: boolean;
  private readonly pool: ThreadPool;
  private readonly returned: Work[];

  constructor(pool: ThreadPool, name: string, options: RuntimeOptions | undefined) {
    this.pool = pool;
    this.name = name;
    this.ready = true;
    this.retiring = false;
    this.given = 0;
    this.probed = 0;
    this.struck = false;
    this.returned = [];
    this.thread = WorkerThread.lease(this, name, false, options);
    this.thread.peer.runtime.unref();
  }

  /** How many tasks it has that have not ended. */
  get load(): number {
    return this.thread.peer.calls.length;
  }

  /** Gives it a task. @throws CloneError when an argument cannot be sent; it has not been given then */
  give(work: Work, chunk: boolean, limited: boolean): void {
    const { peer } = this.thread;
    const cold = !peer.knows(work.target as object);
    const flags = (chunk ? CHUNK : 0) | (limited || cold ? TELL : 0);
    const call = new PoolCall(this, this.pool, work, flags);
    const idle = peer.calls.length === 0;
    peer.push(call);
    this.given++;
    hub.outside++;
    work.runner = call;
    if (!idle) return;
    peer.runtime.ref();
    if ((flags & TELL) === 0) this.pool.begins(work);
  }

  /** Has it do something for the pool itself. */
  run(call: Call): void {
    if (this.load === 0) this.thread.peer.runtime.ref();
    this.thread.peer.push(call);
  }

  /** Takes back the task that was given to it last, if it has not begun. */
  takeBackLast(): Work | null {
    const call = this.thread.peer.calls.at(-1);
    return call instanceof PoolCall && this.takeBack(call) ? call.work : null;
  }

  takeBack(call: PoolCall): boolean {
    if (!this.thread.peer.takeBack(call)) return false;
    hub.outside--;
    this.given--;
    return true;
  }

  returns(work: Work): void {
    this.returned.push(work);
  }

  ended(): void {
    const next = this.thread.peer.calls[0];
    // The one that was pushed behind it begins now.
    if (next instanceof PoolCall && (next.flags & TELL) === 0) this.pool.begins(next.work);
    this.pool.freed(this);
    if (this.load === 0) this.thread.peer.runtime.unref();
  }

  exited(_thread: WorkerThread, exit: Exit): void {
    this.pool.gone(this, exit, this.returned);
  }
}

/** A task in a worker of a thread pool. @internal */
export class PoolCall extends Call {
  readonly work: Work;
  readonly worker: PoolWorker;
  private readonly pool: ThreadPool;

  constructor(worker: PoolWorker, pool: ThreadPool, work: Work, flags: number) {
    const args = (flags & CHUNK) === 0 ? work.args : (work.args[0] as unknown[]);
    super(work.target as object, args, flags, work.options?.name);
    this.worker = worker;
    this.pool = pool;
    this.work = work;
  }

  override started(): void {
    this.pool.begins(this.work);
  }

  override settled(failed: boolean, outcome: unknown): void {
    hub.outside--;
    const value = failed || (this.flags & CHUNK) === 0 ? outcome : chunkOf(outcome as ChunkResult);
    this.pool.ends(this.work, failed, value);
  }

  override lost(exit: Exit, begun: boolean): void {
    hub.outside--;
    if (!begun) {
      this.worker.returns(this.work);
      return;
    }
    this.worker.struck = true;
    this.pool.died(this.work, this.worker, exit);
  }

  override event(event: unknown): void {
    this.work.future.emit(event);
  }
}

function chunkOf([values, failure]: ChunkResult): Chunk {
  return { values, failure: failure === undefined ? null : { error: decodeError(failure as never) } };
}
