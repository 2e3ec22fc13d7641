import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { Timeout } from '@switchyard/hub';
import { ERROR, PENDING, type Queued, TimedWait, type TimeoutOption, VALUE } from '@switchyard/hub/core';
import type { Greenlet } from './greenlet.ts';
import { strike } from './kill-signal.ts';
import type { Link } from './linkable.ts';

/** What `kill` and `killall` take. */
export interface KillOptions extends TimeoutOption {
  /** False to return at once instead of waiting for the death. */
  block?: boolean;
}

/** A kill on its way, and the wait for its effect. @internal */
export class Kill extends TimedWait<void> implements Link, Queued {
  private readonly greenlet: Greenlet;
  private readonly error: unknown;
  private thrown: boolean;

  constructor(greenlet: Greenlet, error: unknown, limit: number, thrown = false) {
    super(limit);
    this.greenlet = greenlet;
    this.error = error;
    this.thrown = thrown;
  }

  // Who kills knows the error that he has thrown. Another one, of a cleanup that fails, is news.
  notices(failure: unknown): boolean {
    return failure === this.error;
  }

  turn(): void {
    this.thrown = true;
    strike(this.greenlet, this.error);
    if (!this.parked) return;
    if (!this.greenlet.ready()) {
      this.greenlet.enqueue(this);
      return;
    }
    this.greenlet.noticedBy(this);
    this.resume(VALUE, undefined);
  }

  notify(): void {
    this.resume(VALUE, undefined);
  }

  override expire(): void {
    this.greenlet.dequeue(this);
    this.resume(
      ERROR,
      new Timeout(this.limit, `greenlet ${this.greenlet.name} outlived its kill by ${this.limit} ms`),
    );
  }

  override describe(): string {
    return `the death of ${this.greenlet.name}`;
  }

  protected override begin(): void | typeof PENDING {
    if (this.greenlet.ready()) {
      this.greenlet.noticedBy(this);
      return;
    }
    if (this.thrown) this.greenlet.enqueue(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.greenlet.dequeue(this);
  }

  // A second consumer waits for the same kill; it throws nothing.
  protected override renew(): void {
    super.renew();
    this.thrown = true;
  }
}

/** The error that a kill throws. @internal */
export function toThrow(error: unknown): unknown {
  if (error === undefined || error === null || error === GreenletExit) return exit();
  if (typeof error === 'function') {
    if (error === Error || error.prototype instanceof Error) return new (error as new () => Error)();
  } else if (typeof error === 'object' && Object.getPrototypeOf(error) !== Object.prototype) return error;
  throw new TypeError(`Expected an error or an error class to kill with, got ${show(error)}`);
}

// Nobody looks at the stack of a kill, and taking it costs more than all the rest.
function exit(): GreenletExit {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new GreenletExit();
  Error.stackTraceLimit = limit;
  return error;
}

/** Whether a failure is what a kill with `error` has thrown. @internal */
export function isThrownBy(error: unknown, failure: unknown): boolean {
  return typeof error === 'function' ? failure instanceof error : failure === error;
}

/** Tells `kill({ block: false })` from `kill(error)`. @internal */
export function isKillOptions(value: unknown): value is KillOptions {
  return (
    value !== null &&
    typeof value === 'object' &&
    !(value instanceof Error) &&
    ('block' in value || 'timeout' in value)
  );
}
