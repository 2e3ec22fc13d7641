import type { Waitable } from '@switchyard/hub';
import { show } from '@switchyard/greenlet/scheduler';
import { GreenletExit } from '@switchyard/greenlet';
import { captureContext, hub, type ScheduledGreenlet, Strand } from '@switchyard/hub/core';
import { BrokenExecutor } from './errors.ts';
import { Executor } from './executor.ts';
import { checkCount, type ExecutorOptions } from './executor-options.ts';
import type { Work } from './executor-work.ts';
import { PoolTask } from './greenlet-pool-task.ts';

const WORKERS = 64;

/** What a `GreenletPoolExecutor` takes. */
export interface GreenletPoolOptions<A extends unknown[] = unknown[]> extends ExecutorOptions {
  /** How many tasks run at a time; 64 by default. */
  maxWorkers?: number;
  /** Called once, before the first task: a plain, async or generator function. All tasks fail when it fails. */
  initializer?: (...args: A) => unknown;
  /** The arguments of the initializer. */
  initargs?: A;
}

/**
 * An executor whose workers are greenlets of this thread: for tasks that wait, not for tasks that compute. Tasks begin in
 * the order in which they were submitted, each in a greenlet and the async context of its submit. A kill or a timeout
 * aborts the task's signal (`currentTask().signal`) and is thrown into its greenlet as a `GreenletExit`; its cleanup may
 * wait for the grace time. One that outlives that is thrown at once more, and then left alone: its future is done and its
 * place is free.
 *
 * ```ts
 * await using pool = new GreenletPoolExecutor({ maxWorkers: 10 });
 * for await (const page of pool.map(download, urls)) console.log(page.length);
 * ```
 *
 * Python has no such executor; it stands beside `concurrent.futures.ThreadPoolExecutor`.
 */
export class GreenletPoolExecutor<A extends unknown[] = unknown[]> extends Executor {
  private readonly maxWorkers: number;
  /** How many places are taken. */
  private taken: number;
  /** Those that have a place and have not begun. */
  private readonly placed: Set<PoolTask>;
  private readonly initializer: ((...args: A) => unknown) | null;
  private readonly initargs: A;
  private initializing: Strand<unknown> | null;
  private initialized: boolean;

  /**
   * @throws RangeError when `maxWorkers` is not a whole number from 1 up; TypeError when another option is not what it
   *   should be
   */
  constructor(options: GreenletPoolOptions<A> = {}) {
    super(options);
    const { maxWorkers = WORKERS, initializer, initargs } = options;
    this.maxWorkers = checkCount(maxWorkers, `the maxWorkers of ${new.target.name}`);
    if (initializer !== undefined && typeof initializer !== 'function') {
      throw new TypeError(
        `Expected a function as the initializer of ${new.target.name}, got ${show(initializer)}`,
      );
    }
    if (initargs !== undefined && !Array.isArray(initargs)) {
      throw new TypeError(`Expected an array as the initargs of ${new.target.name}, got ${show(initargs)}`);
    }
    this.initializer = initializer ?? null;
    this.initargs = initargs ?? ([] as unknown as A);
    this.initializing = null;
    this.initialized = initializer === undefined;
    this.taken = 0;
    this.placed = new Set();
    this.account.staff(this.maxWorkers);
  }

  protected override dispatch(work: Work | null): void {
    if (!this.initialized) {
      this.initialize();
      if (work !== null) work.runner = captureContext();
      return;
    }
    while (this.taken < this.maxWorkers) {
      const next = this.next();
      if (next === null) return;
      // Who submits gives the task its async context: now, or, when there is no room, for later.
      const origin = next === work ? null : (next.runner as ReturnType<typeof captureContext>);
      const task = new PoolTask(this, next, origin);
      this.taken++;
      this.placed.add(task);
      task.start();
      if (next === work) return;
    }
    if (work !== null) work.runner = captureContext();
  }

  protected override ask(work: Work, reason: Error): void {
    const task = work.runner as PoolTask;
    hub.schedule({ turn: () => task.stop(reason) });
  }

  protected override destroy(work: Work): void {
    const task = work.runner as PoolTask;
    const reason = work.stopping?.error as Error;
    hub.schedule({
      turn: () => {
        task.stop(reason);
        // Thrown by then, as far as it can be: it may be shielded, or catch whatever comes.
        hub.schedule({ turn: () => this.leave(task) });
      },
    });
  }

  protected override close(): Waitable<void> | void {}

  protected override withdraw(work: Work): void {
    const task = work.runner;
    if (task instanceof PoolTask) task.kill({ block: false });
  }

  protected override cancelPending(): void {
    // The queue first: a place that becomes free would be given to the next of it.
    super.cancelPending();
    for (const task of this.placed) task.work.future.cancel();
  }

  /** @internal */
  begins(task: PoolTask): void {
    this.placed.delete(task);
    this.claim(task.work);
    this.started(task.work);
  }

  /** @internal */
  ends(task: PoolTask, failed: boolean, outcome: unknown): void {
    const { work } = task;
    this.placed.delete(task);
    // A shield that was left by a kill gives the error of its body as the cause.
    const lost = outcome instanceof GreenletExit && outcome.cause !== undefined;
    if (task.left) {
      // Nobody waits for it any more.
      if (failed || lost) {
        hub.reports.report(lost ? outcome.cause : outcome, task as unknown as ScheduledGreenlet);
      }
      return;
    }
    this.taken--;
    if (failed) this.failed(work, outcome);
    else if (lost && work.stopping !== null) this.failed(work, outcome.cause);
    else if (outcome instanceof GreenletExit) this.killed(work, outcome);
    else this.succeeded(work, outcome);
    this.dispatch(null);
  }

  /** Does without a task that does not stop. */
  private leave(task: PoolTask): void {
    if (task.dead || task.left) return;
    task.left = true;
    this.taken--;
    this.killed(task.work, undefined);
    this.dispatch(null);
  }

  private initialize(): void {
    const { initializer } = this;
    if (this.initializing !== null || initializer === null) return;
    this.initializing = new Strand<unknown>(
      `the initializer of ${this.name}`,
      () => initializer(...this.initargs) as never,
      (failed, outcome) => {
        this.initialized = true;
        if (failed || outcome instanceof GreenletExit) {
          const message = outcome instanceof Error ? outcome.message : show(outcome);
          this.breakDown(
            new BrokenExecutor(`the initializer of ${this.name} failed, so no task can run: ${message}`, {
              cause: outcome,
            }),
          );
        } else this.dispatch(null);
      },
    );
  }
}
