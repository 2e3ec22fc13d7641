import type { ConnectionOptions, TlsOptions } from 'node:tls';
import type { Address } from './address.ts';
import type { Listener } from './listener.ts';

/** How much is received ahead, and kept for the kernel to take. @internal */
export const BUFFER = 65_536;

/**
 * What only those sockets have that listen, connect, or have been told something: one that has been accepted and idles does
 * without. @internal
 */
export interface Plan {
  address: Address | null;
  tls: (ConnectionOptions & TlsOptions) | null;
  noDelay: boolean;
  keepAlive: boolean;
  sendLimit: number;
  receiveLimit: number;
  /** What `settimeout` has set. */
  timeout: number | null;
  /** Whether a connection was tried and not made, so that another one may be. */
  failed: boolean;
  listener: Listener | null;
}

/** @internal */
export function emptyPlan(): Plan {
  return {
    address: null,
    tls: null,
    noDelay: true,
    keepAlive: false,
    sendLimit: BUFFER,
    receiveLimit: BUFFER,
    timeout: null,
    failed: false,
    listener: null,
  };
}
