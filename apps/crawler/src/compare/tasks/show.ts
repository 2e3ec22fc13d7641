import { inspect } from 'node:util';

/** A value as a message names it. */
export function show(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
