import type { Socket as NetSocket } from 'node:net';
import type { Address } from '@switchyard/select';
import type { Relay } from './relay.ts';

/** A connection that a thread or process handles, or is to handle. @internal */
export class Handed {
  readonly id: number;
  readonly socket: NetSocket;
  readonly clientAddress: Address;
  /** What passes its bytes on, if that is how it is handled. */
  relay: Relay | null;
  /** Whether it has arrived: nobody else can handle it any more. */
  taken: boolean;

  constructor(id: number, socket: NetSocket, clientAddress: Address) {
    this.id = id;
    this.socket = socket;
    this.clientAddress = clientAddress;
    this.relay = null;
    this.taken = false;
  }
}
