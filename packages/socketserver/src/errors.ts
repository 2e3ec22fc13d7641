import type { Address } from '@switchyard/select';
import { formatAddress } from './address.ts';

/**
 * The handling of a request has failed: by what its handler threw, or because the thread or process that ran it has ended.
 * That is its `cause`. It is what the hub's error hook gets, or stderr.
 */
export class RequestError extends Error {
  static {
    this.prototype.name = 'RequestError';
  }
  /** The address of the client. */
  readonly clientAddress: Address;

  /** @param who the server */
  constructor(who: string, clientAddress: Address, cause: unknown) {
    super(`${who} could not bring a request from ${formatAddress(clientAddress)} to its end`, { cause });
    this.clientAddress = clientAddress;
    // Where it was made says nothing: what has happened is in its cause.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** A thread or process ended that had requests. Those alone end with it, and another one takes its place. */
export class WorkerError extends Error {
  static {
    this.prototype.name = 'WorkerError';
  }
}
