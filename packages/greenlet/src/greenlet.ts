import { GreenletError, GreenletExit, show } from './errors.ts';
import { type Frame, isFrame } from './frame.ts';
import { current, DEAD, NAMED, NATIVE, setCurrent, STARTED } from './state.ts';
import { type Coroutine, ERROR, Switch, VALUE } from './switch.ts';
import { noRun, run } from './transfer.ts';

let names = 0;

// The body belongs to the interface so that a subclass may write `*run() {...}` over an accessor of the prototype.
// eslint-disable-next-line typescript/no-explicit-any -- a Greenlet of any arguments must accept every greenlet
export interface Greenlet<A extends unknown[] = any[], T = unknown> {
  /**
   * The body. Readable and writable until the greenlet starts, `undefined` afterwards; a subclass may define it as a
   * method. Setting it after the start is a `GreenletError`.
   */
  run(...args: A): Coroutine<T> | T;
}

/**
 * A coroutine with a stack of its own frames, which runs only while somebody switches to it. Greenlets are symmetric:
 * any of them may switch to any other. When its body ends, the result goes to its `parent`.
 *
 * ```ts
 * const child = new Greenlet(function* (x: number) {
 *   const y = yield* main.switch(x + 1); // hands 2 to whoever waits in main
 *   return y;
 * });
 * ```
 *
 * Python: `greenlet.greenlet`.
 */
// eslint-disable-next-line typescript/no-explicit-any -- as above
export class Greenlet<A extends unknown[] = any[], T = unknown> {
  /** STARTED, DEAD, HOME, NATIVE, NAMED; schedulers above use bits from 256 up. @internal */
  flags: number;
  /** Before the start the body, while it lives what is resumed next. @internal */
  frame: Frame | ((...args: A) => Coroutine<T> | T) | null;
  /** Who receives the result. @internal */
  up: Greenlet | null;
  /** The name; until somebody asks for it, what it is made up from: the body (whose name is a slow getter) or a word. @internal */
  label: string | { readonly name: string };
  /** For the scheduler above: what this greenlet is parked on. @internal */
  parked: unknown;
  /** For the scheduler above: the async context that each of its resumptions is entered with. @internal */
  context: unknown;

  /**
   * Makes a greenlet; nothing runs before the first switch.
   *
   * @param run the body: a generator function, or a plain function that ends at its first switch. It may be set
   *   later as `greenlet.run`, or be a method of a subclass.
   * @param parent who receives the result; the current greenlet when left out or null
   * @throws TypeError when `run` is not a function or `parent` not a greenlet
   */
  constructor(run?: ((...args: A) => Coroutine<T> | T) | null, parent?: Greenlet | null) {
    if (run != null && typeof run !== 'function') {
      throw new TypeError(`Expected a function as the body of a greenlet, got ${show(run)}`);
    }
    if (parent != null && !(parent instanceof Greenlet)) {
      throw new TypeError(`Expected a Greenlet as the parent, got ${show(parent)}`);
    }
    this.flags = 0;
    this.frame = run ?? null;
    this.up = parent ?? current;
    this.label = run ?? '';
    this.parked = null;
    this.context = null;
  }

  /**
   * Switches to this greenlet. `yield*` the result inside of a coroutine, or pass it to `run()` in plain code; nothing
   * happens before. The first switch starts the body with `values` as its arguments; a later one makes them the result
   * of the switch that suspended it: none arrives as `undefined`, one as itself, several as an array. A switch to a
   * dead greenlet goes to its parent.
   *
   * @returns a `Switch`, whose result is what the next switch to the caller brings
   *
   * Python: `greenlet.switch`.
   */
  switch<R = unknown>(...values: unknown[]): Switch<R> {
    const count = values.length;
    return new Switch<R>(this as unknown as Greenlet, VALUE, count > 1 ? values : values[0], count);
  }

  /**
   * Switches to this greenlet and throws `error` there: a `GreenletExit` by default, an instance, or a class that is
   * instantiated. A greenlet that has not started dies without running. Thrown into a dead greenlet, an exit comes back
   * as a value and any other error is thrown in its parent.
   *
   * Python: `greenlet.throw`.
   */
  throw<R = unknown>(error?: unknown): Switch<R> {
    let thrown = error;
    if (error === undefined) thrown = new GreenletExit();
    else if (typeof error === 'function' && (error === Error || error.prototype instanceof Error)) {
      thrown = new (error as new () => Error)();
    }
    return new Switch<R>(this as unknown as Greenlet, ERROR, thrown, 1);
  }

  /** Who receives this greenlet's result or error when it ends; `null` for the main greenlet. */
  get parent(): Greenlet | null {
    return this.up;
  }

  /**
   * @throws TypeError when it is not a greenlet
   * @throws GreenletError when it would make a cycle, or this is the main greenlet
   */
  set parent(parent: Greenlet) {
    if ((this.flags & NATIVE) !== 0) throw new GreenletError('cannot set the parent of a main greenlet');
    if (!(parent instanceof Greenlet))
      throw new TypeError(`Expected a Greenlet as the parent, got ${show(parent)}`);
    for (let g: Greenlet | null = parent; g !== null; g = g.up) {
      if (g === (this as unknown as Greenlet)) throw new GreenletError('cyclic parent chain');
    }
    this.up = parent;
  }

  /** Whether the body has ended, or was killed before it began. */
  get dead(): boolean {
    return (this.flags & DEAD) !== 0;
  }

  /** Whether the body has begun and not ended. Python: `bool(greenlet)`. */
  get active(): boolean {
    return (this.flags & (STARTED | DEAD)) === STARTED;
  }

  /** A name for messages: the body's name and a number unless one is set. */
  get name(): string {
    if ((this.flags & NAMED) === 0) {
      const word = typeof this.label === 'string' ? this.label : this.label.name;
      this.label = `${word === '' || word === 'run' ? this.constructor.name : word}-${++names}`;
      this.flags |= NAMED;
    }
    return this.label as string;
  }

  set name(name: string) {
    this.label = String(name);
    this.flags |= NAMED;
  }

  toString(): string {
    const main = (this.flags & NATIVE) !== 0 ? ' main' : '';
    const state = this.dead
      ? 'dead'
      : !this.active
        ? 'pending'
        : (this as unknown) === current
          ? 'current'
          : 'suspended';
    return `<${this.constructor.name} ${this.name} ${state}${main}>`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /**
   * Throws a `GreenletExit` into a suspended greenlet, so that its `finally` blocks run before this returns. One that
   * has not started dies without running; a dead one stays as it is. An error that the cleanup throws is thrown here.
   *
   * Python: what happens to a greenlet when nothing refers to it any more. V8 runs no cleanup then, hence this verb.
   */
  [Symbol.dispose](): void {
    const self = this as unknown as Greenlet;
    if ((self.flags & DEAD) !== 0 || self === current) return;
    // The one who disposes is the parent for the moment: the exit must come back here. Only for the moment: one that
    // survives keeps its own, and an ancestor that is disposed of must not end up below its descendant.
    const parent = self.up;
    const disposer = current;
    if ((self.flags & NATIVE) === 0) self.up = disposer;
    try {
      run(self.throw());
    } finally {
      if (self.up === disposer) self.up = parent;
    }
  }

  /**
   * Runs the body and returns what it returned. A scheduler overrides it to pass arguments of its own. @internal
   */
  begin(value: unknown, count: number): unknown {
    const body = this.run as ((...args: unknown[]) => unknown) | undefined;
    if (body === undefined) throw noRun(this as unknown as Greenlet);
    this.flags |= STARTED;
    this.frame = null;
    return count === 0
      ? body.call(this)
      : count === 1
        ? body.call(this, value)
        : body.apply(this, value as unknown[]);
  }

  /**
   * What has to be driven to finish a body that returned `result`, or null when it is the final value. A scheduler
   * overrides it to wait for promises as well. @internal
   */
  adopt(result: unknown): Frame | null {
    // One that is under way already is somebody else's: its iterator is a copy.
    if (result instanceof Switch) return result[Symbol.iterator]() as unknown as Frame;
    return isFrame(result) ? result : null;
  }

  /**
   * Told once when the body has ended. A scheduler that keeps the outcome itself overrides it and returns true: the
   * parent then just gets control, with neither value nor error. @internal
   */
  ended(_kind: number, _outcome: unknown): boolean {
    return false;
  }

  /** Why control cannot go to this greenlet, which is plain code that is not waiting. @internal */
  unreachable(from: Greenlet): GreenletError {
    if ((this.flags & NATIVE) !== 0) {
      return new GreenletError(
        `cannot switch from ${from.name} to the main greenlet: plain code is not waiting in a run() that this ` +
          'switch could return from',
      );
    }
    return new GreenletError(
      `cannot switch from ${from.name} to ${this.name}: that greenlet is waiting in a synchronous frame; it called ` +
        'run() from a plain function, and another run() has been started on top of it',
    );
  }
}

Object.defineProperty(Greenlet.prototype, 'run', {
  configurable: true,
  get(this: Greenlet) {
    return (this.flags & (STARTED | DEAD)) === 0 && this.frame !== null ? this.frame : undefined;
  },
  set(this: Greenlet, body: unknown) {
    if ((this.flags & (STARTED | DEAD)) !== 0) {
      throw new GreenletError('run cannot be set after the start of the greenlet');
    }
    if (typeof body !== 'function')
      throw new TypeError(`Expected a function for greenlet.run, got ${show(body)}`);
    this.frame = body as Greenlet['run'];
    if ((this.flags & NAMED) === 0) this.label = body;
  },
});

/** Plain code: the root of all parents. It is never dead, and has neither body nor parent. @internal */
export const main: Greenlet = native('main');
main.up = null;
setCurrent(main);

/**
 * A greenlet without a body, which is always "running" somewhere in plain code: main, or an event loop. @internal
 */
export function native(name: string): Greenlet {
  const greenlet = new Greenlet(null, null);
  greenlet.flags |= NATIVE | STARTED;
  greenlet.name = name;
  return greenlet;
}

/**
 * The greenlet that is running: the main greenlet outside of any coroutine.
 *
 * Python: `greenlet.getcurrent`.
 */
export function getcurrent(): Greenlet {
  return current;
}

/** Makes another native greenlet the current one, for the time that plain code runs on its behalf. @internal */
export function enter(greenlet: Greenlet): Greenlet {
  const before = current;
  setCurrent(greenlet);
  return before;
}
