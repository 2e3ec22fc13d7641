import { show } from '@switchyard/greenlet/scheduler';
import { hub } from './hub.ts';
import type { Queued } from './ring.ts';
import { ERROR, PENDING, VALUE, Wait } from './wait.ts';
import type { Waitable } from './waitable.ts';

/**
 * Waits for a promise. Given a function, calls it with an `AbortSignal` and waits for what it returns; a kill or a
 * timeout aborts the signal, with the `GreenletExit` or `Timeout` as its reason where it is known.
 *
 * ```ts
 * const text = yield* until((signal) => readFile(path, { encoding: 'utf8', signal }));
 * ```
 *
 * @returns what the promise is fulfilled with; throws what it is rejected with
 * @throws TypeError when given neither a promise nor a function
 */
export function until<T>(source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T)): Waitable<T> {
  const callable = typeof source === 'function';
  if (!callable && (source === null || typeof source !== 'object' || typeof source.then !== 'function')) {
    throw new TypeError(`Expected a promise, or a function that returns one, for until, got ${show(source)}`);
  }
  return new Until<T>(source);
}

class Until<T> extends Wait<T> implements Queued {
  private readonly source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T);
  private controller: AbortController | null;
  private kind: number;
  private outcome: unknown;
  /** Which start the outcome must belong to: one that was given up settles all the same. */
  private round: number;

  constructor(source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T)) {
    super();
    this.source = source;
    this.controller = null;
    this.kind = VALUE;
    this.outcome = undefined;
    this.round = 0;
  }

  turn(): void {
    const outcome = this.outcome;
    this.outcome = undefined;
    this.resume(this.kind, outcome);
  }

  override describe(): string {
    return typeof this.source === 'function' && this.source.name !== '' ? `until(${this.source.name})` : 'until(promise)';
  }

  protected override begin(): T | typeof PENDING {
    const round = ++this.round;
    let promise: PromiseLike<T> | T;
    if (typeof this.source === 'function') {
      this.controller = new AbortController();
      promise = this.source(this.controller.signal);
      if (promise === null || typeof promise !== 'object' || typeof (promise as PromiseLike<T>).then !== 'function') {
        return promise as T;
      }
    } else promise = this.source;
    hub.outside++;
    (promise as PromiseLike<T>).then(
      (value) => this.settle(round, VALUE, value),
      (error: unknown) => this.settle(round, ERROR, error),
    );
    return PENDING;
  }

  protected override detach(): void {
    this.round++;
    this.controller?.abort(hub.interruption ?? undefined);
    this.controller = null;
  }

  protected override renew(): void {
    this.controller = null;
    this.outcome = undefined;
    this.round = 0;
  }

  private settle(round: number, kind: number, outcome: unknown): void {
    hub.outside--;
    if (round !== this.round || !this.parked) return;
    this.kind = kind;
    this.outcome = outcome;
    hub.schedule(this);
  }
}
