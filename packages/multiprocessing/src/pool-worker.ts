import { Call, type Exit, type Peer, type PeerOwner } from '@switchyard/remote/core';
import { processError } from './process-error.ts';
import type { Job } from './pool-job.ts';
import { nextIdentity } from './process-role.ts';
import { nameOf, sendSignal, startChild } from './start-child.ts';

/** One that is asked to end may take so long for it, in milliseconds. */
const LAST_WORDS = 1000;

/** What a worker tells the pool that it belongs to. */
export interface WorkerOwner {
  /** Its initializer has ended; with an error, if there is one. */
  initialized(worker: PoolWorker, failure: { readonly error: unknown } | null): void;
  /** It has done what it was given. */
  freed(worker: PoolWorker): void;
  /** It has ended; this it had been given, but not begun. */
  gone(worker: PoolWorker, exit: Exit, returned: Job | null): void;
}

/** One process of a pool, which has one job at a time. @internal */
export class PoolWorker implements PeerOwner {
  readonly name: string;
  readonly peer: Peer;
  /** Whether it may be given jobs: not before its initializer has ended. */
  ready: boolean;
  /** How many it has been given. */
  given: number;
  /** It is given nothing more. */
  leaving: boolean;
  /** Whether a job has been told of its end. */
  struck: boolean;
  job: Job | null;
  private readonly pool: WorkerOwner;
  private returned: Job | null;
  /** Whether the program lives on for it. */
  private held: boolean;

  constructor(pool: WorkerOwner) {
    const identity = nextIdentity();
    this.pool = pool;
    this.name = nameOf('PoolWorker', identity);
    this.ready = true;
    this.given = 0;
    this.leaving = false;
    this.struck = false;
    this.job = null;
    this.returned = null;
    this.held = true;
    this.peer = startChild(this, { name: this.name, identity, daemon: true });
  }

  /** @throws CloneError when an argument cannot be sent; it has not been given then */
  initialize(target: object, args: readonly unknown[]): void {
    this.ready = false;
    this.peer.push(new Initialize(this, target, args));
  }

  /** @throws CloneError when an argument cannot be sent; it has not been given then */
  give(job: Job): void {
    this.peer.push(new PoolCall(this, job));
    this.job = job;
    this.given++;
    this.hold(true);
  }

  /** Has nothing to do: the program need not live for it. */
  rest(): void {
    this.hold(false);
  }

  /** Has it end, as it has nothing to do. */
  stop(): void {
    this.leaving = true;
    this.hold(true);
    this.peer.stop();
  }

  /** Has it end whatever it does. */
  terminate(): void {
    this.leaving = true;
    this.hold(true);
    sendSignal(this.peer, 'SIGTERM');
    setTimeout(() => {
      if (this.peer.gone === null) this.peer.runtime.kill();
    }, LAST_WORDS).unref();
  }

  initialized(failure: { readonly error: unknown } | null): void {
    this.ready = failure === null;
    this.pool.initialized(this, failure);
  }

  finished(): void {
    this.job = null;
    this.pool.freed(this);
  }

  lost(job: Job, exit: Exit, begun: boolean): void {
    this.job = null;
    if (!begun) {
      this.returned = job;
      return;
    }
    this.struck = true;
    const { name } = job.target as { name: string };
    job.end(true, processError(`worker ${this.name}`, exit, ` while it ran the task ${name}`));
  }

  exited(_peer: Peer, exit: Exit): void {
    this.pool.gone(this, exit, this.returned);
  }

  private hold(on: boolean): void {
    if (this.held === on) return;
    this.held = on;
    if (on) this.peer.runtime.ref();
    else this.peer.runtime.unref();
  }
}

class PoolCall extends Call {
  private readonly worker: PoolWorker;
  private readonly job: Job;

  constructor(worker: PoolWorker, job: Job) {
    super(job.target, job.args, job.flags);
    this.worker = worker;
    this.job = job;
  }

  override argumentNames(): readonly string[] | null {
    return this.job.names?.() ?? null;
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.job.end(failed, outcome);
    this.worker.finished();
  }

  override lost(exit: Exit, begun: boolean): void {
    this.worker.lost(this.job, exit, begun);
  }
}

class Initialize extends Call {
  private readonly worker: PoolWorker;

  constructor(worker: PoolWorker, target: object, args: readonly unknown[]) {
    super(target, args, 0);
    this.worker = worker;
  }

  override argumentNames(): readonly string[] {
    return this.args.map((_, at) => `initargs[${at}]`);
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.worker.initialized(failed ? { error: outcome } : null);
  }

  override lost(exit: Exit, begun: boolean): void {
    // Whoever ended it before it had begun may have meant the worker.
    if (!begun) return;
    this.worker.struck = true;
    this.worker.initialized({ error: processError('it', exit) });
  }
}
