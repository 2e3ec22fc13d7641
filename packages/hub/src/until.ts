import { show } from '@switchyard/greenlet/scheduler';
import { hub } from './hub.ts';
import type { Queued } from './ring.ts';
import { ERROR, PENDING, VALUE, Wait } from './wait.ts';
import type { Waitable } from './waitable.ts';

/** The kind of an outcome that is not there yet. */
const UNSETTLED = -1;

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
export function until<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T),
): Waitable<T> {
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
    this.kind = UNSETTLED;
    this.outcome = undefined;
    this.round = 0;
  }

  turn(): void {
    // A turn that was meant for a wait which has been given up meanwhile.
    if (this.kind === UNSETTLED) return;
    const kind = this.kind;
    this.resume(kind, this.takeOutcome());
  }

  override describe(): string {
    return typeof this.source === 'function' && this.source.name !== ''
      ? `until(${this.source.name})`
      : 'until(promise)';
  }

  protected override begin(): T | typeof PENDING {
    const round = ++this.round;
    let promise: PromiseLike<T> | T;
    if (typeof this.source === 'function') {
      this.controller = new AbortController();
      promise = this.source(this.controller.signal);
      if (
        promise === null ||
        typeof promise !== 'object' ||
        typeof (promise as PromiseLike<T>).then !== 'function'
      ) {
        return promise as T;
      }
    } else promise = this.source;
    this.kind = UNSETTLED;
    (promise as PromiseLike<T>).then(
      (value) => this.settle(round, VALUE, value),
      (error: unknown) => this.settle(round, ERROR, error),
    );
    // A thenable that is no real promise may have called back at once.
    const kind = this.kind as number;
    if (kind === UNSETTLED) {
      hub.outside++;
      return PENDING;
    }
    const outcome = this.takeOutcome();
    if (kind === ERROR) throw outcome;
    return outcome as T;
  }

  protected override detach(): void {
    if (this.kind === UNSETTLED) hub.outside--;
    this.kind = UNSETTLED;
    this.outcome = undefined;
    this.round++;
    this.controller?.abort(hub.interruption ?? undefined);
    this.controller = null;
  }

  protected override renew(): void {
    this.controller = null;
    this.kind = UNSETTLED;
    this.outcome = undefined;
    this.round = 0;
  }

  private settle(round: number, kind: number, outcome: unknown): void {
    if (round !== this.round || this.kind !== UNSETTLED) return;
    this.kind = kind;
    this.outcome = outcome;
    if (!this.parked) return;
    hub.outside--;
    hub.schedule(this);
  }

  private takeOutcome(): unknown {
    const outcome = this.outcome;
    this.kind = UNSETTLED;
    this.outcome = undefined;
    return outcome;
  }
}
