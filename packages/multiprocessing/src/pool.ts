// So that `await using` is known also where nobody has asked for that library.
/// <reference lib="esnext.disposable" />
import type { Coroutine } from '@switchyard/greenlet';
import { type Outcome, type Waitable, Waiter } from '@switchyard/hub';
import { Block, Strand } from '@switchyard/hub/core';
import { RuntimeError, share, TaskError } from '@switchyard/remote';
import { guard, requireReference } from '@switchyard/remote/core';
import { AsyncResult, checkCallbacks } from './async-result.ts';
import { Crew } from './pool-crew.ts';
import { checkSource, isAsync, listOf, type Source } from './pool-items.ts';
import { Job } from './pool-job.ts';
import { defaultChunksize, mapJobs } from './pool-map.ts';
import {
  type ApplyOptions,
  checkCount,
  type ChunkOptions,
  type ImapOptions,
  type MapOptions,
  type PoolOptions,
  poolSettings,
} from './pool-options.ts';
import { PoolResults } from './pool-results.ts';
import { waited } from './pool-wait.ts';
import { ProcessError } from './process-error.ts';
import { allArguments, type Last, type Leading } from './process-options.ts';
import { currentRole } from './process-role.ts';

type Run = (...args: never[]) => unknown;

const OPEN = 0;
const CLOSED = 1;
const TERMINATED = 2;

/**
 * Processes that run tasks: for work that computes, and must not share a memory. A task is a function that was made known
 * with `task(import.meta, name, fn)`, or `inline(fn)`; its arguments and its result are copied.
 *
 * ```ts
 * await using pool = new Pool(4);
 * console.log(await pool.map(parse, pages));
 * ```
 *
 * Workers start as there is work for them. They are daemons: they end with this process, and cannot have children. While
 * the pool has something to do the program lives on; otherwise it ends, also without `close` or `terminate`.
 *
 * A worker that exits, runs out of memory or is killed fails the task that it was running, with a `ProcessError`; another
 * takes its place. In Python that task never ends.
 *
 * Python: `multiprocessing.Pool`.
 */
export class Pool<I extends unknown[] = unknown[]> {
  private readonly processes: number;
  private readonly crew: Crew;
  private state: number;

  /**
   * @param processes how many workers there are at the most; by default one for each processor
   * @throws RangeError when a number is not a whole one from 1 up; TypeError when another option is not what it should be;
   *   TaskError when the initializer cannot be found by name in another process; RuntimeError in a daemon; BootstrapError
   *   when the module that makes it is only being imported to find a task
   */
  constructor(processes?: number | null, options: PoolOptions<I> = {}) {
    guard('A Pool was made');
    const settings = poolSettings(processes, options);
    if (currentRole().daemon) {
      throw new RuntimeError(`${currentRole().name} is a daemon, and daemons may not have children`);
    }
    this.processes = settings.processes;
    this.crew = new Crew(settings);
    this.state = OPEN;
  }

  /**
   * Runs a task with these arguments, and waits for its value.
   *
   * @param kwargs the options object that the task takes as its last argument
   * @throws the error of the task; CloneError when an argument or the value cannot be sent; ProcessError when its worker died;
   *   RuntimeError when the pool was closed
   */
  apply<A extends unknown[], R>(
    target: (...args: A) => R,
    args: NoInfer<Leading<A>>,
    kwargs: NoInfer<Last<A>>,
  ): Waitable<Outcome<R>>;
  apply<A extends unknown[], R>(target: (...args: A) => R, args?: NoInfer<A>): Waitable<Outcome<R>>;
  apply(target: Run, args: unknown = [], kwargs?: unknown): Waitable<never> {
    const all = this.checkedArguments('Pool.apply', target, args, kwargs);
    return waited(`apply(${target.name})`, (label) => this.run<never>(label, target, all, {}));
  }

  /**
   * Has a task run with these arguments.
   *
   * @returns at once what is going to come of it
   * @throws RuntimeError when the pool was closed; ProcessError when its workers cannot run anything
   */
  applyAsync<A extends unknown[], R>(
    target: (...args: A) => R,
    args: NoInfer<Leading<A>>,
    options: ApplyOptions<Outcome<R>, NoInfer<Last<A>>> & { kwargs: object },
  ): AsyncResult<Outcome<R>>;
  applyAsync<A extends unknown[], R>(
    target: (...args: A) => R,
    args?: NoInfer<A>,
    options?: ApplyOptions<Outcome<R>, null>,
  ): AsyncResult<Outcome<R>>;
  applyAsync(
    target: Run,
    args: unknown = [],
    options: ApplyOptions<never, unknown> = {},
  ): AsyncResult<never> {
    const all = this.checkedArguments('Pool.applyAsync', target, args, options.kwargs);
    checkCallbacks(options, 'Pool.applyAsync');
    return this.run<never>(`applyAsync(${target.name})`, target, all, options);
  }

  /**
   * Runs a task with each of the items, and waits for all values. A worker is given several items at a time.
   *
   * @returns the values, in the order of the items
   * @throws when all have ended: the error of the first item, in that order, that failed. In a chunk the items behind one
   *   that failed do not run. ProcessError and RuntimeError as `apply`
   */
  map<T, R>(target: (item: T) => R, items: Source<T>, options?: ChunkOptions): Waitable<Outcome<R>[]> {
    return this.mapped('map', target, items, false, options);
  }

  /** As `map`, but returns at once. The callback is called once, with all values. */
  mapAsync<T, R>(
    target: (item: T) => R,
    items: Source<T>,
    options?: MapOptions<Outcome<R>[]>,
  ): AsyncResult<Outcome<R>[]> {
    return this.mappedAsync('mapAsync', target, items, false, options);
  }

  /** As `map`, where each item is a list of the arguments of one run. */
  starmap<A extends unknown[], R>(
    target: (...args: A) => R,
    rows: Source<A>,
    options?: ChunkOptions,
  ): Waitable<Outcome<R>[]> {
    return this.mapped('starmap', target, rows, true, options);
  }

  /** As `starmap`, but returns at once. */
  starmapAsync<A extends unknown[], R>(
    target: (...args: A) => R,
    rows: Source<A>,
    options?: MapOptions<Outcome<R>[]>,
  ): AsyncResult<Outcome<R>[]> {
    return this.mappedAsync('starmapAsync', target, rows, true, options);
  }

  /**
   * As `map`, but gives each value as soon as it and those before it are there, and takes the items only as workers have
   * need of them. It starts at once. An error is thrown in the place of its value, and the next call goes on behind it.
   */
  imap<T, R>(target: (item: T) => R, items: Source<T>, options?: ImapOptions): PoolResults<Outcome<R>> {
    return this.results(target, items, true, options);
  }

  /** As `imap`, in the order in which the values come. */
  imapUnordered<T, R>(
    target: (item: T) => R,
    items: Source<T>,
    options?: ImapOptions,
  ): PoolResults<Outcome<R>> {
    return this.results(target, items, false, options);
  }

  /** Takes no more tasks; the workers end when all that it was given is done. */
  close(): void {
    if (this.state !== OPEN) return;
    this.state = CLOSED;
    this.crew.close();
  }

  /** Ends the workers at once, whatever they do. What had not ended fails with a `ProcessError`. */
  terminate(): void {
    if (this.state === TERMINATED) return;
    this.state = TERMINATED;
    this.crew.terminate(new ProcessError('the pool was terminated before this task had ended'));
  }

  /** Waits until the workers have ended. @throws RuntimeError when the pool was neither closed nor terminated */
  join(): Waitable<void> {
    if (this.state === OPEN) {
      throw new RuntimeError(
        'the pool takes tasks still, and would never end: close() or terminate() it first',
      );
    }
    return new Block<void>('Pool.join', () => this.joined());
  }

  [Symbol.dispose](): void {
    this.terminate();
  }

  /** Terminates it, and waits until the workers have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.terminate();
    await this.join();
  }

  /** Read by whoever is about to send it. @internal */
  get [share](): never {
    throw new TaskError(
      'A Pool cannot be sent to another process: only the one that made it can give it tasks',
    );
  }

  private checkOpen(): void {
    if (this.state !== OPEN)
      throw new RuntimeError('the pool takes no more tasks: it was closed or terminated');
  }

  private checkedArguments(verb: string, target: Run, args: unknown, kwargs: unknown): readonly unknown[] {
    requireReference(verb, target);
    this.checkOpen();
    return allArguments(verb, args, kwargs);
  }

  private run<T>(
    label: string,
    target: Run,
    args: readonly unknown[],
    options: ApplyOptions<never, unknown>,
  ): AsyncResult<T> {
    const result = new AsyncResult<T>(label, options);
    this.submit(
      [new Job(target, args, 0, null, (failed, outcome) => result.settle(failed, outcome))],
      result,
    );
    return result;
  }

  private submit(jobs: readonly Job[], result: AsyncResult<unknown>): void {
    try {
      this.checkOpen();
      for (const job of jobs) this.crew.submit(job);
    } catch (error) {
      for (const job of jobs) job.drop();
      throw error;
    }
    result.onAbandon(() => {
      for (const job of jobs) job.drop();
    });
  }

  private mapped<R>(
    verb: string,
    target: Run,
    items: Source<unknown>,
    spread: boolean,
    options: ChunkOptions | undefined,
  ): Waitable<R[]> {
    this.checkMap(verb, target, items, options);
    return new Block<R[]>(
      `${verb}(${target.name})`,
      function* (this: Pool) {
        const list = yield* listOf(items);
        return yield* waited(`${verb}(${target.name})`, (label) => {
          const result = new AsyncResult<R[]>(label, {});
          this.startMap(target, list, spread, options?.chunksize, result as AsyncResult<unknown>);
          return result;
        });
      }.bind(this as Pool),
    );
  }

  private mappedAsync<R>(
    verb: string,
    target: Run,
    items: Source<unknown>,
    spread: boolean,
    options: MapOptions<R[]> = {},
  ): AsyncResult<R[]> {
    this.checkMap(verb, target, items, options);
    checkCallbacks(options, `Pool.${verb}`);
    const result = new AsyncResult<R[]>(`${verb}(${target.name})`, options);
    const start = (list: readonly unknown[]): void =>
      this.startMap(target, list, spread, options.chunksize, result as AsyncResult<unknown>);
    if (!isAsync(items)) start([...items]);
    else {
      void new Strand<void>(
        `the items of ${verb}`,
        function* () {
          start(yield* listOf(items));
        },
        (failed, error) => {
          if (failed) result.settle(true, error);
        },
      );
    }
    return result;
  }

  private checkMap(
    verb: string,
    target: Run,
    items: Source<unknown>,
    options: ChunkOptions | undefined,
  ): void {
    requireReference(`Pool.${verb}`, target);
    checkSource(items, `Pool.${verb}`);
    this.checkOpen();
    if (options?.chunksize != null) checkCount(options.chunksize, `the chunksize of Pool.${verb}`);
  }

  private startMap(
    target: Run,
    list: readonly unknown[],
    spread: boolean,
    chunksize: number | null | undefined,
    result: AsyncResult<unknown>,
  ): void {
    const size = chunksize ?? defaultChunksize(list.length, this.processes);
    this.submit(mapJobs(target, list, size, spread, result), result);
  }

  private results<R>(
    target: (item: never) => R,
    items: Source<unknown>,
    ordered: boolean,
    options: ImapOptions | undefined,
  ): PoolResults<Outcome<R>> {
    this.checkMap(ordered ? 'imap' : 'imapUnordered', target, items, undefined);
    const { crew, processes } = this;
    const pool = {
      processes,
      submit: (job: Job) => {
        this.checkOpen();
        crew.submit(job);
      },
      resubmit: (job: Job) => crew.resubmit(job),
    };
    return new PoolResults<Outcome<R>>(pool, target, items, ordered, options);
  }

  private *joined(): Coroutine<void> {
    while (!this.crew.empty) {
      const waiter = new Waiter();
      const leave = this.crew.whenGone(() => waiter.wake());
      try {
        yield* waiter;
      } finally {
        leave();
      }
    }
  }
}
