import { show } from '@switchyard/greenlet/scheduler';
import type { Outcome, Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import { BrokenExecutor, RuntimeError } from './errors.ts';
import {
  checkExecutorOptions,
  checkSubmitOptions,
  type ExecutorMapOptions,
  type ExecutorOptions,
  type ShutdownOptions,
  type SubmitOptions,
} from './executor-options.ts';
import { ExecutorTasks } from './executor-tasks.ts';
import { Work } from './executor-work.ts';
import { Future } from './future.ts';
import { MapResults } from './map-results.ts';
import type { Chunk } from './map-results-chunk.ts';
import type { ItemSource } from './map-results-feed.ts';
import type { ExecutorStats } from './pool-stats.ts';

let executors = 0;

/**
 * Runs functions somewhere else, and gives a `Future` for each: what a `ThreadPoolExecutor`, a `ProcessPoolExecutor` and a
 * `GreenletPoolExecutor` have in common.
 *
 * Python: `concurrent.futures.Executor`.
 */
export abstract class Executor extends ExecutorTasks implements AsyncDisposable {
  /** What messages call it. */
  readonly name: string;
  /** What waits for the end, since the shutdown. */
  private ended: Future<void> | null;
  private closing: boolean;

  /** @throws TypeError when an option is not what it should be */
  constructor(options: ExecutorOptions) {
    checkExecutorOptions(options, new.target.name);
    super(options);
    this.name = options.name ?? `${new.target.name}-${++executors}`;
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
    items: ItemSource<I>,
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
    this.tasksEnded();
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

  // What a subclass implements besides.

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
      const { message, exitCode, signal, pid, cause } = this.brokenBy;
      throw new BrokenExecutor(message, { exitCode, signal, pid, cause });
    }
    if (this.ended !== null) throw new RuntimeError('cannot schedule new futures after shutdown');
  }

  protected override tasksEnded(): void {
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
