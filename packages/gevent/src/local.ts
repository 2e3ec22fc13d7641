import { getcurrent, type Greenlet } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';

/** In `flags`: it has values of its own. @internal */
export const LOCALS = 131072;

/** The values of each greenlet, by the `Local` that they are of: neither keeps the other alive. */
const values = new WeakMap<Greenlet, WeakMap<object, unknown>>();

class GreenletLocal<T> {
  private readonly initial: (() => T) | null;

  constructor(initial?: (() => T) | null) {
    if (initial != null && typeof initial !== 'function') {
      throw new TypeError(`Expected a function that makes the first value of a Local, got ${show(initial)}`);
    }
    this.initial = initial ?? null;
  }

  /** The value of the greenlet that is running; one that has none yet gets what `initial` makes, or undefined. */
  get value(): T {
    const own = values.get(getcurrent());
    if (own?.has(this) === true) return own.get(this) as T;
    if (this.initial === null) return undefined as T;
    const made = this.initial();
    this.value = made;
    return made;
  }

  set value(value: T) {
    const greenlet = getcurrent();
    let own = values.get(greenlet);
    if (own === undefined) {
      values.set(greenlet, (own = new WeakMap()));
      greenlet.flags |= LOCALS;
    }
    own.set(this, value);
  }

  /** Whether the greenlet that is running has a value: it has set one, or read the first one. */
  has(): boolean {
    return values.get(getcurrent())?.has(this) === true;
  }

  /** Takes the value of the greenlet that is running away; it may get a first one again. */
  delete(): void {
    values.get(getcurrent())?.delete(this);
  }
}

/**
 * A value of its own for each greenlet: what one sets, another does not see, not even one that it has spawned. A greenlet
 * that has set none yet has what `initial` makes, called in it when the value is first read. The value goes when its
 * greenlet has ended.
 *
 * ```ts
 * const user = new Local<string>(() => 'nobody');
 * user.value = 'ada';
 * ```
 *
 * All plain and async code together is one greenlet, the main one; for values that async functions and spawned greenlets
 * inherit there is `AsyncLocalStorage`.
 *
 * Python: `gevent.local.local`, whose values are its attributes: here `new Local(() => ({ user: 'nobody' }))`.
 */
export const Local: {
  new <T>(initial: () => T): Local<T>;
  /** Without a first value, what it holds may be undefined, and its type has to say so. */
  new <T>(...none: undefined extends T ? [] : [initial: () => T]): Local<T>;
} = GreenletLocal as never;
/** A value of its own for each greenlet. */
export type Local<T> = GreenletLocal<T>;

Object.defineProperty(GreenletLocal, 'name', { value: 'Local' });

/** Lets the values of a greenlet that has ended go. @internal */
export function forgetLocals(greenlet: Greenlet): void {
  values.delete(greenlet);
}
