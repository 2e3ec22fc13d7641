import type { Greenlet } from './greenlet.ts';

/**
 * Called after control has changed hands, while `target` is current. `event` is `'throw'` when an error travels
 * with the switch, also when that is a greenlet's death.
 */
export type Tracer = (event: 'switch' | 'throw', origin: Greenlet, target: Greenlet) => void;

/** The tracer in force; read by the switcher at every transfer. @internal */
export let tracer: Tracer | null = null;

/**
 * Sets the function that is told of every switch, or none with `null`. A tracer that throws is removed, and its
 * error is thrown into the greenlet that was being switched to.
 *
 * @returns the tracer that was set before, or `null`
 * @throws TypeError when `fn` is neither a function nor `null`
 *
 * Python: `greenlet.settrace`.
 */
export function settrace(fn: Tracer | null): Tracer | null {
  if (fn !== null && typeof fn !== 'function') {
    throw new TypeError(`Expected a function or null for settrace, got ${String(fn)}`);
  }
  const before = tracer;
  tracer = fn;
  return before;
}

/** The tracer that is set, or `null`. Python: `greenlet.gettrace`. */
export function gettrace(): Tracer | null {
  return tracer;
}
