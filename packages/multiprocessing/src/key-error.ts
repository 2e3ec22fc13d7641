import { knownErrors } from '@switchyard/remote/core';

/** There is nothing by that key. Python: `KeyError`. */
export class KeyError extends Error {
  static {
    this.prototype.name = 'KeyError';
  }
}

knownErrors([KeyError]);
