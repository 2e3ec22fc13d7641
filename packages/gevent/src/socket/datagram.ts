import type { Coroutine, Waitable } from '@switchyard/hub';
import { Block, checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import {
  type Address,
  AF_INET,
  AF_INET6,
  type Datagram,
  DatagramSocket as Wire,
  SOCK_DGRAM,
  sockRecvfrom,
  sockSendto,
  socket as makeWire,
} from '@switchyard/select';
import { bytesOf, checkSize } from './arguments.ts';

/** The most bytes that a message can have. */
const MOST = 65_535;

/**
 * A socket for messages without a connection, UDP, that greenlets wait for. A kill or a timeout takes no message away.
 *
 * Python: `gevent.socket.socket(AF_INET, SOCK_DGRAM)`.
 */
export class DatagramSocket {
  /** What it is made of: a socket of `@switchyard/select`, which never waits. */
  readonly wire: Wire;
  private limit: number | null;

  /** @param source `AF_INET`, the default, or `AF_INET6` for a new one; or a datagram socket of `@switchyard/select` */
  constructor(source: typeof AF_INET | typeof AF_INET6 | Wire = AF_INET) {
    this.wire = source instanceof Wire ? source : makeWire(source, SOCK_DGRAM);
    this.limit = this.wire.gettimeout();
    this.wire.settimeout(null);
  }

  /** Its number; -1 when it has been closed. */
  fileno(): number {
    return this.wire.fileno();
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.wire.closed;
  }

  /** Receives at an address from now on. @returns to be waited for where `getsockname()` is asked for: it is bound */
  bind(address: Address): Waitable<void> {
    return this.wire.bind(address);
  }

  /** Sends to this address unless told otherwise, and receives from it alone. */
  connect(address: Address): void {
    this.wire.connect(address);
  }

  /**
   * Waits for a message.
   *
   * @param size how many bytes of it at most, the rest is lost; a whole one when left out
   * @returns the bytes, and the address of the sender
   * @throws TimeoutError; OSError with `EBADF` when it is closed meanwhile
   */
  recvfrom(size: number = MOST, options?: TimeoutOption): Waitable<Datagram> {
    checkSize(size, 'recvfrom');
    return this.limited(options, 'DatagramSocket.recvfrom', () => sockRecvfrom(this.wire, size));
  }

  /** As `recvfrom`, without the address. */
  recv(size: number = MOST, options?: TimeoutOption): Waitable<Buffer> {
    const datagram = this.recvfrom(size, options);
    return new Block('DatagramSocket.recv', function* (): Coroutine<Buffer> {
      return (yield* datagram)[0];
    });
  }

  /**
   * Sends a message, whole or not at all, waiting for room.
   *
   * @param data bytes, or a string, which is sent as UTF-8
   * @returns how many bytes
   */
  sendto(data: Uint8Array | string, address: Address, options?: TimeoutOption): Waitable<number> {
    // It may be changed before the kernel takes it.
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(bytesOf(data, 'sendto'));
    return this.limited(options, 'DatagramSocket.sendto', () => sockSendto(this.wire, bytes, address));
  }

  /** Sends to where `connect` says. @throws OSError with `ENOTCONN` without that; otherwise as `sendto` */
  send(data: Uint8Array | string, options?: TimeoutOption): Waitable<number> {
    return this.sendto(data, this.wire.getpeername(), options);
  }

  /** Closes it. Whoever waits for it gets `EBADF`. A second time does nothing. */
  close(): void {
    this.wire.close();
  }

  /** So that `using socket = ...` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The address of this side. @throws OSError with `EINVAL` while it is not bound */
  getsockname(): Address {
    return this.wire.getsockname();
  }

  /** Where `connect` has it send to. @throws OSError with `ENOTCONN` without that */
  getpeername(): Address {
    return this.wire.getpeername();
  }

  /** Sets how long each operation waits at most, in ms; null for no limit. */
  settimeout(ms: number | null): void {
    const limit = checkTimeout({ timeout: ms }, 'settimeout');
    this.limit = limit < 0 ? null : limit;
  }

  /** What `settimeout` has set. */
  gettimeout(): number | null {
    return this.limit;
  }

  // An operation of select's takes the limit that its socket has when it is made.
  private limited<T>(options: TimeoutOption | undefined, verb: string, make: () => Waitable<T>): Waitable<T> {
    const limit = options?.timeout === undefined ? (this.limit ?? -1) : checkTimeout(options, verb);
    if (limit < 0) return make();
    this.wire.settimeout(limit);
    try {
      return make();
    } finally {
      this.wire.settimeout(null);
    }
  }
}

/**
 * A datagram socket that is bound to an address: `['127.0.0.1', 0]` for a free port.
 *
 * @throws OSError with `EADDRINUSE` and the like when it cannot be
 */
export function datagram(address: Address): Waitable<DatagramSocket> {
  return new Block('datagram', function* (): Coroutine<DatagramSocket> {
    const made = new DatagramSocket(String(address[0]).includes(':') ? AF_INET6 : AF_INET);
    let bound = false;
    try {
      yield* made.bind(address);
      bound = true;
      return made;
    } finally {
      if (!bound) made.close();
    }
  });
}
