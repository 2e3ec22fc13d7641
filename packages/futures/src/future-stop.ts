import { show } from '@switchyard/greenlet/scheduler';
import { CancelledError } from './errors.ts';

/** What a future that was stopped ends with. @internal */
export function cancelledError(name: string, how: 'cancelled' | 'killed', reason: unknown): CancelledError {
  const why = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : show(reason);
  const what = how === 'killed' ? 'was killed' : 'was cancelled before it began';
  return new CancelledError(
    `task ${name} ${what}${reason === undefined || why === '' ? '' : `: ${why}`}`,
    reason instanceof Error ? { cause: reason } : undefined,
  );
}

/** Checks a grace time. @returns milliseconds, or undefined for the default @internal */
export function checkGrace(grace: unknown, verb: string): number | undefined {
  if (grace === undefined) return undefined;
  if (typeof grace !== 'number' || Number.isNaN(grace) || grace < 0) {
    throw new TypeError(`Expected milliseconds from 0 up as the grace of ${verb}, got ${show(grace)}`);
  }
  return grace;
}
