import { type Greenlet, GreenletError, GreenletExit, getcurrent } from '@switchyard/greenlet';
import { NATIVE, show } from '@switchyard/greenlet/scheduler';
import { Block } from './block.ts';
import { type Body, follow } from './follow.ts';
import { hub } from './hub.ts';
import { interrupt, shields, takeBack } from './interrupt.ts';
import type { Due } from './timers.ts';
import type { Outcome, Waitable } from './waitable.ts';

/**
 * Throws itself into the greenlet that started it when its time is up.
 *
 * ```ts
 * using t = Timeout.start(50);
 * try {
 *   yield* work();
 * } catch (error) {
 *   if (error !== t) throw error; // somebody else's timeout, or a real error
 * }
 * ```
 *
 * It is raised once: code that catches and swallows it has lost it, which `withTimeout` does not allow.
 *
 * Python: `gevent.Timeout` (there in seconds).
 */
export class Timeout extends Error {
  static {
    this.prototype.name = 'Timeout';
  }

  /** Milliseconds, or null for never. */
  readonly ms: number | null;
  private readonly instead: unknown;
  private readonly due: Expiry;

  /**
   * Makes a timeout that has not been started.
   *
   * @param ms milliseconds from `start()`; null for never
   * @param error thrown instead of the timeout itself: an error or an error class; a string changes the message
   * @throws TypeError when `ms` is neither a number from 0 up nor null, or `error` is nothing that should be thrown
   */
  constructor(ms?: number | null, error?: unknown) {
    if (ms != null && (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0)) {
      throw new TypeError(`Expected milliseconds from 0 up, or null for never, for Timeout, got ${show(ms)}`);
    }
    if (error != null && typeof error !== 'string' && !(error instanceof Error) && !isErrorClass(error)) {
      const hint =
        error === false ? '; for a silent end write withTimeout(ms, body, { value: undefined })' : '';
      throw new TypeError(
        `Expected an error, an error class or a message for Timeout, got ${show(error)}${hint}`,
      );
    }
    super(typeof error === 'string' ? error : ms == null ? 'no time limit' : `${ms} ms`);
    this.ms = ms ?? null;
    this.instead = error == null || typeof error === 'string' ? this : error;
    this.due = new Expiry(this);
    // What a console shows of an error should be its message and stack.
    Object.defineProperty(this, 'due', { enumerable: false });
    Object.defineProperty(this, 'instead', { enumerable: false });
  }

  /**
   * Makes and starts a timeout for the current greenlet. Cancel it, or let `using` do that.
   *
   * @throws GreenletError when there is no greenlet to throw it into
   */
  static start(ms?: number | null, error?: unknown): Timeout {
    return new this(ms, error).start();
  }

  /** Whether it is running: started, neither expired nor cancelled. */
  get pending(): boolean {
    return this.due.place >= 0;
  }

  /** Whether its time was up before it was cancelled. */
  get expired(): boolean {
    return this.due.expired;
  }

  /**
   * Starts the time for the current greenlet; returns the timeout.
   *
   * @throws GreenletError when it is running already, or there is no greenlet to throw it into
   */
  start(): this {
    if (this.pending) throw new GreenletError('this Timeout is running already: cancel() it before start()');
    const greenlet = getcurrent();
    if ((greenlet.flags & NATIVE) !== 0) {
      throw new GreenletError(
        'Timeout.start outside of a greenlet: there is nobody to throw it into; in async code write await withTimeout(ms, body)',
      );
    }
    this.due.arm(greenlet, this.ms);
    return this;
  }

  /** Stops it, also when it is on its way behind a shield; nothing happens when it has been thrown. */
  cancel(): void {
    this.due.cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /** What is thrown when the time is up. @internal */
  error(): unknown {
    const instead = this.instead;
    if (typeof instead === 'function') return new (instead as new () => unknown)();
    return instead;
  }
}

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && (value === Error || value.prototype instanceof Error);
}

class Expiry implements Due {
  deadline = 0;
  order = 0;
  place = -1;
  expired = false;
  private greenlet: Greenlet | null = null;
  private thrown: unknown = undefined;
  /** Which shields it passes: those that it was started in. */
  private mark = 0;
  private readonly timeout: Timeout;

  constructor(timeout: Timeout) {
    this.timeout = timeout;
  }

  arm(greenlet: Greenlet, ms: number | null): void {
    this.cancel();
    this.expired = false;
    if (ms === null || ms === Infinity) return;
    this.greenlet = greenlet;
    this.mark = shields;
    hub.timers.add(this, hub.now() + ms);
  }

  fire(): void {
    this.expired = true;
    this.thrown = this.timeout.error();
    interrupt(this.greenlet as Greenlet, this.thrown, this.mark);
  }

  cancel(): void {
    hub.timers.remove(this);
    if (this.expired && this.greenlet !== null) takeBack(this.greenlet, this.thrown);
    this.greenlet = null;
    this.thrown = undefined;
  }
}

/**
 * Whether an error is a kill or a timeout, which code that catches everything should let pass:
 * `catch (e) { if (isInterrupt(e)) throw e; ... }`. Stands for what `except Exception` does in Python, where both
 * derive from `BaseException`.
 */
export function isInterrupt(error: unknown): error is GreenletExit | Timeout {
  return error instanceof GreenletExit || error instanceof Timeout;
}

/** What `withTimeout` takes. */
export interface WithTimeoutOptions<V> {
  /** Returned instead of throwing when the time is up. Giving the key counts, even with `undefined`. */
  value?: V;
}

/**
 * Runs a body for at most `ms` milliseconds. Only its own expiry is turned into `value`: an outer timeout or another
 * error passes. A body whose time was up does not end well by swallowing the interrupt: the block throws at its end.
 *
 * @param ms milliseconds; null for no limit
 * @param body a generator function, an async function (given up, not stopped), a plain function, or something to wait for
 * @returns what the body returns, waited for if it can be
 * @throws Timeout when the time is up and no `value` is given
 *
 * Python: `gevent.with_timeout(seconds, function, timeout_value=...)`.
 */
export function withTimeout<R>(ms: number | null, body: Body<R>): Waitable<Outcome<R>>;
export function withTimeout<R, V>(
  ms: number | null,
  body: Body<R>,
  options: WithTimeoutOptions<V>,
): Waitable<Outcome<R> | V>;
export function withTimeout<R, V>(
  ms: number | null,
  body: Body<R>,
  options: WithTimeoutOptions<V> = {},
): Waitable<Outcome<R> | V> {
  if (ms !== null && (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0)) {
    throw new TypeError(
      `Expected milliseconds from 0 up, or null for no limit, for withTimeout, got ${show(ms)}`,
    );
  }
  if (typeof body !== 'function' && (body === null || typeof body !== 'object')) {
    throw new TypeError(
      `Expected a function or something to wait for as the body of withTimeout, got ${show(body)}`,
    );
  }
  return new Block<Outcome<R> | V>(`withTimeout ${ms} ms`, function* () {
    const timeout = Timeout.start(ms);
    let result: Outcome<R>;
    try {
      result = yield* follow(body);
    } catch (error) {
      if (error === timeout && 'value' in options) return options.value as V;
      throw error;
    } finally {
      timeout.cancel();
    }
    if (!timeout.expired) return result;
    if ('value' in options) return options.value as V;
    throw timeout;
  });
}
