import { availableParallelism } from 'node:os';
import { type Greenlet, Group, type IMap, type MapOptions, type Source } from '@switchyard/gevent';
import { type Coroutine, isInterrupt, type Outcome, type Waitable } from '@switchyard/hub';
import { Block, type TimeoutOption } from '@switchyard/hub/core';
import { requireReference } from '@switchyard/remote/core';
import { checkCount } from './executor-options.ts';
import type { Future } from './future.ts';
import { ThreadPoolExecutor } from './thread-pool.ts';
import type { ThreadPoolOptions } from './thread-pool-options.ts';

/** A function of tasks, and where it runs now. */
interface Errand {
  readonly target: (...args: never[]) => unknown;
  readonly args: unknown[];
  future: Future<unknown> | null;
}

/**
 * Threads for greenlets: what a greenlet must not do itself, as it computes and would hold up all others, is done in a thread,
 * and the greenlet waits. Each call is a greenlet here, which can be waited for, linked to and killed as every other; a kill
 * reaches the thread.
 *
 * ```ts
 * const pool = new ThreadPool(4);
 * const page = yield* pool.apply(parse, [html]); // parse is a task
 * ```
 *
 * What is called is a `task(import.meta, name, fn)`, or `inline(fn)`, as with `ThreadPoolExecutor`, on which it is built. Threads
 * start as they are needed, and end with the process.
 *
 * Python: `gevent.threadpool.ThreadPool`.
 */
export class ThreadPool implements AsyncDisposable {
  private most: number;
  private readonly options: ThreadPoolOptions;
  private executor: ThreadPoolExecutor | null;
  /** Those that still have something to do, and get nothing more. */
  private readonly former: Set<ThreadPoolExecutor>;
  private readonly calls: Group;
  private readonly errands: Set<Errand>;

  /**
   * @param maxsize how many threads there may be; as many as there are cores when left out
   * @param options of the `ThreadPoolExecutor` underneath: `grace`, how many ms a call that is killed may take to end before its
   *   thread is, `initializer`, `resourceLimits` and so on
   * @throws RangeError when it is not a whole number from 1 up
   */
  constructor(maxsize: number = availableParallelism(), options: Omit<ThreadPoolOptions, 'maxWorkers'> = {}) {
    this.most = checkCount(maxsize, 'the maxsize of ThreadPool');
    this.options = options;
    this.executor = null;
    this.former = new Set();
    this.calls = new Group();
    this.errands = new Set();
  }

  /**
   * How many threads there may be. Set to another number, calls that have not begun move over to as many new threads; those
   * that run end where they are, and their threads with them.
   *
   * @throws RangeError when it is not a whole number from 1 up
   */
  get maxsize(): number {
    return this.most;
  }

  set maxsize(maxsize: number) {
    if (checkCount(maxsize, 'the maxsize of ThreadPool') === this.most) return;
    this.most = maxsize;
    const waiting = [...this.errands].filter(({ future }) => future?.cancel() === true);
    this.dismiss();
    // Their greenlets hear of the cancelling, and submit them again.
    for (const errand of waiting) errand.future = null;
  }

  /** How many threads there are. */
  get size(): number {
    let size = this.executor?.stats().workers ?? 0;
    for (const executor of this.former) size += executor.stats().workers;
    return size;
  }

  /** How many calls have not ended. Python: `len(pool)`. */
  get length(): number {
    return this.calls.size;
  }

  /**
   * Has a task called in a thread. The greenlet that this returns waits for it: `yield*` it for the result, kill it to stop
   * the call even where it computes. It never waits for room: what is too much is queued.
   *
   * @throws TaskError when it is no task
   */
  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
    return this.calls.spawn(this.caller('spawn', target), ...args) as Greenlet<Outcome<R>>;
  }

  /**
   * Calls a task in a thread and waits for its result. Who is killed or timed out meanwhile takes the call with it.
   *
   * @throws its error; TaskError when it is no task
   */
  apply<A extends unknown[], R>(
    target: (...args: A) => R,
    args: A = [] as unknown as A,
  ): Waitable<Outcome<R>> {
    const run = this.caller('apply', target);
    return new Block<Outcome<R>>(
      'ThreadPool.apply',
      function* (this: ThreadPool): Coroutine<Outcome<R>> {
        const call = this.calls.spawn(run, ...args);
        try {
          return (yield* call) as Outcome<R>;
        } finally {
          call.kill({ block: false });
        }
      }.bind(this),
    );
  }

  /** As `spawn`, with the arguments in an array. @param callback called with the result, in a greenlet of its own */
  applyAsync<A extends unknown[], R>(
    target: (...args: A) => R,
    args: A = [] as unknown as A,
    callback?: (result: Outcome<R>) => unknown,
  ): Greenlet<Outcome<R>> {
    return this.calls.applyAsync(
      this.caller('applyAsync', target),
      args,
      callback as ((result: unknown) => unknown) | undefined,
    ) as Greenlet<Outcome<R>>;
  }

  /** Calls a task with each item and waits for all results. @returns them in the order of the items @throws the first error */
  map<I, R>(target: (item: I) => R, items: Source<I>): Waitable<Outcome<R>[]> {
    return this.calls.map(this.caller('map', target), items) as Waitable<Outcome<R>[]>;
  }

  /** As `map`, but returns a greenlet at once. */
  mapAsync<I, R>(
    target: (item: I) => R,
    items: Source<I>,
    callback?: (results: Outcome<R>[]) => unknown,
  ): Greenlet<Outcome<R>[]> {
    return this.calls.mapAsync(
      this.caller('mapAsync', target),
      items,
      callback as ((results: unknown[]) => unknown) | undefined,
    ) as Greenlet<Outcome<R>[]>;
  }

  /** As `map`, but gives each result as soon as it and those before it are there: see `Pool.imap`. */
  imap<I, R>(target: (item: I) => R, items: Source<I>, options?: MapOptions): IMap<Outcome<R>> {
    return this.calls.imap(this.caller('imap', target), items, options) as IMap<Outcome<R>>;
  }

  /** As `imap`, in the order in which the results come. */
  imapUnordered<I, R>(target: (item: I) => R, items: Source<I>, options?: MapOptions): IMap<Outcome<R>> {
    return this.calls.imapUnordered(this.caller('imapUnordered', target), items, options) as IMap<Outcome<R>>;
  }

  /** Waits until no call is left. @returns true, or false when the timeout (in ms) came first */
  join(options?: TimeoutOption): Waitable<boolean> {
    return this.calls.join(options);
  }

  /**
   * Kills all calls, also those that run, and ends the threads. It can be used again, with new ones.
   *
   * @throws (the waitable) Timeout when a call outlives the `timeout` in ms
   */
  kill(options: TimeoutOption = {}): Waitable<void> {
    const death = this.calls.kill({ timeout: options.timeout });
    this.dismiss();
    return new Block(
      'ThreadPool.kill',
      function* (this: ThreadPool): Coroutine<void> {
        yield* death;
        for (const executor of this.former) yield* executor.shutdown();
      }.bind(this),
    );
  }

  /** Waits for all calls and ends the threads, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.join();
    await this.kill();
  }

  /** What a greenlet does that has a task called in a thread. */
  private caller<A extends unknown[], R>(
    verb: string,
    target: (...args: A) => R,
  ): (...args: A) => Coroutine<unknown> {
    requireReference(verb, target);
    const run = (...args: A): Coroutine<unknown> =>
      this.call({ target: target as (...args: never[]) => unknown, args, future: null });
    return Object.defineProperty(run, 'name', { value: target.name });
  }

  private *call(errand: Errand): Coroutine<unknown> {
    this.errands.add(errand);
    try {
      for (;;) {
        const executor = (this.executor ??= new ThreadPoolExecutor({
          ...this.options,
          maxWorkers: this.most,
        }));
        const future = executor.submit(errand.target, ...(errand.args as never[]));
        errand.future = future;
        try {
          return yield* future;
        } catch (error) {
          // It has been taken back, to run in other threads.
          if (errand.future === null && future.cancelled()) continue;
          if (!future.done()) yield* stop(future, error);
          throw error;
        }
      }
    } finally {
      this.errands.delete(errand);
    }
  }

  /** Gives its threads nothing more. */
  private dismiss(): void {
    const { executor } = this;
    if (executor === null) return;
    this.executor = null;
    this.former.add(executor);
    void executor.shutdown().then(() => this.former.delete(executor));
  }
}

/** Kills what a thread runs, and waits until that is over. */
function* stop(future: Future<unknown>, reason: unknown): Coroutine<void> {
  future.kill(reason);
  try {
    yield* future.exception();
  } catch (error) {
    // It ends as one that was cancelled. Whoever kills a second time does not want to wait for it.
    if (isInterrupt(error)) throw error;
  }
}
