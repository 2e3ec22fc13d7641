import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import {
  checkTimeout,
  ERROR,
  follow,
  hub,
  Line,
  PENDING,
  type Queued,
  retrieved,
  Strand,
  TimedWait,
  type TimeoutOption,
  unretrieved,
  VALUE,
} from '@switchyard/hub/core';
import { RuntimeError, TimeoutError } from '@switchyard/remote';
import { reporter } from './unretrieved.ts';

/** Who is called back when a task has ended. */
export interface Callbacks<T> {
  /** Called with what the task returned, once, before anybody who waits goes on. What it returns is waited for, by nobody. */
  callback?: ((value: T) => unknown) | null | undefined;
  /** Called with the error of the task. */
  errorCallback?: ((error: unknown) => unknown) | null | undefined;
}

/** @throws TypeError @internal */
export function checkCallbacks(options: Callbacks<never>, verb: string): void {
  for (const key of ['callback', 'errorCallback'] as const) {
    const given: unknown = options[key];
    if (given === undefined || given === null || typeof given === 'function') continue;
    throw new TypeError(`Expected a function as the ${key} of ${verb}, got ${show(given)}`);
  }
}

/**
 * What is going to come of a task that a pool was given. Can be waited for any number of times; `yield* result` and
 * `await result` are the same as `result.get()`.
 *
 * An error that nobody asks for and no `errorCallback` takes is reported when the result is gone, or at the end of the program.
 *
 * Python: `multiprocessing.pool.AsyncResult`.
 */
export class AsyncResult<T> implements Waitable<T>, Queued {
  /** What was called, for messages. */
  private readonly label: string;
  private readonly callbacks: Callbacks<never>;
  /** Takes it back, as nobody waits for it. */
  private undo: (() => void) | null;
  private settled: boolean;
  /** Whether the callback has been called, so that those who wait may go on. */
  private isReady: boolean;
  private failed: boolean;
  private outcome: unknown;
  private readonly waits: Line<ResultWait<unknown>>;
  private noticed: boolean;

  /** @internal */
  constructor(label: string, callbacks: Callbacks<never>) {
    this.label = label;
    this.callbacks = callbacks;
    this.undo = null;
    this.settled = false;
    this.isReady = false;
    this.failed = false;
    this.outcome = undefined;
    this.waits = new Line();
    this.noticed = typeof callbacks.errorCallback === 'function';
  }

  /**
   * Waits for the value.
   *
   * @throws the error of the task; TimeoutError when neither is there in time (`timeout` in ms); ProcessError when the worker
   *   died that ran it, or the pool was terminated
   */
  get(options?: TimeoutOption): Waitable<T> {
    return new Get<T>(this as AsyncResult<unknown>, checkTimeout(options, 'AsyncResult.get'));
  }

  /** Waits until the task has ended, in whatever way. @returns whether it has; false when `timeout` ms came first */
  wait(options?: TimeoutOption): Waitable<boolean> {
    return new Ready(this as AsyncResult<unknown>, checkTimeout(options, 'AsyncResult.wait'));
  }

  /** Whether the task has ended. */
  ready(): boolean {
    return this.isReady;
  }

  /** Whether the task has returned a value. @throws RuntimeError when it has not ended. Python: a `ValueError` then */
  successful(): boolean {
    if (!this.isReady)
      throw new RuntimeError(`${this.label} has not ended: look at ready(), or wait() before`);
    this.notice();
    return !this.failed;
  }

  [Symbol.iterator](): ReturnType<Waitable<T>[typeof Symbol.iterator]> {
    return this.get()[Symbol.iterator]();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Get<T>(this as AsyncResult<unknown>, -1).then(fulfilled, rejected);
  }

  get [Symbol.toStringTag](): string {
    return 'AsyncResult';
  }

  /** @internal */
  onAbandon(undo: () => void): void {
    this.undo = undo;
  }

  /** Nobody wants it any more. @internal */
  abandon(): void {
    if (!this.settled) this.undo?.();
  }

  /** The task has ended. @internal */
  settle(failed: boolean, outcome: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.undo = null;
    this.failed = failed;
    this.outcome = outcome;
    hub.schedule(this);
  }

  /** @internal */
  turn(): void {
    const { callback, errorCallback } = this.callbacks;
    const call = (this.failed ? errorCallback : callback) as
      | ((outcome: unknown) => unknown)
      | null
      | undefined;
    if (typeof call === 'function') this.callBack(call);
    this.isReady = true;
    for (let wait = this.waits.shift(); wait !== null; wait = this.waits.shift()) wait.notify();
    if (this.failed && !this.noticed) unretrieved(this, reporter(this.outcome));
  }

  // For those who wait.

  /** @internal */
  take(): unknown {
    this.notice();
    if (this.failed) throw this.outcome;
    return this.outcome;
  }

  /** @internal */
  answer(wait: ResultWait<unknown>): void {
    this.notice();
    wait.resume(this.failed ? ERROR : VALUE, this.outcome);
  }

  /** @internal */
  late(limit: number): TimeoutError {
    return new TimeoutError(`${this.label} has not ended within ${limit} ms`);
  }

  /** @internal */
  enqueue(wait: ResultWait<unknown>): void {
    this.waits.push(wait);
  }

  /** @internal */
  dequeue(wait: ResultWait<unknown>): void {
    this.waits.remove(wait);
  }

  /** @internal */
  describe(): string {
    return this.label;
  }

  private notice(): void {
    this.noticed = true;
    retrieved(this);
  }

  private callBack(call: (outcome: unknown) => unknown): void {
    try {
      const returned = call(this.outcome);
      if (returned === null || typeof returned !== 'object') return;
      const label = `the callback of ${this.label}`;
      void new Strand<unknown>(
        label,
        () => follow<unknown>(() => returned),
        (failed, outcome) => {
          if (failed) this.reportCallback(outcome);
        },
      );
    } catch (error) {
      this.reportCallback(error);
    }
  }

  private reportCallback(error: unknown): void {
    hub.reports.report(error, null, `The callback of ${this.label} failed`);
  }
}

abstract class ResultWait<T> extends TimedWait<T> {
  protected readonly result: AsyncResult<unknown>;

  constructor(result: AsyncResult<unknown>, limit: number) {
    super(limit);
    this.result = result;
  }

  abstract notify(): void;

  override describe(): string {
    return this.result.describe();
  }

  protected enqueue(): typeof PENDING {
    this.result.enqueue(this as ResultWait<unknown>);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.result.dequeue(this as ResultWait<unknown>);
  }
}

class Get<T> extends ResultWait<T> {
  override notify(): void {
    this.result.answer(this as ResultWait<unknown>);
  }

  override expire(): void {
    this.detach();
    this.resume(ERROR, this.result.late(this.limit));
  }

  protected override begin(): T | typeof PENDING {
    if (this.result.ready()) return this.result.take() as T;
    if (this.limit === 0) throw this.result.late(0);
    return this.enqueue();
  }
}

class Ready extends ResultWait<boolean> {
  override notify(): void {
    this.resume(VALUE, true);
  }

  override expire(): void {
    this.detach();
    this.resume(VALUE, false);
  }

  protected override begin(): boolean | typeof PENDING {
    if (this.result.ready()) return true;
    return this.limit === 0 ? false : this.enqueue();
  }
}
