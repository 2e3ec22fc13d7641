import { type Reference, referenceOf } from './registry.ts';
import { TaskError } from './errors.ts';

/** The method that gives what an object is made of, to be sent in its place. */
export const share: unique symbol = Symbol.for('@switchyard/remote.share') as never;
/** The static method that makes the object again from what was sent. */
export const revive: unique symbol = Symbol.for('@switchyard/remote.revive') as never;

/**
 * An object that may be sent to another thread or process inside of arguments, results and queue items, and arrives
 * there as a working object of the same class: locks, queues, events and the like.
 *
 * A subclass gives its state with `[share]()`, whose result may hold anything that can be cloned, shared memory and
 * other shareable objects included; makes the object from it in `static [revive](state)`; and is made known with
 * `register(import.meta, Class)`.
 */
export abstract class Shareable {
  /** Cannot be cloned: an object that nobody took apart must not arrive as an empty shell. */
  protected readonly unclonable: () => void;

  constructor() {
    this.unclonable = unclonable;
  }

  /** What the object is made of. */
  abstract [share](): unknown;
}

// Not enumerable by name: what is shown of an object in a console is its own.
function unclonable(): void {}

/** A class whose objects can be made again. */
export interface Revivable {
  [revive](state: never): unknown;
}

/** Whether it is to be taken apart by its `[share]` method. @internal */
export function isShareable(value: object): value is { [share](): unknown } {
  return typeof (value as { [share]?: unknown })[share] === 'function';
}

/** The reference of an object's class. @internal */
export function classOf(value: object): Reference {
  const constructor = value.constructor as Revivable & (abstract new () => unknown);
  const reference = referenceOf(constructor);
  if (reference === undefined || typeof constructor[revive] !== 'function') {
    throw new TaskError(
      `${constructor.name} cannot be sent to another thread or process: it needs a static [revive] method, and ` +
        `register(import.meta, ${constructor.name}) in its module`,
    );
  }
  return reference;
}
