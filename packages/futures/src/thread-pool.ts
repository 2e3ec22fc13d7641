import { availableParallelism } from 'node:os';
import { show } from '@switchyard/greenlet/scheduler';
import { hub } from '@switchyard/hub/core';
import { task } from '@switchyard/remote';
import { Call, type Exit, guard, requireReference, type RuntimeOptions } from '@switchyard/remote/core';
import { BrokenExecutor } from './errors.ts';
import { Executor } from './executor.ts';
import { checkCount, type ExecutorOptions, type SubmitOptions } from './executor-options.ts';
import type { Work } from './executor-work.ts';
import type { Future } from './future.ts';
import type { Chunk } from './map-results.ts';
import { PoolCall, PoolWorker, type ThreadPool } from './thread-pool-worker.ts';

/** What a `ThreadPoolExecutor` takes. */
export interface ThreadPoolOptions<A extends unknown[] = unknown[]> extends ExecutorOptions {
  /** How many worker threads there are at most; by default as many as there are cores. */
  maxWorkers?: number;
  /** What the threads are called, with a number behind; by default as the executor. */
  threadNamePrefix?: string;
  /** A task that runs once in each worker, before anything else. All tasks fail when it fails. */
  initializer?: (...args: A) => unknown;
  /** The arguments of the initializer. */
  initargs?: A;
  /** A worker is replaced after so many tasks; never when left out. */
  maxTasksPerChild?: number | null;
  /** A worker is replaced when its heap holds more than so many MB after a task; never when left out. */
  recycleHeapMb?: number | null;
  /** The limits of each worker's heap, in MB: a task that needs more fails, with its worker. */
  resourceLimits?: NonNullable<RuntimeOptions['resourceLimits']>;
}

/** A task that runs longer than this, in ms, does not have another waiting behind it in its worker. */
const SHORT = 1;
/** How many tasks a worker has at most, the one that runs included. */
const DEEPEST = 8;
/** How fast the mean follows. */
const WEIGHT = 1 / 8;
/** So many workers in a row may end before they were up. */
const STILLBORN = 3;
/** A heap is looked at once in so many tasks. */
const PROBE = 16;

/** Marks the tasks whose arguments are the items of a chunk. */
const CHUNKED: SubmitOptions = {};

/**
 * An executor whose workers are threads of their own: for work that computes. A task is a function that was made known with
 * `task(import.meta, name, fn)`, or `inline(fn)`; its arguments and its result are copied, or moved where they were marked
 * with `transfer(...)`.
 *
 * ```ts
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 4 });
 * const future = pool.submit(parse, html);
 * console.log(await future);
 * ```
 *
 * A worker that exits, runs out of memory or is killed fails only the task that it was running, with a `BrokenExecutor`
 * that has the exit code; tasks that it had not begun go to another, and a new one takes its place.
 *
 * Python: `concurrent.futures.ThreadPoolExecutor`, where threads cannot compute at the same time, nor be killed.
 */
export class ThreadPoolExecutor<A extends unknown[] = unknown[]> extends Executor implements ThreadPool {
  private readonly maxWorkers: number;
  private readonly prefix: string;
  private readonly initializer: ((...args: A) => unknown) | null;
  private readonly initargs: A;
  private readonly maxTasks: number;
  private readonly recycleBytes: number;
  private readonly limits: RuntimeOptions | undefined;
  private readonly workers: PoolWorker[];
  /** Those that have nothing to do, the one used last at the end. */
  private readonly idle: PoolWorker[];
  /** How many have been started. */
  private hired: number;
  private stillborn: number;
  /** The mean run time of tasks, in ms. */
  private mean: number;
  private readonly goodbyes: Set<Promise<void>>;

  /**
   * @throws RangeError when a number is not a whole one from 1 up; TypeError when another option is not what it should be;
   *   TaskError when the initializer cannot be found by name in another thread; BootstrapError when the module that makes
   *   it is only being imported to find a task
   */
  constructor(options: ThreadPoolOptions<A> = {}) {
    super(options);
    guard('A ThreadPoolExecutor was made');
    const { maxWorkers = availableParallelism(), maxTasksPerChild, recycleHeapMb, initializer, initargs } = options;
    this.maxWorkers = checkCount(maxWorkers, `the maxWorkers of ${new.target.name}`);
    this.maxTasks =
      maxTasksPerChild == null
        ? Infinity
        : checkCount(maxTasksPerChild, `the maxTasksPerChild of ${new.target.name}`);
    this.recycleBytes =
      recycleHeapMb == null ? Infinity : checkCount(recycleHeapMb, `the recycleHeapMb of ${new.target.name}`) * 2 ** 20;
    if (initializer !== undefined) requireReference(`the initializer of ${new.target.name}`, initializer);
    if (initargs !== undefined && !Array.isArray(initargs)) {
      throw new TypeError(`Expected an array as the initargs of ${new.target.name}, got ${show(initargs)}`);
    }
    const { threadNamePrefix = this.name, resourceLimits } = options;
    if (typeof threadNamePrefix !== 'string') {
      throw new TypeError(`Expected a string as the threadNamePrefix, got ${show(threadNamePrefix)}`);
    }
    this.prefix = threadNamePrefix;
    this.initializer = initializer ?? null;
    this.initargs = initargs ?? ([] as unknown as A);
    this.limits = resourceLimits === undefined ? undefined : { resourceLimits };
    this.workers = [];
    this.idle = [];
    this.hired = 0;
    this.stillborn = 0;
    this.mean = SHORT;
    this.goodbyes = new Set();
  }

  /** @internal */
  override chunksizeFor(_count: number | null, asked: number | undefined): number {
    return asked ?? 1;
  }

  /** @internal */
  override submitChunk(target: (item: never) => unknown, items: unknown[]): Future<Chunk> {
    return this.submitWith(CHUNKED, target as (items: unknown[]) => unknown, items) as Future<Chunk>;
  }

  protected override checkTarget(target: unknown, verb: string): void {
    requireReference(verb, target);
  }

  protected override dispatch(_work: Work | null): void {
    while (this.queue.first !== null) {
      const worker = this.idle.pop() ?? this.hire() ?? this.quickest();
      if (worker === null) return;
      this.feed(worker);
    }
  }

  protected override ask(work: Work, reason: Error): void {
    const call = work.runner as PoolCall;
    if (call.worker.takeBack(call)) this.killed(work, reason);
    else call.worker.thread.peer.cancel(call, reason);
  }

  protected override destroy(work: Work): void {
    (work.runner as PoolCall).worker.thread.kill();
  }

  protected override close(): Promise<void> | void {
    for (const worker of this.workers.splice(0)) this.dismiss(worker);
    this.idle.length = 0;
    this.account.staff(0);
    if (this.goodbyes.size > 0) return Promise.all(this.goodbyes).then(() => undefined);
  }

  // What a worker tells.

  /** @internal */
  begins(work: Work): void {
    this.started(work);
  }

  /** @internal */
  ends(work: Work, failed: boolean, outcome: unknown): void {
    if (work.startedAt >= 0) this.mean += (hub.now() - work.startedAt - this.mean) * WEIGHT;
    this.stillborn = 0;
    if (failed) this.failed(work, outcome);
    else this.succeeded(work, outcome);
  }

  /** @internal */
  freed(worker: PoolWorker): void {
    if (!worker.ready) return;
    if (worker.retiring) {
      if (worker.load === 0) this.retire(worker);
    } else if (this.queue.first !== null) {
      if (worker.load < this.depth()) this.feed(worker);
    } else if (worker.load === 0) {
      this.rest(worker);
    }
  }

  /** @internal */
  died(work: Work, worker: PoolWorker, exit: Exit): void {
    const { name } = worker;
    const error = new BrokenExecutor(
      `worker ${name} ${howItEnded(exit)} while it ran the task ${work.future.name}`,
      { exitCode: exit.code, cause: exit.error },
    );
    if (work.stopping !== null) this.killed(work, error);
    else this.failed(work, error);
  }

  /** @internal */
  gone(worker: PoolWorker, exit: Exit, returned: Work[]): void {
    remove(this.workers, worker);
    remove(this.idle, worker);
    this.account.staff(this.workers.length);
    for (const work of returned.reverse()) this.giveBack(work);
    if (!worker.thread.peer.up && ++this.stillborn >= STILLBORN) {
      this.breakDown(
        new BrokenExecutor(`no worker of ${this.name} comes up: the last one ${howItEnded(exit)}`, {
          exitCode: exit.code,
          cause: exit.error,
        }),
      );
    } else if (exit.error !== undefined && !worker.struck) {
      // It failed between two tasks, and no future tells.
      hub.reports.report(exit.error, null);
    }
    this.dispatch(null);
  }

  /** Its initializer has ended. @internal */
  initialized(worker: PoolWorker, failed: boolean, error: unknown): void {
    if (!failed) {
      worker.ready = true;
      return;
    }
    remove(this.workers, worker);
    this.dismiss(worker);
    const message = error instanceof Error ? error.message : show(error);
    this.breakDown(
      new BrokenExecutor(`the initializer of ${this.name} failed, so no task can run: ${message}`, { cause: error }),
    );
  }

  /** The heap of a worker holds so much. @internal */
  probed(worker: PoolWorker, bytes: number): void {
    if (bytes > this.recycleBytes) worker.retiring = true;
  }

  /** Gives a worker the first of the queue. */
  private feed(worker: PoolWorker): void {
    const work = this.next();
    if (work === null) return;
    this.claim(work);
    try {
      worker.give(work, work.options === CHUNKED, this.isLimited(work));
    } catch (error) {
      this.failed(work, error);
      if (worker.load === 0 && !worker.retiring) this.rest(worker);
      return;
    }
    if (worker.given >= this.maxTasks) worker.retiring = true;
    if (this.recycleBytes !== Infinity && worker.given - worker.probed >= PROBE) {
      worker.probed = worker.given;
      worker.run(new Probe(this, worker));
    }
  }

  /** It has nothing to do, and takes what waits behind a task of another. */
  private rest(worker: PoolWorker): void {
    for (const other of this.workers) {
      if (other.load < 2) continue;
      const work = other.takeBackLast();
      if (work === null) continue;
      this.giveBack(work);
      this.feed(worker);
      return;
    }
    this.idle.push(worker);
  }

  private hire(): PoolWorker | null {
    if (this.workers.length >= this.maxWorkers) return null;
    const worker = new PoolWorker(this, `${this.prefix}_${this.hired++}`, this.limits);
    this.workers.push(worker);
    this.account.staff(this.workers.length);
    if (this.initializer === null) return worker;
    worker.ready = false;
    worker.run(new Initialize(this, worker, this.initializer, this.initargs));
    // One more may have to start for what else waits.
    return this.waitingWork() ? this.hire() : null;
  }

  /** Whether more tasks wait than workers that are coming. */
  private waitingWork(): boolean {
    let coming = 0;
    for (const worker of this.workers) if (!worker.ready) coming++;
    return this.queue.length > coming;
  }

  /** One that has a task and may have another behind it, as tasks are short. */
  private quickest(): PoolWorker | null {
    const depth = this.depth();
    if (depth === 1) return null;
    let best: PoolWorker | null = null;
    for (const worker of this.workers) {
      if (!worker.ready || worker.retiring || worker.load >= depth) continue;
      if (best === null || worker.load < best.load) best = worker;
    }
    return best;
  }

  private depth(): number {
    return this.mean >= SHORT ? 1 : DEEPEST;
  }

  private retire(worker: PoolWorker): void {
    remove(this.workers, worker);
    this.dismiss(worker);
    this.account.staff(this.workers.length);
    this.dispatch(null);
  }

  private dismiss(worker: PoolWorker): void {
    const end = worker.thread.release(this.initializer === null && !worker.retiring);
    if (end === null) return;
    this.goodbyes.add(end);
    void end.then(() => this.goodbyes.delete(end));
  }
}

/** What the calls of the pool itself tell. */
interface Owner {
  initialized(worker: PoolWorker, failed: boolean, error: unknown): void;
  probed(worker: PoolWorker, bytes: number): void;
}

class Initialize extends Call {
  private readonly pool: Owner;
  private readonly worker: PoolWorker;

  constructor(pool: Owner, worker: PoolWorker, target: object, args: unknown[]) {
    super(target, args, 0);
    this.pool = pool;
    this.worker = worker;
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.pool.initialized(this.worker, failed, outcome);
  }

  override lost(exit: Exit): void {
    this.worker.struck = true;
    const error = new BrokenExecutor(`it ${howItEnded(exit)}`, { exitCode: exit.code, cause: exit.error });
    this.pool.initialized(this.worker, true, error);
  }
}

const heapUsed = task(import.meta, 'heapUsed', () => process.memoryUsage().heapUsed);

class Probe extends Call {
  private readonly pool: Owner;
  private readonly worker: PoolWorker;

  constructor(pool: Owner, worker: PoolWorker) {
    super(heapUsed, [], 0);
    this.pool = pool;
    this.worker = worker;
  }

  override settled(failed: boolean, outcome: unknown): void {
    if (!failed) this.pool.probed(this.worker, outcome as number);
  }

  override lost(): void {}
}

function howItEnded({ code, signal, error }: Exit): string {
  const cause = error instanceof Error ? ` (${error.message})` : '';
  return signal === null ? `exited with code ${code}${cause}` : `was ended by ${signal}${cause}`;
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
