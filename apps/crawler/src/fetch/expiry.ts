import { type FetchPhase, FetchTimeoutError } from '@switchyard/gevent';
import type { AttemptTimeouts } from './settings.ts';

const TEXT: Readonly<Record<FetchPhase, string>> = {
  connect: 'no connection within',
  headers: 'no headers within',
  idle: 'no more of the body came for',
  total: 'not complete within',
};

/** In words, that a limit has been reached. */
export function expiryText(phase: FetchPhase, timeouts: AttemptTimeouts): string {
  return `${TEXT[phase]} ${timeouts[phase]} ms`;
}

/** That a limit has been reached. */
export function expiry(phase: FetchPhase, timeouts: AttemptTimeouts): FetchTimeoutError {
  return new FetchTimeoutError(expiryText(phase, timeouts), phase, '');
}
