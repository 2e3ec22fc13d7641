import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import {
  checkTimeout,
  hub,
  type Queued,
  retrieved,
  type TimeoutOption,
  unretrieved,
} from '@switchyard/hub/core';
import { type CancelledError, InvalidStateError } from './errors.ts';
import {
  Callback,
  callback,
  enlist,
  firstOf,
  type Listener,
  type Listeners,
  listed,
  type Place,
  unlist,
} from './future-listener.ts';
import { CANCELLED, FINISHED, type FutureState, NOTIFIED, RUNS, STATES, WAITS } from './future-state.ts';
import { cancelledError, checkGrace, type FutureOwner, type KillTaskOptions } from './future-stop.ts';
import { ExceptionWait, ResultWait } from './future-wait.ts';
import { reporter } from './unretrieved.ts';

/** It ended with an error. */
const FAILED = 1;
/** Somebody has taken notice of that. */
const OBSERVED = 2;
/** It stands in the run queue to tell its listeners. */
const TELLING = 4;

/** How many are told before timers and sockets may get their turn. */
const BATCH = 256;

/**
 * The outcome of a task that an executor runs. `yield* future` and `await future` are `result()`.
 *
 * Executors make futures; making one by hand, with `setResult` and `setException`, is for executors and tests.
 *
 * Python: `concurrent.futures.Future`.
 */
export class Future<T = unknown> implements Waitable<T>, Queued {
  /** WAITS to FINISHED. */
  private phase: number;
  private flags: number;
  /** The value or the error; of a cancelled one the CancelledError once somebody needs it. */
  private outcome: unknown;
  /** Who is told of the end. @internal */
  listeners: Listeners;
  /** What is told of progress; made when first used. */
  private watchers: Callback[] | null;
  /** The name, or what has it: the name of a function is a slow getter. */
  private label: string | { readonly name: string };
  /** Who runs it; let go at the end. @internal */
  owner: FutureOwner | null;

  /** @param name what messages call the task; a function stands for its name */
  constructor(name: string | { readonly name: string } = '', owner: FutureOwner | null = null) {
    this.phase = WAITS;
    this.flags = 0;
    this.outcome = undefined;
    this.listeners = null;
    this.watchers = null;
    this.label = name;
    this.owner = owner;
  }

  /** The name of the task, for messages. */
  get name(): string {
    const name = typeof this.label === 'string' ? this.label : this.label.name;
    return name === '' ? '(anonymous)' : name;
  }

  /** How far the task is. */
  get state(): FutureState {
    return STATES[this.phase] as FutureState;
  }

  /** Whether the task was cancelled before it began, or killed while it ran. */
  cancelled(): boolean {
    return this.phase === CANCELLED || this.phase === NOTIFIED;
  }

  /** Whether the task runs. It cannot be cancelled any more, but killed. */
  running(): boolean {
    return this.phase === RUNS;
  }

  /** Whether the task has ended in any way. */
  done(): boolean {
    return this.phase > RUNS;
  }

  /**
   * Waits for the value; at once when it is there.
   *
   * @throws the task's error; CancelledError when it was cancelled or killed; TimeoutError when it is not done within
   *   `timeout` milliseconds
   */
  result(options?: TimeoutOption): Waitable<T> {
    return new ResultWait<T>(this, options === undefined ? -1 : checkTimeout(options, 'Future.result'));
  }

  /**
   * Waits for the end; gives the task's error, or undefined when it succeeded.
   *
   * @throws CancelledError when it was cancelled or killed; TimeoutError when it is not done within `timeout` milliseconds
   */
  exception(options?: TimeoutOption): Waitable<unknown> {
    return new ExceptionWait<T>(this, options === undefined ? -1 : checkTimeout(options, 'Future.exception'));
  }

  /**
   * Has a function called with this future when it is done: in the hub, in the order in which they were added; inside of
   * this call when it is done already, also when others that were added before have yet to be called. It may be a plain,
   * an async or a generator function: what it returns is waited for in a greenlet of its own. An error of it is reported
   * to the hub's error hook, and the next is called.
   *
   * @throws TypeError when it is not a function
   */
  addDoneCallback(fn: (future: this) => unknown): void {
    checkCallback(fn, 'addDoneCallback');
    if (this.done()) {
      this.notice();
      callback(fn as (value: never) => unknown, this, 'done callback');
    } else this.listen(new Callback(fn as (value: never) => unknown, 'done callback'));
  }

  /** Takes back `addDoneCallback`, as often as it was called. @returns how many callbacks were taken back */
  removeDoneCallback(fn: (future: this) => unknown): number {
    let removed = 0;
    for (const link of listed(this)) {
      if (!(link instanceof Callback) || link.fn !== (fn as unknown)) continue;
      this.unlisten(link, null);
      removed++;
    }
    return removed;
  }

  /**
   * Has a function called, in the hub, with each event that the task emits from now on. As for `addDoneCallback`, it may
   * be a plain, an async or a generator function, and an error of it is reported.
   *
   * @throws TypeError when it is not a function
   */
  addProgressCallback(fn: (event: unknown) => unknown): void {
    checkCallback(fn, 'addProgressCallback');
    if (this.done()) return;
    (this.watchers ??= []).push(new Callback(fn as (value: never) => unknown, 'progress callback'));
  }

  /**
   * Cancels the task if it has not begun.
   *
   * @returns whether it is cancelled; false when it runs (see `kill`) or has finished
   */
  cancel(): boolean {
    if (this.phase === WAITS && this.takeBack()) this.endCancelled(CANCELLED, undefined);
    return this.cancelled();
  }

  /**
   * Stops the task even when it runs: asks it to, through its AbortSignal, and kills what runs it when it has not ended
   * within the grace time. The future is done when that is over, with a CancelledError. Python's futures cannot do this.
   *
   * @param reason what the CancelledError says; an error becomes its `cause`
   * @returns whether the task is stopped by this; false when it has ended already, or nobody runs it who can stop it
   * @throws TypeError when `grace` is not a number of milliseconds from 0 up
   */
  kill(reason?: unknown, options?: KillTaskOptions): boolean {
    const grace = checkGrace(options?.grace, 'Future.kill');
    if (this.done()) return false;
    if (this.phase === RUNS || !this.takeBack()) return this.owner !== null && this.owner.kill(reason, grace);
    this.endCancelled(
      CANCELLED,
      reason === undefined ? undefined : cancelledError(this.name, 'cancelled', reason),
    );
    return true;
  }

  /**
   * For executors: to be called before the task is run.
   *
   * @returns whether to run it; false when it has been cancelled
   * @throws InvalidStateError when it runs or has finished already
   */
  setRunningOrNotifyCancel(): boolean {
    if (this.phase === WAITS) {
      this.phase = RUNS;
      return true;
    }
    if (this.phase !== CANCELLED) throw this.unexpected('setRunningOrNotifyCancel');
    this.phase = NOTIFIED;
    return false;
  }

  /** For executors: the task has returned. @throws InvalidStateError when it is done already */
  setResult(value: T): void {
    if (this.phase > RUNS) throw this.unexpected('setResult');
    this.outcome = value;
    this.phase = FINISHED;
    this.owner = null;
    this.watchers = null;
    if (this.listeners !== null) this.tell();
  }

  /** For executors: the task has thrown. @throws InvalidStateError when it is done already */
  setException(error: unknown): void {
    if (this.phase > RUNS) throw this.unexpected('setException');
    this.outcome = error;
    this.phase = FINISHED;
    this.flags |= FAILED;
    this.owner = null;
    this.watchers = null;
    if (this.listeners !== null) this.tell();
    else this.overlooked();
  }

  /** For executors: the task has been killed while it ran. @throws InvalidStateError when it is done already @internal */
  setKilled(error: CancelledError): void {
    if (this.phase > RUNS) throw this.unexpected('setKilled');
    this.phase = RUNS;
    this.endCancelled(NOTIFIED, error);
  }

  /** For executors: the task has emitted a progress event. Ignored when the future is done. @internal */
  emit(event: unknown): void {
    const { watchers } = this;
    if (watchers === null || this.done()) return;
    hub.schedule({
      turn() {
        for (const watcher of watchers) watcher.notify(event);
      },
    });
  }

  /** Whether it has a value. @internal */
  get succeeded(): boolean {
    return this.phase === FINISHED && (this.flags & FAILED) === 0;
  }

  /** Whether it ended with an error of its own, not by being cancelled. @internal */
  get failed(): boolean {
    return (this.flags & FAILED) !== 0;
  }

  /** The value or error of one that is done, for somebody who takes notice of it. @internal */
  taken(): unknown {
    if (this.phase === FINISHED) {
      this.notice();
      return this.outcome;
    }
    return (this.outcome ??= cancelledError(this.name, 'cancelled', undefined));
  }

  /** Somebody takes notice of the failure, if it is one. @internal */
  notice(): void {
    if ((this.flags & (FAILED | OBSERVED)) === FAILED) retrieved(this);
    this.flags |= OBSERVED;
  }

  /** Has somebody told when it is done. @returns the place in the line of somebody who is shared, to take it back with @internal */
  listen(listener: Listener): Place | null {
    const place = enlist(this, listener);
    if (this.done() && (this.flags & TELLING) === 0) this.tell();
    return place;
  }

  /** Takes back `listen`. @internal */
  unlisten(listener: Listener, place: Place | null): void {
    unlist(this, listener, place);
    if (this.listeners === null) this.overlooked();
  }

  /** Tells those who listen, in the hub. @internal */
  turn(): void {
    for (let told = 0; this.listeners !== null; told++) {
      if (told === BATCH) {
        hub.again(this);
        return;
      }
      const listener = firstOf(this);
      this.notice();
      try {
        listener?.notify(this);
      } catch (error) {
        hub.reports.report(error, null);
      }
    }
    this.flags &= ~TELLING;
  }

  [Symbol.iterator](): ReturnType<Waitable<T>[typeof Symbol.iterator]> {
    return this.result()[Symbol.iterator]();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.result().then(fulfilled, rejected);
  }

  toString(): string {
    const state = this.state.toLowerCase();
    if (this.phase !== FINISHED) return `<Future ${this.name} ${state}>`;
    return `<Future ${this.name} ${state} ${this.failed ? 'threw' : 'returned'} ${show(this.outcome)}>`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  private takeBack(): boolean {
    return this.owner === null || this.owner.takeBack();
  }

  private endCancelled(phase: number, error: CancelledError | undefined): void {
    const { owner } = this;
    const pending = this.phase === WAITS;
    this.outcome = error;
    this.phase = phase;
    this.owner = null;
    this.watchers = null;
    if (pending) owner?.cancelled();
    if (this.listeners !== null) this.tell();
  }

  // Waking goes through the run queue: whoever completes a future, a message handler say, is never switched away from.
  // (Virtual time must not overtake work outside of this thread: executors that have some count it in `hub.outside`.)
  private tell(): void {
    this.flags |= TELLING;
    hub.schedule(this);
  }

  /** If it has failed, nobody has heard of that so far. */
  private overlooked(): void {
    if ((this.flags & (FAILED | OBSERVED)) === FAILED) unretrieved(this, reporter(this.name, this.outcome));
  }

  private unexpected(verb: string): InvalidStateError {
    return new InvalidStateError(`${verb} of a future that is ${this.state}: ${this.toString()}`);
  }
}

function checkCallback(fn: unknown, verb: string): void {
  if (typeof fn !== 'function') throw new TypeError(`Expected a function for ${verb}, got ${show(fn)}`);
}
