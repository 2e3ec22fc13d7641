import { Greenlet, GreenletError } from '@switchyard/greenlet';
import { current, ERROR, NATIVE, type Switch, VALUE } from '@switchyard/greenlet/scheduler';
import { captureContext } from './context.ts';
import { InvalidSwitchError, type LoopExit } from './errors.ts';
import { hub, parkedResult } from './hub.ts';
import type { Outsider } from './outsiders.ts';
import { LISTED } from './flags.ts';
import type { Node } from './line.ts';
import type { Waitable } from './waitable.ts';

/** What `begin` returns when the wait has to park. @internal */
export const PENDING: unique symbol = Symbol('pending');

const IDLE = 0;
/** Registered with whatever will wake it. */
const PARKED = 1;
/** Given its outcome, which the owner has not taken yet. */
const SERVED = 2;

/** Whoever takes the outcome of a wait when it is not a greenlet: a promise, or a branch of `all` and `race`. @internal */
export interface Sink {
  take(wait: Wait<unknown>, kind: number, outcome: unknown): void;
}

/**
 * The base of every operation that waits. One object is the waitable, its iterator, its place in a list of waiters and
 * what the greenlet is parked on, so that a wait allocates nothing else.
 *
 * A subclass says how to start (`begin`), how to undo that (`detach`), and calls `resume` in the hub, or has itself
 * scheduled, when the time has come.
 */
export abstract class Wait<T> implements Waitable<T>, Node {
  /** IDLE, PARKED or SERVED. */
  private state: number;
  /** Who waits, while it is parked. */
  private owner: Greenlet | Sink | null;
  /** Its neighbours in whatever list it is registered with. @internal */
  before: Node | null;
  /** @internal */
  after: Node | null;

  constructor() {
    this.state = IDLE;
    this.owner = null;
    this.before = null;
    this.after = null;
  }

  /** Starts the wait: returns the outcome when it is there already, otherwise registers and returns `PENDING`. */
  protected abstract begin(): T | typeof PENDING;
  /** Undoes `begin`, because the greenlet was killed or timed out. */
  protected abstract detach(): void;
  /** What is waited for, for run info. */
  abstract describe(): string;

  /** Whether somebody is parked on it. */
  get parked(): boolean {
    return this.state === PARKED;
  }

  [Symbol.iterator](): Iterator<Switch, T, unknown> {
    return (this.state === IDLE ? this : this.copy()) as unknown as Iterator<Switch, T, unknown>;
  }

  /** @internal */
  next(value?: unknown): IteratorResult<unknown, T> {
    const state = this.state;
    if (state === IDLE) {
      const greenlet = current;
      if ((greenlet.flags & NATIVE) !== 0) {
        throw new GreenletError(
          `yield* outside of a greenlet (${this.describe()}): write await in async code, or spawn() a generator function`,
        );
      }
      if (greenlet.parked !== null) throw doubleWait(greenlet, this);
      const outcome = this.begin();
      if (outcome !== PENDING) return { done: true, value: outcome as T };
      this.state = PARKED;
      this.owner = greenlet;
      greenlet.parked = this;
      if ((greenlet.flags & LISTED) === 0) park(greenlet);
      return parkedResult as unknown as IteratorResult<unknown, T>;
    }
    this.state = IDLE;
    if (state === SERVED) return { done: true, value: value as T };
    // Somebody else switched here: the wait is over, but not with what it was for.
    this.leave();
    throw new InvalidSwitchError(
      `greenlet ${current.name} was switched to while it waits for ${this.describe()}, by somebody it does not wait for`,
    );
  }

  /** @internal */
  throw(error: unknown): IteratorResult<unknown, T> {
    const state = this.state;
    this.state = IDLE;
    if (state === PARKED) this.leave();
    throw error;
  }

  /** @internal */
  return(value: unknown): IteratorResult<unknown, T> {
    const state = this.state;
    this.state = IDLE;
    if (state === PARKED) this.leave();
    return { done: true, value: value as T };
  }

  // Waits in async code: the operation starts now, as `await` calls this.
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.promise().then(fulfilled, rejected);
  }

  /** Starts it for a promise. @internal */
  promise(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const wait = this.state === IDLE ? this : this.copy();
      const sink = new PromiseSink<T>(wait, resolve, reject);
      const outcome = wait.startFor(sink);
      if (outcome !== PENDING) resolve(outcome);
      else hub.outsiders.add(sink);
    });
  }

  /** Starts it for somebody who is no greenlet; returns the outcome if it is there already. @internal */
  startFor(sink: Sink): T | typeof PENDING {
    const outcome = this.begin();
    if (outcome === PENDING) {
      this.state = PARKED;
      this.owner = sink;
    }
    return outcome;
  }

  /** A fresh one for a second consumer at the same time. @internal */
  copy(): this {
    const twin = Object.assign(Object.create(Object.getPrototypeOf(this) as object) as this, this);
    twin.state = IDLE;
    twin.owner = null;
    twin.before = null;
    twin.after = null;
    twin.renew();
    return twin;
  }

  /** Resets what a copy must not share with its original. */
  protected renew(): void {}

  /** Called when a parked wait ends in any way: the place to stop a timer. */
  protected left(): void {}

  /** Ends the wait with its outcome and lets the owner go on at once. To be called in the hub only. @internal */
  resume(kind: number, outcome: unknown): void {
    const owner = this.owner;
    if (this.state !== PARKED || owner === null) return;
    this.owner = null;
    this.left();
    if (owner instanceof Greenlet) {
      this.state = SERVED;
      owner.parked = null;
      if ((owner.flags & LISTED) === 0) hub.registry.removeGuest(owner);
      hub.switchTo(owner, kind, outcome);
    } else {
      this.state = IDLE;
      owner.take(this, kind, outcome);
    }
  }

  /** Ends the wait without an outcome: nothing will wake it any more. @internal */
  abandon(): void {
    if (this.state !== PARKED) return;
    this.state = IDLE;
    this.leave();
  }

  private leave(): void {
    const owner = this.owner;
    this.owner = null;
    if (owner instanceof Greenlet) {
      owner.parked = null;
      if ((owner.flags & LISTED) === 0) hub.registry.removeGuest(owner);
    }
    this.left();
    try {
      this.detach();
    } catch (error) {
      // Whoever ends this wait has a greenlet to wake or to kill: that must not get lost.
      hub.reports.report(error, null);
    }
  }
}

// A plain greenlet comes to the hub's notice only when it waits for something.
function park(greenlet: Greenlet): void {
  hub.registry.addGuest(greenlet);
  greenlet.context ??= captureContext();
}

function doubleWait(greenlet: Greenlet, wait: Wait<unknown>): GreenletError {
  const before = (greenlet.parked as Wait<unknown>).describe();
  return new GreenletError(
    `greenlet ${greenlet.name} waits for ${wait.describe()} while it is parked on ${before}: a coroutine was iterated by ` +
      'hand (for ... of, or next()); write yield* coroutine()',
  );
}

/** An `await` of a wait. */
class PromiseSink<T> implements Sink, Outsider {
  before: Node | null;
  after: Node | null;
  private readonly wait: Wait<T>;
  private readonly resolve: (value: T) => void;
  private readonly reject: (error: unknown) => void;

  constructor(wait: Wait<T>, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.before = null;
    this.after = null;
    this.wait = wait;
    this.resolve = resolve;
    this.reject = reject;
  }

  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    hub.outsiders.delete(this);
    if (kind === ERROR) this.reject(outcome);
    else this.resolve(outcome as T);
  }

  describe(): string {
    return this.wait.describe();
  }

  giveUp(error: LoopExit): void {
    this.wait.abandon();
    this.reject(error);
  }
}

export { ERROR, VALUE };
