import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import type { Outcome, Waitable } from '@switchyard/hub';
import { Block, hub, Line } from '@switchyard/hub/core';
import { BrokenExecutor, CancelledError, RuntimeError, TimeoutError } from './errors.ts';
import {
  checkExecutorOptions,
  checkSubmitOptions,
  type ExecutorMapOptions,
  type ExecutorOptions,
  type ShutdownOptions,
  type SubmitOptions,
} from './executor-options.ts';
import { Work } from './executor-work.ts';
import { Future } from './future.ts';
import { cancelledError } from './future-stop.ts';
import { type Chunk, MapResults } from './map-results.ts';
import { type ExecutorStats, PoolStats } from './pool-stats.ts';

const GRACE = 1000;

let executors = 0;

/**
 * Runs functions somewhere else, and gives a `Future` for each.
 *
 * A subclass takes work from the queue with `next`, tells how it goes with `claim`, `started`, `succeeded` and `failed`,
 * and implements the abstract methods; futures, queueing, time limits, kills, `map`, `shutdown` and statistics are here.
 *
 * Python: `concurrent.futures.Executor`.
 */
export abstract class Executor implements AsyncDisposable {
  /** What messages call it. */
  readonly name: string;
  /** The grace time of tasks that say nothing else, in ms. @internal */
  readonly grace: number;
  protected readonly account: PoolStats;
  /** What has yet to be given to a worker, first in first out. */
  protected readonly queue: Line<Work>;
  private readonly taskTimeout: number | null;
  /** How many tasks are not over. */
  private unfinished: number;
  private brokenBy: BrokenExecutor | null;
  /** What waits for the end, since the shutdown. */
  private ended: Future<void> | null;
  private closing: boolean;

  /** @throws TypeError when an option is not what it should be */
  constructor(options: ExecutorOptions) {
    checkExecutorOptions(options, new.target.name);
    this.name = options.name ?? `${new.target.name}-${++executors}`;
    this.grace = options.grace ?? GRACE;
    this.account = new PoolStats();
    this.queue = new Line();
    this.taskTimeout = options.taskTimeout ?? null;
    this.unfinished = 0;
    this.brokenBy = null;
    this.ended = null;
    this.closing = false;
  }

  /**
   * Has a function called with these arguments, in its turn.
   *
   * @param target a generator function, an async function or a plain function; what it returns is waited for if it can be
   * @throws TypeError when `target` is no function; RuntimeError after `shutdown()`; BrokenExecutor when no worker can run it
   */
  submit<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Future<Outcome<R>> {
    return this.accept(null, target, args, 'submit') as Future<Outcome<R>>;
  }

  /** As `submit`, with a time limit, a signal, a progress callback or a name. @throws TypeError also for a wrong option */
  submitWith<A extends unknown[], R>(
    options: SubmitOptions,
    target: (...args: A) => R,
    ...args: A
  ): Future<Outcome<R>> {
    if (options === null || typeof options !== 'object') {
      throw new TypeError(
        `Expected options before the function for submitWith, as in submitWith({ timeout: 100 }, fn), got ${show(options)}`,
      );
    }
    checkSubmitOptions(options);
    return this.accept(options, target, args, 'submitWith') as Future<Outcome<R>>;
  }

  /**
   * Has a function called with each item, several at a time. The tasks are submitted when this is called, or, with
   * `buffersize`, so many ahead of the results that have been taken.
   *
   * @returns the results in the order of the items: `for await`, or `next()`, gives one after the other; `yield*` and
   *   `await` of the whole give those that have not been taken as an array
   * @throws TypeError when `target` is no function or `items` cannot be iterated; RangeError for a wrong size;
   *   RuntimeError after `shutdown()`; what taking the first items throws
   */
  map<I, R>(
    target: (item: I) => R,
    items: Iterable<I> | AsyncIterable<I>,
    options: ExecutorMapOptions = {},
  ): MapResults<Outcome<R>> {
    this.checkOpen();
    this.checkTarget(target, 'map');
    return new MapResults<Outcome<R>>(this, target as (item: never) => unknown, items, options);
  }

  /**
   * Refuses new tasks from now on, whether or not anybody waits for what this returns. Those submitted before still run to
   * their end, unless `cancelFutures` cancels the ones that have not begun.
   *
   * @returns a waitable: with `wait` (the default) until all tasks and workers have ended
   */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions = {}): Waitable<void> {
    const ended = (this.ended ??= new Future<void>(`the shutdown of ${this.name}`));
    if (cancelFutures) this.cancelPending();
    this.closeIfOver();
    return wait ? ended.result() : new Block<void>('shutdown', nothing);
  }

  /** Shuts it down and waits for the end, when an `await using` block ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** What it has done so far, and does now. */
  stats(): ExecutorStats {
    return this.account.snapshot();
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
  /** All tasks are over, and no more will come: ends the workers. */
  protected abstract close(): PromiseLike<void> | void;

  /** Checks what is to be run, before anything is done. */
  protected checkTarget(target: unknown, verb: string): void {
    if (typeof target !== 'function') {
      throw new TypeError(
        `Expected a function for ${verb}, as in ${verb}(fn, x), got ${target === undefined ? 'nothing' : show(target)}`,
      );
    }
  }

  /** Work that `next` has given was cancelled before it was claimed: nobody must run it. */
  protected withdraw(_work: Work): void {}

  /** Cancels what has not begun. */
  protected cancelPending(): void {
    const pending = [...this.queue];
    for (const work of pending) work.future.cancel();
  }

  /**
   * How many items `map` puts in a task; where it is more than 1, `submitChunk` is there.
   *
   * @param count how many items there are, null when it is not known
   * @param asked what the user says
   * @internal
   */
  chunksizeFor(_count: number | null, _asked: number | undefined): number {
    return 1;
  }

  /** Submits several items as one task, which calls the target with one after the other until one throws. @internal */
  submitChunk(_target: (item: never) => unknown, _items: unknown[]): Future<Chunk> {
    throw new RuntimeError(`${this.name} runs the items of map one by one`);
  }

  // What a subclass tells.

  /** Takes the first of the queue, to be given to a worker. */
  protected next(): Work | null {
    return this.queue.shift();
  }

  /** It belongs to a worker now: it can be killed, but not cancelled any more. */
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
    const others = [...this.queue];
    for (const other of others) this.queue.remove(other);
    this.queue.push(work);
    for (const other of others) this.queue.push(other);
  }

  /** It begins to run, at `now` by the hub's clock: its time limit counts from here. */
  protected started(work: Work, now: number = hub.now()): void {
    if (work.over || work.startedAt >= 0) return;
    work.startedAt = now;
    this.account.began(work.submittedAt, now);
    const ms = work.options?.timeout === undefined ? this.taskTimeout : work.options.timeout;
    if (ms !== null && ms !== Infinity) work.startLimit(ms);
  }

  /** It has returned. */
  protected succeeded(work: Work, value: unknown): void {
    if (work.over) return;
    if (work.stopping !== null) {
      this.stopped(work, null);
      return;
    }
    this.finish(work, 'completed');
    work.future.setResult(value);
    this.closeIfOver();
  }

  /** It has thrown, or died with its worker. */
  protected failed(work: Work, error: unknown): void {
    if (work.over) return;
    if (work.stopping !== null) {
      this.stopped(work, { error });
      return;
    }
    this.finish(work, 'failed');
    work.future.setException(error);
    this.closeIfOver();
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
  withdrawn(work: Work): void {
    this.queue.remove(work);
    work.future.setRunningOrNotifyCancel();
    this.finish(work, 'cancelled');
    this.withdraw(work);
    this.closeIfOver();
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

  private accept(
    options: SubmitOptions | null,
    target: (...args: never[]) => unknown,
    args: unknown[],
    verb: string,
  ): Future<unknown> {
    this.checkOpen();
    this.checkTarget(target, verb);
    const future = new Future<unknown>(options?.name ?? target);
    const work = new Work(this, future, target, args, options);
    future.owner = work;
    this.account.submitted++;
    this.unfinished++;
    this.queue.push(work);
    if (options !== null) {
      if (options.onProgress !== undefined) future.addProgressCallback(options.onProgress);
      if (options.signal !== undefined) work.follow(options.signal);
    }
    // A signal that has aborted before leaves nothing to do.
    if (!work.over) this.dispatch(work);
    return future;
  }

  private checkOpen(): void {
    if (this.brokenBy !== null) {
      const { message, exitCode } = this.brokenBy;
      throw new BrokenExecutor(message, { exitCode, cause: this.brokenBy.cause });
    }
    if (this.ended !== null) throw new RuntimeError('cannot schedule new futures after shutdown');
  }

  /** It has ended after it was told to stop: whatever it has come to, that is what its future tells. */
  private stopped(work: Work, failure: { error: unknown } | null): void {
    const { error, killed } = work.stopping as { error: Error; killed: boolean };
    if (failure !== null && isNews(failure.error, error)) {
      // Something went wrong in its cleanup, say: that must not get lost.
      if (error.cause === undefined) error.cause = failure.error;
      else if (error.cause !== failure.error) hub.reports.report(failure.error, null);
    }
    this.finish(work, killed ? 'cancelled' : 'failed');
    if (killed) work.future.setKilled(error);
    else work.future.setException(error);
    this.closeIfOver();
  }

  private finish(work: Work, fate: 'completed' | 'failed' | 'cancelled'): void {
    work.end();
    this.unfinished--;
    if (work.startedAt < 0) this.account.dropped(fate);
    else this.account.ended(fate, work.startedAt, hub.now());
  }

  private closeIfOver(): void {
    const { ended } = this;
    if (ended === null || this.closing || this.unfinished > 0) return;
    this.closing = true;
    let closed: PromiseLike<void> | void;
    try {
      closed = this.close();
    } catch (error) {
      ended.setException(error);
      return;
    }
    if (closed === undefined) ended.setResult();
    else {
      closed.then(
        () => ended.setResult(),
        (error: unknown) => ended.setException(error),
      );
    }
  }
}

function* nothing(): Generator<never, void> {}

/** Whether a task that was told to stop failed with something else than that. */
function isNews(error: unknown, reason: Error): boolean {
  if (error === reason || error instanceof GreenletExit || error instanceof CancelledError) return false;
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  return name !== 'AbortError' && name !== 'CancelledError' && cause !== reason;
}
