import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { Ring } from '@switchyard/hub/core';
import { type Address, addressOf, checkAddress } from './address.ts';
import {
  type AF_INET,
  AF_INET6,
  SO_BROADCAST,
  SO_ERROR,
  SO_RCVBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
} from './constants.ts';
import { fromNode, type OSError, osError, wouldBlock } from './errors.ts';
import { POLLERR, POLLIN, POLLOUT } from './events.ts';
import { Listening } from './listening.ts';
import { Pollable } from './pollable.ts';
import { checkBytes } from './stream.ts';
import { wake } from './wake.ts';

/** How much is kept that nobody has received, and for the kernel to send: what Linux has by default. */
const BUFFER = 212_992;

/** A datagram and where it came from. */
export type Datagram = [data: Buffer, address: Address];

/**
 * A socket for messages without a connection, UDP. As with the kernel, a message is lost when more of them have come than
 * are kept (`SO_RCVBUF`). None of its methods ever waits, as with `Socket`; `sockRecvfrom` and `sockSendto` are waitables.
 *
 * Python: `socket.socket(AF_INET, SOCK_DGRAM)` with `setblocking(False)`.
 */
export class DatagramSocket extends Pollable {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly type: typeof SOCK_DGRAM;
  /** How many messages have been lost here, because nobody received what had come before. */
  dropped: number;
  private readonly wire: UdpSocket;
  private readonly queue: Ring<Datagram>;
  private size: number;
  private receiveLimit: number;
  private limit: number | null;
  private error: OSError | null;
  private binding: boolean;
  private isBound: boolean;
  private broadcast: boolean;
  private target: Address | null;

  /** @internal */
  constructor(family: typeof AF_INET | typeof AF_INET6) {
    super(POLLOUT);
    this.family = family;
    this.type = SOCK_DGRAM;
    this.dropped = 0;
    this.queue = new Ring();
    this.size = 0;
    this.receiveLimit = BUFFER;
    this.limit = null;
    this.error = null;
    this.binding = false;
    this.isBound = false;
    this.broadcast = false;
    this.target = null;
    this.wire = createSocket(family === AF_INET6 ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
    this.wire.on('message', (data, from) => this.arrived(data, from));
    this.wire.on('error', (error) => this.fail(fromNode(error)));
    this.wire.on('listening', () => this.listening());
  }

  /**
   * Receives at the address from now on: `['127.0.0.1', 5353]`, with port 0 for one that is free.
   *
   * @returns to be waited for, where `getsockname()` is asked for: it is bound; or the error why it cannot be
   * @throws TypeError for another shape; OSError with `EINVAL` when it is bound already
   */
  bind(address: Address): Waitable<void> {
    this.checkOpen('bind');
    const [host, port] = checkAddress(address, this.family, 'bind') as [string, number];
    if (this.binding) throw osError('EINVAL', `bind of a ${this.describe()} that is bound already`);
    this.binding = true;
    this.wire.bind({ port, address: host === '' ? undefined : host, exclusive: true });
    return new Listening(this);
  }

  /** Sends to this address unless told otherwise, and receives from it alone. */
  connect(address: Address): void {
    this.checkOpen('connect');
    this.target = checkAddress(address, this.family, 'connect');
  }

  /**
   * Receives a message, as much of it as `size` bytes; the rest of it is lost.
   *
   * @throws BlockingIOError when there is none yet; OSError with the error that a message of ours has met, once
   */
  recvfrom(size: number): Datagram {
    const datagram = this.tryRecvfrom(size);
    if (datagram === null) throw wouldBlock('EAGAIN', 'recvfrom: nothing to receive yet');
    return datagram;
  }

  /** As `recvfrom`, but null when there is none yet. */
  tryRecvfrom(size: number): Datagram | null {
    this.checkOpen('recvfrom');
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(`Expected a whole number of bytes from 0 up for recvfrom, got ${show(size)}`);
    }
    const error = this.takeError();
    if (error !== null) throw error;
    if (this.queue.length === 0) return null;
    const datagram = this.queue.shift();
    this.size -= datagram[0].length;
    this.emptied();
    if (datagram[0].length > size) datagram[0] = datagram[0].subarray(0, size);
    return datagram;
  }

  /** As `recvfrom`, without the address. */
  recv(size: number): Buffer {
    return this.recvfrom(size)[0];
  }

  /**
   * Sends a message, whole or not at all. The bytes must stay as they are until the kernel has taken them. One that is too long
   * for a message is told of by the next operation.
   *
   * @returns how many bytes
   * @throws BlockingIOError when there is no room; OSError as `recvfrom`; TypeError for what is no bytes or no address
   */
  sendto(data: Uint8Array, address: Address): number {
    const size = this.trySendto(data, address);
    if (size === null) throw wouldBlock('EAGAIN', 'sendto: no room to send');
    return size;
  }

  /** As `sendto`, but null when there is no room. */
  trySendto(data: Uint8Array, address: Address): number | null {
    this.checkOpen('sendto');
    checkBytes(data, 'sendto');
    const [host, port] = checkAddress(address, this.family, 'sendto') as [string, number];
    if (port === 0) throw osError('EINVAL', 'sendto port 0, where nobody can be');
    const error = this.takeError();
    if (error !== null) throw error;
    if (this.wire.getSendQueueSize() >= BUFFER) {
      this.events &= ~POLLOUT;
      return null;
    }
    // Node binds it when it sends the first one.
    this.binding = true;
    this.wire.send(data, port, host === '' ? undefined : host, this.sent);
    return data.length;
  }

  /** Sends to where `connect` says. @throws OSError with `EDESTADDRREQ` without that; otherwise as `sendto` */
  send(data: Uint8Array): number {
    if (this.target === null)
      throw osError('EDESTADDRREQ', 'send without an address: use sendto, or connect first');
    return this.sendto(data, this.target);
  }

  /** Closes it; what it has received is lost. It leaves all that watch it. A second time does nothing. */
  close(): void {
    if (this.closed) return;
    this.retire();
    while (this.queue.length > 0) this.queue.shift();
    this.wire.close();
  }

  /** So that `using socket = ...` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The address of this side. @throws OSError with `EINVAL` while it is not bound: wait for `bind()` */
  getsockname(): Address {
    this.checkOpen('getsockname');
    if (!this.isBound)
      throw osError('EINVAL', 'getsockname of a socket that is not bound: wait for bind() first');
    const { address, port } = this.wire.address();
    return addressOf(address, port);
  }

  /** Where `connect` has it send to. @throws OSError with `ENOTCONN` without that */
  getpeername(): Address {
    this.checkOpen('getpeername');
    if (this.target === null) throw osError('ENOTCONN', 'getpeername of a socket that is not connected');
    return this.target;
  }

  /** Sets `SO_BROADCAST` or `SO_RCVBUF`. @throws OSError with `ENOPROTOOPT` for another option */
  setsockopt(level: number, option: number, value: number): void {
    this.checkOpen('setsockopt');
    if (level === SOL_SOCKET && option === SO_RCVBUF && value > 0) this.receiveLimit = value;
    else if (level === SOL_SOCKET && option === SO_BROADCAST) {
      this.broadcast = value !== 0;
      if (this.isBound) this.wire.setBroadcast(this.broadcast);
    } else throw unknown(level, option);
  }

  /** The value of `SO_BROADCAST`, `SO_RCVBUF`, `SO_TYPE` or `SO_ERROR`. @throws as `setsockopt` */
  getsockopt(level: number, option: number): number {
    this.checkOpen('getsockopt');
    if (level === SOL_SOCKET && option === SO_ERROR) return this.takeError()?.errno ?? 0;
    if (level === SOL_SOCKET && option === SO_RCVBUF) return this.receiveLimit;
    if (level === SOL_SOCKET && option === SO_BROADCAST) return Number(this.broadcast);
    if (level === SOL_SOCKET && option === SO_TYPE) return this.type;
    throw unknown(level, option);
  }

  /** Sets how long `sockRecvfrom` and `sockSendto` wait at most, in ms; null for no limit. */
  settimeout(ms: number | null): void {
    if (ms !== null && (typeof ms !== 'number' || !(ms >= 0))) {
      throw new RangeError(`Expected milliseconds from 0 up, or null, for settimeout, got ${show(ms)}`);
    }
    this.limit = ms === Infinity ? null : ms;
  }

  /** What `settimeout` has set. */
  gettimeout(): number | null {
    return this.limit;
  }

  /** @internal */
  override describe(): string {
    return this.closed ? 'datagram socket' : `datagram socket ${this.fileno()}`;
  }

  /** @internal */
  bound(): boolean {
    if (this.isBound || this.binding) return this.isBound;
    throw (
      this.takeError() ?? osError('EINVAL', `bind of a ${this.describe()} whose address could not be had`)
    );
  }

  private arrived(data: Buffer, from: RemoteInfo): void {
    if (this.closed) return;
    if (this.target !== null && (from.port !== this.target[1] || from.address !== this.target[0])) return;
    if (this.size + data.length > this.receiveLimit && this.queue.length > 0) {
      this.dropped++;
      return;
    }
    this.size += data.length;
    this.queue.push([data, addressOf(from.address, from.port)]);
    this.edge(POLLIN);
  }

  private readonly sent = (error: Error | null): void => {
    if (this.closed) return;
    if (error !== null) this.fail(fromNode(error));
    if ((this.events & POLLOUT) === 0 && this.wire.getSendQueueSize() < BUFFER) this.edge(POLLOUT);
  };

  private listening(): void {
    this.isBound = true;
    if (this.closed) return;
    if (this.broadcast) this.wire.setBroadcast(true);
    wake(this);
  }

  private fail(error: OSError): void {
    if (this.closed) return;
    // It may be bound to another address.
    if (!this.isBound) this.binding = false;
    this.error = error;
    this.edge(POLLIN | POLLOUT | POLLERR);
  }

  private takeError(): OSError | null {
    const { error } = this;
    if (error === null) return null;
    this.error = null;
    this.events &= ~POLLERR;
    this.emptied();
    return error;
  }

  private emptied(): void {
    if (this.queue.length === 0 && this.error === null) this.events &= ~POLLIN;
  }
}

function unknown(level: number, option: number): Error {
  return osError('ENOPROTOOPT', `option ${show(option)} of level ${show(level)} of a datagram socket`);
}
