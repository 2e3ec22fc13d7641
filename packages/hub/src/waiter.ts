import { GreenletError } from '@switchyard/greenlet';
import { ConcurrentObjectUseError } from './errors.ts';
import { hub } from './hub.ts';
import type { Queued } from './ring.ts';
import { ERROR, PENDING, VALUE, Wait } from './wait.ts';

const EMPTY = 0;
/** Woken, and nobody has taken the outcome. */
const FULL = 1;
const TAKEN = 2;
const CANCELLED = 3;

/**
 * The one primitive of waiting: one greenlet (or one `await`) waits on it, anybody wakes it, once. Waking never
 * switches inside of the caller: it appends to the run queue.
 *
 * ```ts
 * const waiter = new Waiter<string>();
 * emitter.once('line', (line) => waiter.wake(line));
 * const line = yield* waiter; // or: await waiter
 * ```
 *
 * A wake that comes before the wait is kept for it.
 *
 * @throws (the wait) ConcurrentObjectUseError when somebody waits on it already; GreenletError when its one outcome has
 *   been taken, or it was cancelled
 *
 * Python: `gevent.hub.Waiter`.
 */
export class Waiter<T = void> extends Wait<T> implements Queued {
  private filled: number;
  private kind: number;
  private outcome: unknown;
  private readonly undo: (() => void) | null;

  /**
   * @param onCancel called when the wait is given up: its greenlet was killed or timed out, also after a `wake` that it
   *   did not live to see, or `cancel()` was called
   */
  constructor(onCancel?: () => void) {
    super();
    this.filled = EMPTY;
    this.kind = VALUE;
    this.outcome = undefined;
    this.undo = onCancel ?? null;
  }

  /**
   * Lets the one who waits go on with a value, in its turn.
   *
   * @returns whether it was the first to wake this waiter; false when it was woken or given up before
   */
  wake(value: T): boolean {
    return this.fill(VALUE, value);
  }

  /** Lets the one who waits go on with an error. Returns as `wake` does. */
  fail(error: unknown): boolean {
    return this.fill(ERROR, error);
  }

  /** Gives up: a later `wake` returns false. One who is parked stays parked until it is killed or timed out. */
  cancel(): void {
    if (this.filled !== EMPTY) return;
    this.filled = CANCELLED;
    this.undo?.();
  }

  /** The same as waiting for the waiter itself. */
  park(): this {
    return this;
  }

  /** Whether it has been woken and the outcome not yet taken. */
  ready(): boolean {
    return this.filled === FULL;
  }

  /** @internal */
  turn(): void {
    if (this.parked && this.filled === FULL) {
      this.filled = TAKEN;
      const outcome = this.outcome;
      this.outcome = undefined;
      this.resume(this.kind, outcome);
    }
  }

  override describe(): string {
    return 'Waiter';
  }

  protected override begin(): T | typeof PENDING {
    if (this.filled === EMPTY) return PENDING;
    if (this.filled !== FULL) {
      const fate = this.filled === TAKEN ? 'has given its outcome to somebody' : 'was cancelled';
      throw new GreenletError(`this Waiter ${fate}, and would wait for ever: make a Waiter for each wait`);
    }
    this.filled = TAKEN;
    const outcome = this.outcome;
    this.outcome = undefined;
    if (this.kind === ERROR) throw outcome;
    return outcome as T;
  }

  protected override detach(): void {
    if (this.filled === CANCELLED) return;
    this.filled = CANCELLED;
    this.outcome = undefined;
    this.undo?.();
  }

  /** A waiter is one wait: a second consumer would never be woken. @internal */
  override copy(): this {
    throw new ConcurrentObjectUseError('somebody waits on this Waiter already: make a Waiter for each wait');
  }

  private fill(kind: number, outcome: unknown): boolean {
    if (this.filled !== EMPTY) return false;
    this.filled = FULL;
    this.kind = kind;
    this.outcome = outcome;
    if (this.parked) hub.schedule(this);
    return true;
  }
}
