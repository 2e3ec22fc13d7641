import { constants } from 'node:os';
import { hub } from '@switchyard/hub/core';

const numbers: Readonly<Record<string, number | undefined>> = constants.errno;

/** An operation that the system, or the state of a socket, refuses. Python: `OSError`. */
export class OSError extends Error {
  static {
    this.prototype.name = 'OSError';
  }
  /** The name of the error, such as `ECONNRESET`. */
  readonly code: string;
  /** Its number in the system; 0 for one that has none there. */
  readonly errno: number;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`${message} (${code})`, options);
    this.code = code;
    this.errno = numbers[code] ?? 0;
  }
}

/** It would have had to wait (`EAGAIN`, `EINPROGRESS`, `EALREADY`). Python: `BlockingIOError`. */
export class BlockingIOError extends OSError {
  static {
    this.prototype.name = 'BlockingIOError';
  }
}

/** The other side, or this one, has ended what is sent to (`EPIPE`). Python: `BrokenPipeError`. */
export class BrokenPipeError extends OSError {
  static {
    this.prototype.name = 'BrokenPipeError';
  }
}

/** Nobody listens there (`ECONNREFUSED`). Python: `ConnectionRefusedError`. */
export class ConnectionRefusedError extends OSError {
  static {
    this.prototype.name = 'ConnectionRefusedError';
  }
}

/** The peer has broken the connection (`ECONNRESET`). Python: `ConnectionResetError`. */
export class ConnectionResetError extends OSError {
  static {
    this.prototype.name = 'ConnectionResetError';
  }
}

/** The connection was given up on this side (`ECONNABORTED`). Python: `ConnectionAbortedError`. */
export class ConnectionAbortedError extends OSError {
  static {
    this.prototype.name = 'ConnectionAbortedError';
  }
}

/** Already registered (`EEXIST`). Python: `FileExistsError`. */
export class FileExistsError extends OSError {
  static {
    this.prototype.name = 'FileExistsError';
  }
}

/** Not registered, or no such path (`ENOENT`). Python: `FileNotFoundError`. */
export class FileNotFoundError extends OSError {
  static {
    this.prototype.name = 'FileNotFoundError';
  }
}

/** Not allowed (`EACCES`, `EPERM`). Python: `PermissionError`. */
export class PermissionError extends OSError {
  static {
    this.prototype.name = 'PermissionError';
  }
}

/** The time is up: the kernel's, or the one of `settimeout` (`ETIMEDOUT`). Python: `TimeoutError`. */
export class TimeoutError extends OSError {
  static {
    this.prototype.name = 'TimeoutError';
  }
}

/** A name has no address (`ENOTFOUND`, `EAI_AGAIN`). Python: `socket.gaierror`. */
export class GaiError extends OSError {
  static {
    this.prototype.name = 'GaiError';
  }
}

/** TLS could not be agreed on, or its certificate is not to be trusted. Python: `ssl.SSLError`. */
export class SSLError extends OSError {
  static {
    this.prototype.name = 'SSLError';
  }
}

/** A selector does not know this file, or knows it already. Python: `KeyError`. */
export class KeyError extends Error {
  static {
    this.prototype.name = 'KeyError';
  }
}

export { RuntimeError } from '@switchyard/hub/core';

const classes: Readonly<Record<string, typeof OSError | undefined>> = {
  EAGAIN: BlockingIOError,
  EINPROGRESS: BlockingIOError,
  EALREADY: BlockingIOError,
  EPIPE: BrokenPipeError,
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  ECONNABORTED: ConnectionAbortedError,
  EEXIST: FileExistsError,
  ENOENT: FileNotFoundError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  ETIMEDOUT: TimeoutError,
  ENOTFOUND: GaiError,
  EAI_AGAIN: GaiError,
};

// What Node's TLS tells of is a name of OpenSSL's, or one of Node's own.
const ssl = /SSL|TLS|CERT|SIGNATURE|^CRL_|^EPROTO$|^UNABLE_TO|^HOSTNAME_MISMATCH$/;

/** The error of this code, as the class that it has in Python. @internal */
export function osError(code: string, message: string, cause?: unknown): OSError {
  const Class = classes[code] ?? (ssl.test(code) ? SSLError : OSError);
  return new Class(code, message, cause === undefined ? undefined : { cause });
}

/** An error that Node has told of. @internal */
export function fromNode(error: unknown): OSError {
  if (error instanceof OSError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return osError(typeof code === 'string' ? code : 'EIO', String(message ?? error), error);
}

/**
 * `BlockingIOError` is no failure but half of what a non-blocking loop hears. To collect a stack takes five times as long
 * as all the rest of it, so that it has one only where spawn sites are tracked, too. @internal
 */
export function wouldBlock(code: string, message: string): BlockingIOError {
  if (hub.trackSpawnSites) return new BlockingIOError(code, message);
  const error = Object.create(BlockingIOError.prototype) as {
    -readonly [K in 'code' | 'errno' | 'message' | 'stack']: BlockingIOError[K];
  };
  error.message = `${message} (${code})`;
  error.code = code;
  error.errno = numbers[code] ?? 0;
  error.stack = `BlockingIOError: ${error.message}`;
  return error as BlockingIOError;
}
