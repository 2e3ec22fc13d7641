import { ERROR, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';
import { TimeoutError } from './errors.ts';
import type { Future } from './future.ts';
import type { Link } from './future-listener.ts';

/** A wait that stands in the line of one future. */
abstract class FutureWait<T, F> extends TimedWait<T> implements Link {
  protected readonly future: Future<F>;

  constructor(future: Future<F>, limit: number) {
    super(limit);
    this.future = future;
  }

  get shared(): boolean {
    return false;
  }

  abstract notify(): void;

  override expire(): void {
    this.future.unlisten(this, null);
    this.resume(ERROR, new TimeoutError(`task ${this.future.name} is not done within ${this.limit} ms`));
  }

  protected park(): typeof PENDING {
    this.future.listen(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.future.unlisten(this, null);
  }
}

/** The wait for the value. @internal */
export class ResultWait<T> extends FutureWait<T, T> {
  override notify(): void {
    const { future } = this;
    this.resume(future.succeeded ? VALUE : ERROR, future.taken());
  }

  override describe(): string {
    return `the result of ${this.future.name}`;
  }

  protected override begin(): T | typeof PENDING {
    const { future } = this;
    if (!future.done()) return this.park();
    if (!future.succeeded) throw future.taken();
    return future.taken() as T;
  }
}

/** The wait for the error. @internal */
export class ExceptionWait<T> extends FutureWait<unknown, T> {
  override notify(): void {
    const { future } = this;
    if (future.succeeded) this.resume(VALUE, undefined);
    else this.resume(future.cancelled() ? ERROR : VALUE, future.taken());
  }

  override describe(): string {
    return `the end of ${this.future.name}`;
  }

  protected override begin(): unknown {
    const { future } = this;
    if (!future.done()) return this.park();
    if (future.succeeded) return undefined;
    if (future.cancelled()) throw future.taken();
    return future.taken();
  }
}
