import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { PENDING } from '@switchyard/hub/core';
import type { Address } from './address.ts';
import { type Datagram, DatagramSocket } from './dgram.ts';
import { POLLIN, POLLOUT } from './events.ts';
import { Operation } from './pollable.ts';

/**
 * Receives a message, waiting for one; of one that is longer than `size` the rest is lost.
 *
 * @throws TimeoutError when the time of `settimeout` is up; OSError as `recvfrom`, and with `EBADF` when it is closed meanwhile
 *
 * Python: `loop.sock_recvfrom`.
 */
export function sockRecvfrom(socket: DatagramSocket, size: number): Waitable<Datagram> {
  return new Recvfrom(checkSocket(socket, 'sockRecvfrom'), size);
}

/** Sends a message, waiting for room; gives the number of bytes. @throws as `sockRecvfrom` Python: `loop.sock_sendto`. */
export function sockSendto(socket: DatagramSocket, data: Uint8Array, address: Address): Waitable<number> {
  return new Sendto(checkSocket(socket, 'sockSendto'), data, address);
}

class Recvfrom extends Operation<Datagram> {
  private readonly socket: DatagramSocket;
  private readonly size: number;

  constructor(socket: DatagramSocket, size: number) {
    super(socket, POLLIN, socket.gettimeout() ?? -1);
    this.socket = socket;
    this.size = size;
  }

  attempt(): Datagram | typeof PENDING {
    return this.socket.tryRecvfrom(this.size) ?? PENDING;
  }

  override describe(): string {
    return `sockRecvfrom of ${this.socket.describe()}`;
  }
}

class Sendto extends Operation<number> {
  private readonly socket: DatagramSocket;
  private readonly data: Uint8Array;
  private readonly address: Address;

  constructor(socket: DatagramSocket, data: Uint8Array, address: Address) {
    super(socket, POLLOUT, socket.gettimeout() ?? -1);
    this.socket = socket;
    this.data = data;
    this.address = address;
  }

  attempt(): number | typeof PENDING {
    return this.socket.trySendto(this.data, this.address) ?? PENDING;
  }

  override describe(): string {
    return `sockSendto of ${this.socket.describe()}`;
  }
}

function checkSocket(socket: DatagramSocket, verb: string): DatagramSocket {
  if (socket instanceof DatagramSocket) return socket;
  throw new TypeError(`Expected a datagram socket for ${verb}, got ${show(socket)}`);
}
