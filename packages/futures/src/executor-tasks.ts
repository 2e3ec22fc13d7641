import { hub } from '@switchyard/hub/core';
import { type BrokenExecutor, TimeoutError } from './errors.ts';
import type { ExecutorOptions } from './executor-options.ts';
import { WorkQueue } from './executor-queue.ts';
import { explain } from './executor-stop.ts';
import type { Work } from './executor-work.ts';
import { cancelledError } from './future-stop.ts';
import { type Fate, PoolStats } from './pool-stats.ts';

const GRACE = 1000;

/**
 * The tasks of an executor, from their submit to their end: the queue, time limits, cancelling and killing, statistics.
 *
 * A subclass takes work from the queue with `next`, tells how it goes with `claim`, `started`, `succeeded` and `failed`,
 * and implements the abstract methods. @internal
 */
export abstract class ExecutorTasks {
  /** The grace time of tasks that say nothing else, in ms. @internal */
  readonly grace: number;
  protected readonly account: PoolStats;
  /** What has yet to be given to a worker, first in first out. */
  protected readonly queue: WorkQueue;
  /** How many tasks are not over. */
  protected unfinished: number;
  /** Why nothing can run here any more. */
  protected brokenBy: BrokenExecutor | null;
  private readonly taskTimeout: number | null;

  constructor(options: ExecutorOptions) {
    this.grace = options.grace ?? GRACE;
    this.account = new PoolStats();
    this.queue = new WorkQueue();
    this.unfinished = 0;
    this.brokenBy = null;
    this.taskTimeout = options.taskTimeout ?? null;
  }

  // What a subclass implements.

  /**
   * Work has come into the queue, this one if it has just been submitted: takes as much with `next` as there is room for.
   */
  protected abstract dispatch(work: Work | null): void;
  /** Tells the running task that it is to stop, for this reason. How it ends is told with `failed` or `succeeded`. */
  protected abstract ask(work: Work, reason: Error): void;
  /** Its grace time is over: ends what runs it, and then tells `killed`. */
  protected abstract destroy(work: Work): void;
  /** A task has ended: it may have been the last. */
  protected abstract tasksEnded(): void;

  /**
   * Somebody cancels work that `next` has given, before it was claimed: sees to it that nobody runs it.
   *
   * @returns false when that is too late, as it has begun
   */
  protected takeBack(_work: Work): boolean {
    return true;
  }

  /** What has been taken back is cancelled now. */
  protected withdraw(_work: Work): void {}

  /** Cancels what has not begun. */
  protected cancelPending(): void {
    const pending = [...this.queue];
    for (const work of pending) {
      // One that had been taken to run when it was given back.
      if (work.future.cancel() || work.over) continue;
      this.stop(work, cancelledError(work.future.name, 'cancelled', undefined), true, 0);
    }
  }

  // What a subclass tells.

  /** Takes the first of the queue, to be given to a worker. */
  protected next(): Work | null {
    return this.queue.shift();
  }

  /** A worker has come to it: it can be killed from now on, but not cancelled any more. */
  protected claim(work: Work): void {
    if (!work.future.running()) work.future.setRunningOrNotifyCancel();
  }

  /** Whether it has a time limit, which counts from its very start. */
  protected isLimited(work: Work): boolean {
    const timeout = work.options?.timeout;
    return (timeout === undefined ? this.taskTimeout : timeout) !== null;
  }

  /** Its worker is gone, and it had not begun: it is to be the first of the queue again. */
  protected giveBack(work: Work): void {
    if (work.startedAt >= 0) {
      this.account.restarted(hub.now());
      work.restarts();
    }
    work.runner = null;
    this.queue.pushFirst(work);
  }

  /** It begins to run, at `now` by the hub's clock: its time limit counts from here. */
  protected started(work: Work, now: number = hub.now()): void {
    if (work.over || work.startedAt >= 0) return;
    work.startedAt = now;
    this.account.began(work.submittedAt, now);
    const ms = work.options?.timeout === undefined ? this.taskTimeout : work.options.timeout;
    if (ms !== null && ms !== Infinity) work.startLimit(ms);
  }

  /** It has returned, at `now` by the hub's clock. */
  protected succeeded(work: Work, value: unknown, now?: number): void {
    if (work.over) return;
    if (work.stopping !== null) {
      this.stopped(work, null);
      return;
    }
    this.finish(work, 'completed', now);
    work.future.setResult(value);
    this.tasksEnded();
  }

  /** It has thrown, or died with its worker. */
  protected failed(work: Work, error: unknown, now?: number): void {
    if (work.over) return;
    if (work.stopping !== null) {
      this.stopped(work, { error });
      return;
    }
    this.finish(work, 'failed', now);
    work.future.setException(error);
    this.tasksEnded();
  }

  /** What ran it has been ended, by `destroy` or behind our back, in which case `reason` says why. */
  protected killed(work: Work, reason: unknown): void {
    if (work.over) return;
    work.stopping ??= {
      error: cancelledError(work.future.name, 'killed', reason),
      killed: true,
      timer: null,
    };
    this.stopped(work, null);
  }

  /** Nothing can run here any more: fails what has not begun, and refuses what comes. */
  protected breakDown(error: BrokenExecutor): void {
    this.brokenBy ??= error;
    for (let work = this.next(); work !== null; work = this.next()) {
      this.claim(work);
      this.failed(work, error);
    }
  }

  // What work tells.

  /** @internal */
  takenBack(work: Work): boolean {
    if (this.takeBack(work)) return true;
    this.claim(work);
    return false;
  }

  /** @internal */
  withdrawn(work: Work): void {
    this.queue.remove(work);
    work.future.setRunningOrNotifyCancel();
    this.finish(work, 'cancelled');
    this.withdraw(work);
    this.tasksEnded();
  }

  /** @internal */
  stop(work: Work, error: Error, killed: boolean, grace: number): void {
    if (work.over) return;
    const first = work.stopping === null;
    const stop = (work.stopping ??= { error, killed, timer: null });
    if (first) {
      work.limit?.cancel();
      if (work.before === null && this.queue.first !== work) this.ask(work, error);
      else {
        // It was given back, and nobody runs it.
        this.queue.remove(work);
        this.stopped(work, null);
      }
    }
    // What was asked may have ended at once.
    if ((work.over as boolean) || grace === Infinity) return;
    if (grace === 0) this.destroy(work);
    else work.startGrace(stop, grace);
  }

  /** @internal */
  outOfTime(work: Work): void {
    const ms = work.options?.timeout ?? this.taskTimeout;
    const error = new TimeoutError(`task ${work.future.name} ran longer than its ${ms} ms`);
    this.stop(work, error, false, work.options?.grace ?? this.grace);
  }

  /** @internal */
  graceOver(work: Work): void {
    if (!work.over) this.destroy(work);
  }

  /** It has ended after it was told to stop: whatever it has come to, that is what its future tells. */
  private stopped(work: Work, failure: { error: unknown } | null): void {
    const { error, killed } = work.stopping as { error: Error; killed: boolean };
    if (failure !== null) explain(error, failure.error);
    this.finish(work, killed ? 'cancelled' : 'failed');
    if (killed) work.future.setKilled(error);
    else work.future.setException(error);
    this.tasksEnded();
  }

  private finish(work: Work, fate: Fate, now: number = hub.now()): void {
    work.end();
    this.unfinished--;
    if (work.startedAt < 0) this.account.dropped(fate);
    else this.account.ended(fate, work.startedAt, now);
  }
}
