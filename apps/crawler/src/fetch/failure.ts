import { BodyLimitError, DecompressionError, FetchError, FetchTimeoutError } from '@switchyard/gevent';
import type { Failure, FailureKind } from '../outcome.ts';
import { PrivateAddressError } from './guard.ts';

/** What is known of an attempt when it fails. */
export interface FailureContext {
  readonly status: number | undefined;
  readonly timings: { readonly headers: number; readonly body: number };
}

/** Names and kinds of what a fetch may throw, for the record and for the decision whether to try again. */
export function failureOf(error: unknown, { status, timings }: FailureContext): Failure {
  const [kind, temporary] = classify(error);
  return {
    type: 'failure',
    kind,
    message: messageOf(error, kind),
    temporary,
    status,
    wireBytes: 0,
    timings: { ...timings, process: 0 },
  };
}

function classify(error: unknown): [FailureKind, boolean] {
  if (privateAddress(error) !== undefined) return ['blocked_ssrf', false];
  if (error instanceof FetchTimeoutError) return [`timeout_${error.phase}`, true];
  if (error instanceof BodyLimitError)
    return [error.message.includes('maxInflated') ? 'bomb' : 'too_large', false];
  if (error instanceof DecompressionError) return ['bad_encoding', false];
  if (!(error instanceof FetchError)) return ['internal', false];
  const { code } = error;
  switch (code) {
    case 'ECONNREFUSED':
      return ['refused', true];
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'UND_ERR_SOCKET':
      return ['reset', true];
    case 'ETIMEDOUT':
      return ['timeout_connect', true];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return ['unreachable', true];
    case 'ENOTFOUND':
      return ['dns', false];
    default:
      break;
  }
  if (code.startsWith('EAI_')) return ['dns', code === 'EAI_AGAIN'];
  if (
    /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|ERR_OSSL)/.test(
      code,
    )
  )
    return ['tls', false];
  if (/^(?:HPE_|UND_ERR_|ERR_FETCH_INVALID_RESPONSE)/.test(code)) return ['protocol', false];
  // EMFILE and the like: our own trouble, which may pass.
  return ['internal', true];
}

/** The guard's refusal, wherever in the chain of causes it is. */
function privateAddress(error: unknown): PrivateAddressError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof PrivateAddressError) return cause;
  }
  return undefined;
}

function messageOf(error: unknown, kind: FailureKind): string {
  const refusal = privateAddress(error);
  if (refusal !== undefined) return refusal.message;
  if (!(error instanceof Error)) return String(error);
  // A failure that nobody foresaw is a bug of ours: say where.
  if (kind === 'internal' && !(error instanceof FetchError))
    return (error.stack ?? error.message).split('\n').slice(0, 3).join(' ');
  return error.message.replace(/^fetch failed: GET \S+: /, '');
}
