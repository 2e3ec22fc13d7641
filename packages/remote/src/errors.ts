import { RuntimeError } from '@switchyard/hub/core';

export { RuntimeError };

/** The time that was given to a wait is up. Python: `TimeoutError`. */
export class TimeoutError extends Error {
  static {
    this.prototype.name = 'TimeoutError';
  }
}

/** A function or class cannot be named to another thread or process, or is not known there. */
export class TaskError extends Error {
  static {
    this.prototype.name = 'TaskError';
  }
}

/**
 * Threads or processes would be started by a module that another thread or process is only importing.
 * Python: the `RuntimeError` of a main module without `if __name__ == '__main__'`.
 */
export class BootstrapError extends RuntimeError {
  static {
    this.prototype.name = 'BootstrapError';
  }
}

/** A value cannot cross the border to another thread or process. The message has the path to it. */
export class CloneError extends TypeError {
  static {
    this.prototype.name = 'CloneError';
  }
  /** `ERR_ARGUMENT_CLONE`, `ERR_RESULT_CLONE`, `ERR_EVENT_CLONE` or `ERR_ITEM_CLONE`. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
