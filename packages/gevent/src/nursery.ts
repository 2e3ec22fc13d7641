import { type Greenlet as Raw, GreenletError, GreenletExit, getcurrent } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { isInterrupt, LoopExit, type Outcome, Timeout, type Waitable, Waiter } from '@switchyard/hub';
import {
  Block,
  endRecord,
  follow,
  hub,
  interrupt,
  recordInterrupts,
  shields,
  takeBack,
} from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { Callback } from './linkable.ts';
import { notCallable } from './target.ts';

/**
 * Runs a body that may start children with `n.spawn(...)`, and waits until all of them have ended, so that nothing that
 * was started inside lives on outside. The first failure, of a child or of the body, kills all others; their cleanup,
 * which may wait itself, is waited for. A kill or a timeout of the greenlet that waits for the nursery kills the children,
 * and passes as itself when they have ended. Nurseries nest.
 *
 * ```ts
 * const total = yield* nursery(function* (n) {
 *   const a = n.spawn(load, 'a');
 *   const b = n.spawn(load, 'b');
 *   return (yield* a) + (yield* b);
 * });
 * ```
 *
 * @param body a generator function, an async function (which is given up, not stopped) or a plain function
 * @returns what the body returns, when the children have ended; undefined when `n.cancel()` has cut the body short
 * @throws AggregateError with all errors, in order, when any of them failed, also when it is only one
 *
 * Python: what `asyncio.TaskGroup` and trio's nurseries are there; gevent has none.
 */
export function nursery<R>(body: (n: Nursery) => R): Waitable<Outcome<R>> {
  if (typeof body !== 'function') {
    throw new TypeError(`Expected a function as the body of a nursery, got ${show(body)}`);
  }
  return new Block<Outcome<R>>('nursery', function* () {
    const scope = new Scope();
    let value: Outcome<R> | undefined;
    try {
      value = yield* follow(() => body(scope));
    } catch (error) {
      scope.bodyFailed(error);
    }
    scope.bodyEnded();
    while (scope.size > 0) {
      try {
        yield* scope.emptied();
      } catch (error) {
        if (!scope.interrupted(error)) break;
      }
    }
    scope.close();
    return value as Outcome<R>;
  });
}

/** What the body of a nursery gets: starts children that end with it. */
export interface Nursery {
  /** How many children have not ended. */
  readonly size: number;
  /**
   * Starts a child, as `spawn` does. One that is started while the nursery is being cancelled never begins.
   *
   * @throws TypeError when `target` is not a function; GreenletError when the nursery has ended
   */
  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Greenlet<Outcome<R>>;
  /**
   * Kills the children, and cuts the body short where it waits, which is no failure. Called by the body itself it lets
   * the body go on, so that it can return its value.
   */
  cancel(): void;
}

/** Cuts the body of a nursery short. */
class Cancelled extends GreenletExit {}

const BODY = 0;
const CHILDREN = 1;
const ENDED = 2;

class Scope implements Nursery {
  private readonly host: Raw;
  private readonly children: Set<Greenlet<unknown>>;
  private readonly errors: unknown[];
  /** The children that failed, whose errors have to be told to somebody. */
  private readonly failed: Greenlet<unknown>[];
  private readonly interrupts: ReadonlySet<unknown>;
  private readonly keepsRecord: boolean;
  /** The shields around the nursery do not hold back what cuts its body short. */
  private readonly mark: number;
  private state: number;
  private cancellation: Cancelled | null;
  private cancelled: boolean;
  /** The interrupt from outside that passes when all have ended. */
  private passing: { readonly error: unknown } | null;
  private waiter: Waiter | null;
  private readonly told: (child: unknown) => void;

  constructor() {
    this.host = getcurrent();
    this.children = new Set();
    this.errors = [];
    this.failed = [];
    const { record, isNew } = recordInterrupts(this.host);
    this.interrupts = record;
    this.keepsRecord = isNew;
    this.mark = shields;
    this.state = BODY;
    this.cancellation = null;
    this.cancelled = false;
    this.passing = null;
    this.waiter = null;
    this.told = (child) => this.childEnded(child as Greenlet<unknown>);
  }

  get size(): number {
    return this.children.size;
  }

  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
    if (typeof target !== 'function') throw notCallable(target);
    if (this.state === ENDED) {
      throw new GreenletError(
        'this nursery has ended: spawn() its children before its body and they have ended',
      );
    }
    const child = new Greenlet<Outcome<R>>(target as (...args: never[]) => unknown, ...args);
    if (this.cancelled) {
      child.kill({ block: false });
      return child;
    }
    child.enqueue(new Callback<unknown>(this.told, true));
    this.children.add(child);
    child.start();
    return child;
  }

  cancel(): void {
    if (this.state === ENDED) return;
    this.killChildren();
    if (getcurrent() !== this.host) hub.schedule({ turn: () => this.cutShort() });
  }

  bodyFailed(error: unknown): void {
    if (error === this.cancellation) return;
    if (isInterrupt(error) || this.interrupts.has(error)) this.passing = { error };
    else if (!this.errors.includes(error)) this.errors.push(error);
    this.killChildren();
  }

  bodyEnded(): void {
    this.state = CHILDREN;
    if (this.cancellation !== null) takeBack(this.host, this.cancellation);
  }

  /** The wait for the children was interrupted. Returns whether to go on waiting. */
  interrupted(error: unknown): boolean {
    // Nothing can wake children that have been killed and wait for ever in their cleanup.
    const hopeless = this.cancelled && error instanceof LoopExit;
    // A timeout knows that its time was up, also when it is not what passes; a kill would be lost.
    if (hopeless || this.passing === null || this.passing.error instanceof Timeout) this.passing = { error };
    this.killChildren();
    return !hopeless;
  }

  emptied(): Waitable<void> {
    this.waiter = new ChildrenWaiter(this);
    return this.waiter;
  }

  /** Ends it, and throws what it has to throw. */
  close(): void {
    this.state = ENDED;
    if (this.keepsRecord) endRecord(this.host);
    if (this.passing !== null) {
      // Nobody is told of the failures by what passes: they are reported.
      for (const child of this.failed) child.overlook();
      throw this.passing.error;
    }
    const { errors } = this;
    if (errors.length === 0) return;
    const what = errors.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new AggregateError(
      errors,
      `${errors.length === 1 ? 'a failure' : `${errors.length} failures`} in a nursery: ${what.join('; ')}`,
    );
  }

  private childEnded(child: Greenlet<unknown>): void {
    this.children.delete(child);
    if (!child.successful()) {
      const { exception } = child;
      if (!this.errors.includes(exception)) this.errors.push(exception);
      this.failed.push(child);
      this.killChildren();
      this.cutShort();
    }
    if (this.children.size === 0) this.waiter?.wake();
  }

  private killChildren(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const child of this.children) child.kill({ block: false });
  }

  /** To be called in the hub only. */
  private cutShort(): void {
    if (this.state !== BODY || this.cancellation !== null) return;
    this.cancellation = cancellation();
    interrupt(this.host, this.cancellation, this.mark);
  }
}

/** The wait of a nursery for its children. */
class ChildrenWaiter extends Waiter {
  private readonly scope: Scope;

  constructor(scope: Scope) {
    super();
    this.scope = scope;
  }

  override describe(): string {
    return `the children of its nursery (${this.scope.size} to come)`;
  }
}

// Nobody looks at its stack.
function cancellation(): Cancelled {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Cancelled('its nursery has been cancelled, or another child of it has failed');
  Error.stackTraceLimit = limit;
  return error;
}
