import { errors } from 'undici';

/** Which of the four limits of `timeouts` ran out. */
export type FetchPhase = 'connect' | 'headers' | 'idle' | 'total';

/** What a `FetchError` says besides its message. */
export interface FetchErrorDetails {
  code: string;
  url: string;
  cause?: unknown;
}

/**
 * A fetch that got no response, or a response whose body did not arrive whole. It is a `TypeError`, as the standard
 * has it, with the URL in its message.
 */
export class FetchError extends TypeError {
  static {
    this.prototype.name = 'FetchError';
  }

  /**
   * What went wrong, for programs: a system code (`ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`), a TLS code, a code of
   * undici (`UND_ERR_SOCKET`, `UND_ERR_HEADERS_OVERFLOW`), or one of ours, which begin with `ERR_FETCH_`.
   */
  readonly code: string;
  /** The URL that failed: after redirects, the last one. */
  readonly url: string;

  constructor(message: string, details: FetchErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.url = details.url;
  }
}

/** One of the `timeouts` of a fetch ran out. A `Timeout` of the greenlet that waits is not this: it passes as itself. */
export class FetchTimeoutError extends FetchError {
  static {
    this.prototype.name = 'FetchTimeoutError';
  }

  /** Which of the limits it was. */
  readonly phase: FetchPhase;

  constructor(message: string, phase: FetchPhase, url: string, cause?: unknown) {
    super(message, { code: timeoutCodes[phase], url, cause });
    this.phase = phase;
  }
}

/** A body is larger than `maxBody` (as it travels) or `maxInflated` (decompressed). */
export class BodyLimitError extends FetchError {
  static {
    this.prototype.name = 'BodyLimitError';
  }

  /** The limit in bytes. */
  readonly limit: number;

  constructor(message: string, limit: number, url: string) {
    super(message, { code: 'ERR_FETCH_BODY_LIMIT', url });
    this.limit = limit;
  }
}

/** A body is not what its `Content-Encoding` says, or ends in the middle. */
export class DecompressionError extends FetchError {
  static {
    this.prototype.name = 'DecompressionError';
  }

  constructor(message: string, url: string, cause?: unknown) {
    super(message, { code: 'ERR_FETCH_DECOMPRESSION', url, cause });
  }
}

/** A redirect that cannot or must not be followed. */
export class RedirectError extends FetchError {
  static {
    this.prototype.name = 'RedirectError';
  }

  constructor(message: string, url: string, cause?: unknown) {
    super(message, { code: 'ERR_FETCH_REDIRECT', url, cause });
  }
}

const timeoutCodes: Record<FetchPhase, string> = {
  connect: 'UND_ERR_CONNECT_TIMEOUT',
  headers: 'UND_ERR_HEADERS_TIMEOUT',
  idle: 'UND_ERR_BODY_TIMEOUT',
  total: 'ERR_FETCH_TOTAL_TIMEOUT',
};

const phases: Record<string, FetchPhase> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  UND_ERR_HEADERS_TIMEOUT: 'headers',
  UND_ERR_BODY_TIMEOUT: 'idle',
};

/** The error a caller sees for whatever the network, TLS or the parser threw. @internal */
export function fetchError(cause: unknown, method: string, url: string): FetchError {
  if (cause instanceof FetchError) return cause;
  const code = codeOf(cause);
  const message = `fetch failed: ${method} ${url}: ${reasonOf(cause, code)}`;
  const phase = phases[code];
  if (phase !== undefined) return new FetchTimeoutError(message, phase, url, cause);
  return new FetchError(message, { code, url, cause });
}

/** The error of a limit in `timeouts` that ran out; `unread` is an `idle` for which the reader is to blame. @internal */
export function timeoutError(
  limit: FetchPhase | 'unread',
  ms: number,
  method: string,
  url: string,
): FetchTimeoutError {
  const phase = limit === 'unread' ? 'idle' : limit;
  return new FetchTimeoutError(`fetch failed: ${method} ${url}: ${timeoutText[limit]} ${ms} ms`, phase, url);
}

const timeoutText: Record<FetchPhase | 'unread', string> = {
  connect: 'no connection within',
  headers: 'no response headers within',
  idle: 'no more of the body came for',
  unread: 'nobody read the body, which has to wait, for',
  total: 'not complete within',
};

function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  // A status below 100 ends in an assertion of undici's; its parser's errors have no code, against their types.
  if (code === 'ERR_ASSERTION') return 'ERR_FETCH_INVALID_RESPONSE';
  if (typeof code === 'string' && code !== '') return code;
  if (cause instanceof errors.HTTPParserError) return 'ERR_FETCH_INVALID_RESPONSE';
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  return 'ERR_FETCH_FAILED';
}

function reasonOf(cause: unknown, code: string): string {
  if ((cause as { code?: unknown }).code === 'ERR_ASSERTION') return 'the response has an invalid status';
  // Node tries each address of a name; its own message for the whole is empty.
  if (cause instanceof AggregateError)
    return cause.errors.map((error) => reasonOf(error, codeOf(error))).join('; ');
  if (cause instanceof Error) return cause.message === '' ? `${cause.name} ${code}` : cause.message;
  return String(cause);
}
