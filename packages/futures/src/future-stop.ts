import { show } from '@switchyard/greenlet/scheduler';
import { CancelledError } from './errors.ts';

/** How to kill a task. */
export interface KillTaskOptions {
  /** Milliseconds that the task has to end by itself before what runs it is killed; the executor's own by default. */
  grace?: number;
}

/** Who runs the task of a future: told when somebody wants it to stop. @internal */
export interface FutureOwner {
  /** Makes sure that the pending task never begins; false when it has, and the future runs now. */
  takeBack(): boolean;
  /** The pending future has been cancelled. */
  cancelled(): void;
  /** Stops the running task; false when it cannot. */
  kill(reason: unknown, grace: number | undefined): boolean;
}

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
