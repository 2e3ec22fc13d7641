import { RuntimeError } from '@switchyard/remote';

export { RuntimeError, TimeoutError } from '@switchyard/remote';

/**
 * The task of a future was cancelled before it began, or killed while it ran. Its `cause` is the reason that was given
 * to `kill`, when that is an error. Python: `concurrent.futures.CancelledError`.
 */
export class CancelledError extends Error {
  static {
    this.prototype.name = 'CancelledError';
  }
}

/** A future was told of an outcome that it has already. Python: `concurrent.futures.InvalidStateError`. */
export class InvalidStateError extends Error {
  static {
    this.prototype.name = 'InvalidStateError';
  }
}

/** What is known of how a worker ended. */
export interface BrokenDetails {
  /** The exit code of the worker that died. */
  exitCode?: number | null;
  /** The signal that ended it, when it was a process. */
  signal?: string | null;
  /** Its process id, when it was one. */
  pid?: number | null;
  /** What went wrong in it. */
  cause?: unknown;
}

/**
 * A worker died with a task, or its initializer failed: the future that was running there fails with this.
 * Python: `concurrent.futures.BrokenExecutor`.
 */
export class BrokenExecutor extends RuntimeError {
  static {
    this.prototype.name = 'BrokenExecutor';
  }
  /** The exit code of the worker; null when there is none, as a signal ended it or none came to be. */
  readonly exitCode: number | null;
  /** The signal that ended it, such as `SIGKILL`, when it was a process; or null. */
  readonly signal: string | null;
  /** Its process id, when it was a process; or null. */
  readonly pid: number | null;

  constructor(message: string, details: BrokenDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.exitCode = details.exitCode ?? null;
    this.signal = details.signal ?? null;
    this.pid = details.pid ?? null;
  }
}

/**
 * What is reported of a task that failed and whose error nobody ever asked for. The error itself is the `cause`.
 */
export class UnretrievedError extends Error {
  static {
    this.prototype.name = 'UnretrievedError';
  }
  /** The name of the task. */
  readonly task: string;

  constructor(task: string, cause: unknown) {
    super(`task ${task} failed, and nobody ever asked for its result`, { cause });
    this.task = task;
  }
}
