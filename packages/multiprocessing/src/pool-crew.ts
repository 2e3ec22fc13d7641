import { show } from '@switchyard/greenlet/scheduler';
import { hub } from '@switchyard/hub/core';
import type { Exit } from '@switchyard/remote/core';
import { type Job, JobQueue } from './pool-job.ts';
import type { PoolSettings } from './pool-options.ts';
import { PoolWorker, type WorkerOwner } from './pool-worker.ts';
import { processError, ProcessError } from './process-error.ts';

/** So many workers in a row may be killed from outside before they were up; one that ended by itself counts for many. */
const STILLBORN = 48;
const BY_ITSELF = 16;
const FROM_OUTSIDE = new Set<string | null>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

/** The workers of a pool and what waits for them. @internal */
export class Crew implements WorkerOwner {
  private readonly settings: PoolSettings;
  private readonly queue: JobQueue;
  private readonly workers: Set<PoolWorker>;
  /** Those that have nothing to do, the one used last at the end: its caches are warm. */
  private readonly idle: PoolWorker[];
  private stillborn: number;
  /** Whether workers end when there is nothing to do. */
  private closing: boolean;
  /** Why no job can run any more. */
  private broken: ProcessError | null;
  /** Called when all are gone. */
  private readonly onGone: Set<() => void>;

  constructor(settings: PoolSettings) {
    this.settings = settings;
    this.queue = new JobQueue();
    this.workers = new Set();
    this.idle = [];
    this.stillborn = 0;
    this.closing = false;
    this.broken = null;
    this.onGone = new Set();
  }

  /** Whether nobody is left, and nothing to do. */
  get empty(): boolean {
    return this.workers.size === 0 && this.queue.first === null;
  }

  /** @throws ProcessError when no job can run any more */
  submit(job: Job): void {
    this.check();
    this.queue.push(job);
    this.dispatch();
  }

  /** It comes before all others. */
  resubmit(job: Job): void {
    this.check();
    this.queue.unshift(job);
    this.dispatch();
  }

  /** Calls back when all are gone; returns what takes that back. */
  whenGone(then: () => void): () => void {
    this.onGone.add(then);
    return () => this.onGone.delete(then);
  }

  /** Ends each worker when nothing is left to do. */
  close(): void {
    this.closing = true;
    if (this.queue.first === null) for (const worker of this.idle.splice(0)) worker.stop();
    this.tellGone();
  }

  /** Ends all at once; what has not ended fails with this. */
  terminate(error: ProcessError): void {
    this.closing = true;
    this.broken ??= error;
    this.idle.length = 0;
    for (const worker of this.workers) worker.terminate();
    for (const worker of this.workers) worker.job?.end(true, error);
    for (let job = this.queue.shift(); job !== null; job = this.queue.shift()) job.end(true, error);
    this.tellGone();
  }

  initialized(worker: PoolWorker, failure: { readonly error: unknown } | null): void {
    if (worker.leaving) return;
    if (failure === null) {
      this.freed(worker);
      return;
    }
    const { error } = failure;
    const why = error instanceof Error ? error.message : show(error);
    this.terminate(
      new ProcessError(`the initializer of the pool failed, so no task can run: ${why}`, { cause: error }),
    );
  }

  freed(worker: PoolWorker): void {
    this.stillborn = 0;
    if (worker.leaving) return;
    if (worker.given >= this.settings.maxTasks || (this.closing && this.queue.first === null)) {
      worker.stop();
      return;
    }
    this.idle.push(worker);
    this.dispatch();
  }

  gone(worker: PoolWorker, exit: Exit, returned: Job | null): void {
    this.workers.delete(worker);
    const at = this.idle.indexOf(worker);
    if (at >= 0) this.idle.splice(at, 1);
    if (returned !== null && !returned.over) this.queue.unshift(returned);
    if (!worker.peer.up && !worker.leaving) {
      this.stillborn += FROM_OUTSIDE.has(exit.signal) ? 1 : BY_ITSELF;
      if (this.stillborn >= STILLBORN) {
        this.terminate(processError('no worker of the pool comes up: the last one', exit));
      }
    } else if (exit.error !== undefined && !worker.struck && !worker.leaving) {
      hub.reports.report(exit.error, null, `Worker ${worker.name} failed between two tasks`);
    }
    this.dispatch();
    this.tellGone();
  }

  private check(): void {
    if (this.broken !== null) throw this.broken;
  }

  /** Gives out what waits, as far as somebody is there for it. */
  private dispatch(): void {
    for (let job = this.queue.first; job !== null; job = this.queue.first) {
      const worker = this.idle.pop() ?? this.hire();
      if (worker === null) return;
      void this.queue.shift();
      try {
        worker.give(job);
      } catch (error) {
        this.idle.push(worker);
        job.end(true, error);
      }
    }
    for (const worker of this.idle) worker.rest();
    // All that was left may have been dropped.
    if (this.closing && this.queue.first === null) for (const worker of this.idle.splice(0)) worker.stop();
  }

  /** Starts workers if there is room for them; returns one that can be given a job now. */
  private hire(): PoolWorker | null {
    const { processes, initializer, initargs } = this.settings;
    let coming = 0;
    for (const worker of this.workers) if (!worker.ready && !worker.leaving) coming++;
    while (this.workers.size < processes && coming < this.queue.length && this.broken === null) {
      const worker = this.start();
      if (worker === null) return null;
      this.workers.add(worker);
      if (initializer === null) return worker;
      coming++;
      try {
        worker.initialize(initializer, initargs);
      } catch (error) {
        this.initialized(worker, { error });
      }
    }
    return null;
  }

  private start(): PoolWorker | null {
    try {
      return new PoolWorker(this);
    } catch (error) {
      const why = error instanceof Error ? error.message : show(error);
      this.terminate(new ProcessError(`the pool cannot start a worker: ${why}`, { cause: error }));
      return null;
    }
  }

  private tellGone(): void {
    if (!this.empty) return;
    for (const then of this.onGone) then();
    this.onGone.clear();
  }
}
