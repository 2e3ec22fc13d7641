import { Socket } from '@switchyard/gevent';
import { type Address, fromStream } from '@switchyard/select';
import type { RelayedStream } from './relayed-stream.ts';

/** A connection whose bytes are relayed: all that a socket is, and the addresses are those of the real one. @internal */
export class RelayedSocket extends Socket {
  private readonly peer: Address;
  private readonly own: Address;

  constructor(stream: RelayedStream, peer: Address, own: Address) {
    super(fromStream(stream));
    this.peer = peer;
    this.own = own;
  }

  override getpeername(): Address {
    // Throws when it is not connected any more.
    super.getpeername();
    return this.peer;
  }

  override getsockname(): Address {
    super.getsockname();
    return this.own;
  }
}
