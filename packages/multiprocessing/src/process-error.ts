import { constants } from 'node:os';
import { show } from '@switchyard/greenlet/scheduler';
import { BootstrapError } from '@switchyard/remote';
import { type Exit, knownErrors } from '@switchyard/remote/core';

/** How a process ended that has told nothing itself. */
export interface ProcessErrorOptions extends ErrorOptions {
  exitcode?: number | null;
  signal?: string | null;
}

/** A process ended before it had done what it was to do. Python: `multiprocessing.ProcessError`. */
export class ProcessError extends Error {
  static {
    this.prototype.name = 'ProcessError';
  }
  /** What it ended with, below 0 for the number of a signal; null when no process has ended. */
  readonly exitcode: number | null;
  /** The signal that ended it, such as `SIGKILL`, or null. */
  readonly signal: string | null;

  constructor(message: string, options: ProcessErrorOptions = {}) {
    super(message, 'cause' in options && options.cause !== undefined ? { cause: options.cause } : undefined);
    this.exitcode = options.exitcode ?? null;
    this.signal = options.signal ?? null;
  }
}

knownErrors([ProcessError]);

/** What Python calls the exit code: below 0 for a signal; 1 for one that never came to be. @internal */
export function exitcodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  return signal === null ? 1 : -(constants.signals[signal as NodeJS.Signals] ?? 1);
}

/** For messages. @internal */
export function howItEnded({ code, signal, error }: Exit): string {
  const cause = error instanceof Error ? ` (${error.message})` : '';
  if (signal !== null) return `was ended by ${signal}${cause}`;
  return code === null ? `could not be started${cause}` : `exited with code ${code}${cause}`;
}

/** @param who ended, and what that was in the middle of, if anything @internal */
export function processError(who: string, exit: Exit, when = ''): ProcessError {
  return new ProcessError(`${who} ${howItEnded(exit)}${when}`, {
    exitcode: exitcodeOf(exit),
    signal: exit.signal,
    cause: exit.error,
  });
}

/** Tells of an error that ended a process, as that process would in Python. @internal */
export function printFailure(name: string, error: unknown): void {
  process.stderr.write(`Process ${name}:\n${render(error)}\n`);
  // The program itself is put together wrongly, and has done nothing that it was meant to.
  if (error instanceof BootstrapError) process.exitCode = 1;
}

function render(error: unknown): string {
  if (!(error instanceof Error)) return show(error);
  let text = error.stack ?? String(error);
  for (let { cause } = error, depth = 0; cause instanceof Error && depth < 8; { cause } = cause, depth++) {
    text += `\ncaused by: ${cause.stack ?? String(cause)}`;
  }
  return text;
}
