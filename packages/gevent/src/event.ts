import { GreenletExit } from '@switchyard/greenlet';
import { Timeout, type Waitable } from '@switchyard/hub';
import { checkTimeout, ERROR, PENDING, VALUE, type TimeoutOption } from '@switchyard/hub/core';
import { LinkWait } from './link-wait.ts';
import { Linkable } from './linkable.ts';

/**
 * A flag that greenlets wait for. `set()` lets all who wait go on, in the order in which they came; they get `true` even
 * if it has been cleared before they run.
 *
 * Python: `gevent.event.Event`.
 */
export class Event extends Linkable {
  private flag: boolean;

  constructor() {
    super();
    this.flag = false;
  }

  /** Whether it is set. */
  isSet(): boolean {
    return this.flag;
  }

  /** Whether it is set. */
  override ready(): boolean {
    return this.flag;
  }

  /**
   * Sets it: all who wait will go on, also when it is unset at once. As in gevent, those who began to wait while others were
   * being told of an earlier `set()` go on only if it is still set when these have been told.
   */
  set(): void {
    this.flag = true;
    this.check();
  }

  /** Unsets it: those who wait from now on are parked until the next `set()`. */
  clear(): void {
    this.flag = false;
  }

  /**
   * Waits until it is set; at once when it is.
   *
   * @returns true, or false when the timeout (in ms) came first
   */
  wait(options?: TimeoutOption): Waitable<boolean> {
    return new EventWait(this, options === undefined ? -1 : checkTimeout(options, this.purpose));
  }

  /** What those who wait are waiting for, for messages. @internal */
  get purpose(): string {
    return `${this.constructor.name}.wait`;
  }
}

/** An event that is part of something else, after which its waits are named. @internal */
export class Milestone extends Event {
  private readonly label: string;

  constructor(label: string) {
    super();
    this.label = label;
  }

  override get purpose(): string {
    return this.label;
  }
}

class EventWait extends LinkWait<boolean, Event> {
  override notify(): void {
    this.resume(VALUE, true);
  }

  override expire(): void {
    this.source.dequeue(this);
    this.resume(VALUE, false);
  }

  override describe(): string {
    return this.source.purpose;
  }

  protected override begin(): boolean | typeof PENDING {
    if (!this.source.ready()) return this.park();
    if (!this.source.telling) return true;
    this.source.enqueueLate(this);
    return PENDING;
  }
}

const UNSET = Symbol('unset');

/** How to get a result. */
export interface GetOptions extends TimeoutOption {
  /** False to fail with `Timeout` at once when there is no result yet. */
  block?: boolean;
}

/** Anything whose outcome an `AsyncResult` may take over when it is linked to it. */
export interface Finished {
  successful(): boolean;
  readonly value: unknown;
  readonly exception: unknown;
}

/**
 * A value or an error that will be there once. Waiting for it (`yield* result`, `await result`) is `get()`. It can be
 * linked to a greenlet in the place of a callback, and then takes over its outcome.
 *
 * Python: `gevent.event.AsyncResult`.
 */
export class AsyncResult<T = unknown> extends Linkable implements Waitable<T> {
  private stored: unknown;
  private error: unknown;
  private failed: boolean;

  constructor() {
    super();
    this.stored = UNSET;
    this.error = undefined;
    this.failed = false;
  }

  /** Whether it holds a value or an error. */
  override ready(): boolean {
    return this.failed || this.stored !== UNSET;
  }

  /** Whether it holds a value. */
  successful(): boolean {
    return this.stored !== UNSET;
  }

  /** The value, or undefined. */
  get value(): T | undefined {
    return this.stored === UNSET ? undefined : (this.stored as T);
  }

  /** The error, or undefined. */
  get exception(): unknown {
    return this.error;
  }

  /** Stores the value; all who wait will go on with it. A second call overwrites it. */
  set(value?: T): void {
    this.stored = value;
    this.check();
  }

  /** Stores an error; it will be thrown in all who `get`. */
  setException(error: unknown): void {
    this.error = error;
    this.failed = true;
    this.check();
  }

  /**
   * Waits for the value; at once when it is there.
   *
   * @throws the error that was set; the `GreenletExit` of a killed greenlet whose outcome this has taken over; Timeout when
   *   the timeout (in ms) comes first, or at once with `block: false`
   */
  get(options?: GetOptions): Waitable<T> {
    return new ResultGet<T>(this, checkTimeout(options, 'AsyncResult.get'), options?.block !== false);
  }

  /** The value now. @throws the error that was set; Timeout when there is neither */
  getNowait(): T {
    if (this.stored instanceof GreenletExit) throw this.stored;
    if (this.stored !== UNSET) return this.stored as T;
    if (this.failed) throw this.error;
    throw new Timeout(0, 'the result is not there yet');
  }

  /** Waits until it is ready, and throws neither its error nor a Timeout: gives the value or undefined. */
  wait(options?: TimeoutOption): Waitable<T | undefined> {
    return new ResultWait<T>(this, checkTimeout(options, 'AsyncResult.wait'));
  }

  /** Takes over the outcome of what it is linked to. */
  take(source: Finished): void {
    if (source.successful()) this.set(source.value as T);
    else this.setException(source.exception);
  }

  [Symbol.iterator](): ReturnType<Waitable<T>[typeof Symbol.iterator]> {
    return this.get()[Symbol.iterator]();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.get().then(fulfilled, rejected);
  }
}

class ResultGet<T> extends LinkWait<T, AsyncResult<T>> {
  private readonly blocks: boolean;

  constructor(source: AsyncResult<T>, limit: number, blocks: boolean) {
    super(source, limit);
    this.blocks = blocks;
  }

  override notify(): void {
    const value: unknown = this.source.value;
    if (!this.source.successful()) this.resume(ERROR, this.source.exception);
    else this.resume(value instanceof GreenletExit ? ERROR : VALUE, value);
  }

  override expire(): void {
    this.source.dequeue(this);
    this.resume(ERROR, new Timeout(this.limit));
  }

  override describe(): string {
    return 'AsyncResult.get';
  }

  protected override begin(): T | typeof PENDING {
    return this.blocks && !this.source.ready() ? this.park() : this.source.getNowait();
  }
}

class ResultWait<T> extends LinkWait<T | undefined, AsyncResult<T>> {
  override notify(): void {
    this.resume(VALUE, this.source.value);
  }

  override expire(): void {
    this.source.dequeue(this);
    this.resume(VALUE, this.source.value);
  }

  override describe(): string {
    return 'AsyncResult.wait';
  }

  protected override begin(): T | undefined | typeof PENDING {
    if (!this.source.ready()) return this.park();
    if (!this.source.telling) return this.source.value;
    this.source.enqueueLate(this);
    return PENDING;
  }
}
