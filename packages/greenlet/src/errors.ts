/**
 * Ends a greenlet from outside. It is what `throw()` throws by default; one that nobody catches is not
 * a failure: the parent receives it as a value.
 *
 * Python: `greenlet.GreenletExit`.
 */
export class GreenletExit extends Error {
  static {
    this.prototype.name = 'GreenletExit';
  }
}

/**
 * A switch that cannot be made, or a greenlet that is used wrongly. The message says what to write instead.
 *
 * Python: `greenlet.error`, and the `ValueError`, `TypeError` and `AttributeError` that greenlets raise.
 */
export class GreenletError extends Error {
  static {
    this.prototype.name = 'GreenletError';
  }
}

/** A short, safe rendering of any value, for error messages. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'a function';
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor
    ?.name;
  if (name === undefined || name === '' || name === 'Object') return 'an object';
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}
