import { GreenletError } from './errors.ts';
import type { Greenlet } from './greenlet.ts';
import { current, NATIVE } from './state.ts';

/** What a transfer carries: a value, or an error to be thrown at the place of arrival. @internal */
export const VALUE = 0;
/** @internal */
export const ERROR = 1;

/**
 * A switch that was made by `greenlet.switch()` or `greenlet.throw()` and has yet to happen: `yield*` it inside of a
 * coroutine, or hand it to `run()` in plain code. Its result is what the next switch back brings.
 *
 * It is its own iterator and its own iterator result, so that a switch allocates one object.
 */
export class Switch<R = unknown> {
  /** Where control goes. @internal */
  readonly target: Greenlet;
  /** `VALUE` or `ERROR`. @internal */
  readonly kind: number;
  /** What goes along: one value, an array of several, or the error. @internal */
  readonly payload: unknown;
  /** How many values were given: tells `switch([1, 2])` from `switch(1, 2)` when it starts a body. @internal */
  readonly count: number;
  /** Whether this switch is under way, so that the next `next` is the arrival back. @internal */
  away: boolean;
  /** Always false: the object serves as the `IteratorResult` of the suspension. @internal */
  readonly done: false;
  /** Fools nobody: makes `Switch<R>` keep its `R` in the type system. */
  declare protected readonly result: R;

  /** @internal */
  constructor(target: Greenlet, kind: number, payload: unknown, count: number) {
    this.target = target;
    this.kind = kind;
    this.payload = payload;
    this.count = count;
    this.away = false;
    this.done = false;
    unused++;
  }

  /** What a driver of the iterator sees as the yielded value. @internal */
  get value(): Switch {
    return this;
  }

  [Symbol.iterator](): Iterator<Switch, R, unknown> {
    // One that is under way in another greenlet cannot be that greenlet's arrival and this one's departure at once.
    const fresh = this.away ? new Switch<R>(this.target, this.kind, this.payload, this.count) : this;
    return fresh as unknown as Iterator<Switch, R, unknown>;
  }

  /** @internal */
  next(value?: unknown): IteratorResult<Switch, unknown> {
    if (this.away) {
      this.away = false;
      return { done: true, value };
    }
    if (unused > 0) unused--;
    if ((current.flags & NATIVE) !== 0) {
      throw new GreenletError('yield* outside of a greenlet: in plain code write run(greenlet.switch(...))');
    }
    this.away = true;
    return this as unknown as IteratorResult<Switch, unknown>;
  }

  /** @internal */
  throw(error: unknown): IteratorResult<Switch, unknown> {
    this.away = false;
    throw error;
  }

  /** @internal */
  return(value: unknown): IteratorResult<Switch, unknown> {
    this.away = false;
    return { done: true, value };
  }
}

/** Opaque: what a coroutine yields to whoever drives it. Nothing but `yield*` ever needs to touch it. */
export type Suspension = Switch;

/** What a `function*` body returns: a generator that suspends by `yield*` and ends with a `T`. */
export type Coroutine<T = void> = Generator<Suspension, T, unknown>;

// A switch that is made and then forgotten is a bug that nothing else shows: control simply does not move. All that the
// hot path can afford is to count those that were made and not yet used in the slice that is running.
let unused = 0;

/** Counts a switch as used. @internal */
export function used(): void {
  if (unused > 0) unused--;
}

/** The number of unused switches, read by the switcher whenever a greenlet suspends. @internal */
export function takeUnused(): number {
  const count = unused;
  if (count !== 0) unused = 0;
  return count;
}

/** Gives back what `takeUnused` took, when a nested `run` returns. @internal */
export function restoreUnused(count: number): void {
  unused += count;
}

/** Tells that `greenlet`, which suspends or ends now, made switches that never happened. @internal */
export function reportUnused(greenlet: Greenlet, count: number): void {
  process.emitWarning(
    `greenlet ${greenlet.name} made ${count === 1 ? 'a switch' : `${count} switches`} and did nothing with the result, so ` +
      'control did not move: write yield* greenlet.switch(...), or run(greenlet.switch(...)) in plain code',
    'GreenletWarning',
  );
}
