import { FetchError } from '@switchyard/gevent';
import { OSError } from '@switchyard/select';

// Errors of a transfer, with the codes by which `failureOf` tells them apart.

/** What came is not HTTP/1.1. @param code as Node's parser names it */
export function protocolError(code: string, what: string): FetchError {
  return new FetchError(`the answer does not match the HTTP/1.1 protocol (${what})`, { code, url: '' });
}

/** The server has ended the connection before its answer was complete. */
export function brokenOff(): FetchError {
  return new FetchError('the server closed the connection before its answer was complete', {
    code: 'ECONNRESET',
    url: '',
  });
}

/** The server does something on the connection that nobody has asked for, which is therefore of no use any more. */
export function uncalledFor(what: string): FetchError {
  return new FetchError(what, { code: 'ECONNABORTED', url: '' });
}

/** What the system or TLS has told of a socket; of several addresses that were tried, the first one's code counts. */
export function socketError(errors: readonly OSError[]): FetchError {
  const [first] = errors;
  const message = errors
    .map(({ cause, message }) => (cause instanceof Error ? cause.message : message))
    .join('; ');
  return new FetchError(message, { code: first?.code ?? 'EIO', url: '', cause: first });
}

/** Why a name could not be looked up, or may not be. */
export function lookupError(cause: Error): FetchError {
  const { code } = cause as { code?: unknown };
  return new FetchError(cause.message, { code: typeof code === 'string' ? code : 'EIO', url: '', cause });
}

/** Anything that was thrown: as it is, or in the shape that `failureOf` knows. */
export function transferError(error: unknown): unknown {
  return error instanceof OSError ? socketError([error]) : error;
}
