import { show } from '@switchyard/greenlet/scheduler';
import { hub } from '@switchyard/hub/core';
import { type Exit, guard, holdsMoves, requireReference } from '@switchyard/remote/core';
import { BrokenExecutor } from './errors.ts';
import { Executor } from './executor.ts';
import type { SubmitOptions } from './executor-options.ts';
import type { Work } from './executor-work.ts';
import type { Future } from './future.ts';
import type { Chunk } from './map-results-chunk.ts';
import { howItEnded, Probe } from './thread-pool-calls.ts';
import { Crew } from './thread-pool-crew.ts';
import {
  type ThreadPoolOptions,
  type ThreadPoolSettings,
  threadPoolSettings,
} from './thread-pool-options.ts';
import type { PoolCall, PoolWorker } from './thread-pool-worker.ts';

/** A task that runs longer than this, in ms, does not have another waiting behind it in its worker. */
const SHORT = 1;
/** How many tasks a worker has at most, the one that runs included. */
const DEEPEST = 8;
/** How fast the mean follows. */
const WEIGHT = 1 / 8;
/** So many workers in a row may end before they were up. */
const STILLBORN = 3;
/** A heap is looked at once in so many ms at the most. */
const PROBE = 50;

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
 * Workers start as they are needed, and stay for the tasks that come; the process ends when nothing runs, also without a
 * `shutdown`. While tasks are short, a worker has some of them at hand; one that becomes idle takes over those that another
 * has not begun.
 *
 * A worker that exits, runs out of memory or is killed fails only the task that it was running, with a `BrokenExecutor`
 * that has the exit code; tasks that it had not begun go to another, and a new one takes its place.
 *
 * Python: `concurrent.futures.ThreadPoolExecutor`, where threads cannot compute at the same time, nor be killed.
 */
export class ThreadPoolExecutor<A extends unknown[] = unknown[]> extends Executor {
  private readonly settings: ThreadPoolSettings<A>;
  private readonly crew: Crew<A>;
  /** How many workers in a row have ended before they were up. */
  private stillborn: number;
  /** The mean run time of tasks, in ms. */
  private mean: number;

  /**
   * @throws RangeError when a number is not a whole one from 1 up; TypeError when another option is not what it should be;
   *   TaskError when the initializer cannot be found by name in another thread; BootstrapError when the module that makes
   *   it is only being imported to find a task
   */
  constructor(options: ThreadPoolOptions<A> = {}) {
    super(options);
    guard('A ThreadPoolExecutor was made');
    this.settings = threadPoolSettings(options, new.target.name, this.name);
    this.crew = new Crew(this, this.settings);
    this.stillborn = 0;
    this.mean = SHORT;
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
    for (let work = this.queue.first; work !== null; work = this.queue.first) {
      const worker = this.crew.wake() ?? this.hire() ?? this.quickest(work);
      if (worker === null) return;
      this.feed(worker);
      if (worker.load === 0) this.crew.rest(worker);
    }
  }

  protected override takeBack(work: Work): boolean {
    const call = work.runner as PoolCall | null;
    return call === null || call.worker.takeBack(call);
  }

  protected override withdraw(work: Work): void {
    const call = work.runner as PoolCall | null;
    if (call !== null) this.lightened(call.worker);
  }

  protected override ask(work: Work, reason: Error): void {
    const call = work.runner as PoolCall;
    const { worker } = call;
    if (!worker.takeBack(call)) {
      worker.thread.peer.cancel(call, reason);
      return;
    }
    this.killed(work, reason);
    this.lightened(worker);
  }

  protected override destroy(work: Work): void {
    const call = work.runner as PoolCall;
    const { worker } = call;
    for (const other of worker.takeBackBehind(call).reverse()) this.giveBack(other);
    // Where another has begun, this one has ended, and word of that is on its way.
    if (worker.behind(call).length === 0) {
      worker.retiring = true;
      worker.thread.kill();
    }
    this.dispatch(null);
  }

  protected override cancelPending(): void {
    super.cancelPending();
    for (const call of this.crew.workers.flatMap((worker) => worker.behind(null))) call.work.future.cancel();
  }

  protected override close(): Promise<void> | void {
    const end = this.crew.close();
    this.account.staff(0);
    return end;
  }

  // What a worker tells.

  /** @internal */
  reached(work: Work): void {
    this.claim(work);
  }

  /** @internal */
  begins(work: Work, now: number): void {
    this.started(work, now);
  }

  /** @internal */
  ends(work: Work, failed: boolean, outcome: unknown): void {
    const now = hub.now();
    if (work.startedAt >= 0) this.mean += (now - work.startedAt - this.mean) * WEIGHT;
    this.stillborn = 0;
    if (failed) this.failed(work, outcome, now);
    else this.succeeded(work, outcome, now);
  }

  /** @internal */
  freed(worker: PoolWorker): void {
    if (worker.retiring) {
      if (worker.load > 0) return;
      this.crew.dismiss(worker);
      this.left();
      return;
    }
    if (!worker.ready || worker.resting) return;
    if (this.isToProbe(worker)) worker.run(new Probe(this, worker));
    do this.fill(worker);
    while (worker.load === 0 && this.reclaim());
    if (worker.load === 0) this.crew.rest(worker);
  }

  /** @internal */
  died(work: Work, worker: PoolWorker, exit: Exit, begun: boolean): void {
    const when = begun ? 'while it ran' : 'after the buffers had moved there, but before it ran';
    const error = new BrokenExecutor(
      `worker ${worker.name} ${howItEnded(exit)} ${when} the task ${work.future.name}`,
      { exitCode: exit.code, cause: exit.error },
    );
    if (work.stopping !== null) this.killed(work, error);
    else this.failed(work, error);
  }

  /** @internal */
  gone(worker: PoolWorker, exit: Exit, returned: Work[]): void {
    this.crew.lose(worker);
    for (const work of returned.reverse()) this.giveBack(work);
    const { up } = worker.thread.peer;
    if (!up && ++this.stillborn >= STILLBORN) {
      this.breakDown(
        new BrokenExecutor(`no worker of ${this.name} comes up: the last one ${howItEnded(exit)}`, {
          exitCode: exit.code,
          cause: exit.error,
        }),
      );
    } else if (up && exit.error !== undefined && !worker.struck) {
      // No future tells.
      hub.reports.report(exit.error, null, `Worker ${worker.name} failed between two tasks`);
    }
    this.left();
  }

  /** @internal */
  initialized(worker: PoolWorker, failure: { error: unknown } | null): void {
    // It may have been dismissed meanwhile, as nobody wants it any more.
    if (!this.crew.has(worker)) return;
    if (failure === null) {
      worker.ready = true;
      return;
    }
    this.crew.dismiss(worker);
    this.account.staff(this.crew.size);
    this.giveUp(`the initializer of ${this.name} failed, so no task can run`, failure.error);
  }

  /** @internal */
  probed(worker: PoolWorker, bytes: number): void {
    if (bytes > this.settings.recycleBytes) worker.retiring = true;
  }

  /** Gives a worker as much of the queue as it is to have. */
  private fill(worker: PoolWorker): void {
    const depth = this.depth();
    for (let work = this.queue.first; work !== null; work = this.queue.first) {
      if (worker.load >= depth || worker.retiring) return;
      if (worker.load > 0 && holdsMoves(work.args)) return;
      this.feed(worker);
    }
  }

  /** Gives a worker the first of the queue. */
  private feed(worker: PoolWorker): void {
    const work = this.next();
    if (work === null) return;
    try {
      worker.give(work, work.options === CHUNKED, this.isLimited(work));
    } catch (error) {
      this.failed(work, error);
      return;
    }
    if (worker.given >= this.settings.maxTasks) worker.retiring = true;
  }

  /** Something that it had not begun has been taken back. */
  private lightened(worker: PoolWorker): void {
    // It may have been all that the pool was there for.
    if (!this.crew.has(worker)) return;
    worker.advances();
    this.freed(worker);
  }

  /** Takes back for the queue a task that waits behind another; returns whether there is one. */
  private reclaim(): boolean {
    const work = this.crew.reclaim();
    if (work === null) return false;
    this.giveBack(work);
    return true;
  }

  /** A worker is gone. */
  private left(): void {
    this.account.staff(this.crew.size);
    // There is room for one more, so nothing need wait behind a task that may take long.
    if (this.queue.first === null) this.reclaim();
    this.dispatch(null);
  }

  private hire(): PoolWorker | null {
    const before = this.crew.size;
    try {
      return this.crew.hire(this.queue.length);
    } catch (error) {
      this.giveUp(`${this.name} cannot start a worker`, error);
      return null;
    } finally {
      if (this.crew.size !== before) this.account.staff(this.crew.size);
    }
  }

  private giveUp(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : show(error);
    this.breakDown(new BrokenExecutor(`${what}: ${why}`, { cause: error }));
  }

  /** One that has a task and may have this one behind it. */
  private quickest(work: Work): PoolWorker | null {
    const depth = this.depth();
    // What moves can be sent once only: it could not be taken over by another.
    return depth === 1 || holdsMoves(work.args) ? null : this.crew.quickest(depth);
  }

  private depth(): number {
    return this.mean >= SHORT ? 1 : DEEPEST;
  }

  private isToProbe(worker: PoolWorker): boolean {
    if (this.settings.recycleBytes === Infinity || worker.probing) return false;
    const now = performance.now();
    if (now - worker.probedAt < PROBE) return false;
    worker.probedAt = now;
    return true;
  }
}
