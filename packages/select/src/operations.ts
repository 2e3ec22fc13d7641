import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { PENDING } from '@switchyard/hub/core';
import type { Address } from './address.ts';
import { BlockingIOError } from './errors.ts';
import { POLLIN, POLLOUT } from './events.ts';
import { Operation } from './pollable.ts';
import { Socket } from './socket.ts';
import { checkBytes } from './stream.ts';

/**
 * Receives at most `size` bytes, waiting for some.
 *
 * @returns the bytes; none when the peer has ended the connection
 * @throws TimeoutError when the time of `settimeout` is up; OSError with the error of the connection, once, and with `EBADF`
 *   when it is closed meanwhile
 *
 * Python: `loop.sock_recv`, or `socket.recv` of a blocking socket.
 */
export function sockRecv(socket: Socket, size: number): Waitable<Buffer> {
  return new Recv(checkSocket(socket, 'sockRecv'), size);
}

/** As `sockRecv`, into a buffer of yours; gives the number of bytes. Python: `loop.sock_recv_into`. */
export function sockRecvInto(socket: Socket, target: Uint8Array): Waitable<number> {
  return new RecvInto(checkSocket(socket, 'sockRecvInto'), checkBytes(target, 'sockRecvInto'));
}

/**
 * Sends all of it, waiting for room as often as need be. What several send at once goes out one after the other.
 *
 * @throws as `sockRecv`; BrokenPipeError when the connection has ended. How much has been sent by then is not known
 *
 * Python: `loop.sock_sendall`, or `socket.sendall` of a blocking socket.
 */
export function sockSendall(socket: Socket, data: Uint8Array): Waitable<void> {
  return new Sendall(checkSocket(socket, 'sockSendall'), checkBytes(data, 'sockSendall'));
}

/**
 * Takes the next connection, waiting for one.
 *
 * @returns its socket, and the address of the peer
 * @throws as `sockRecv`; OSError with `EINVAL` when this does not listen
 *
 * Python: `loop.sock_accept`, or `socket.accept` of a blocking socket.
 */
export function sockAccept(socket: Socket): Waitable<[connection: Socket, address: Address]> {
  return new Accept(checkSocket(socket, 'sockAccept'));
}

/**
 * Connects, waiting until that is done.
 *
 * @throws ConnectionRefusedError and the like when it cannot be done; TimeoutError when the time of `settimeout` is up;
 *   OSError with `EISCONN` when it is connected already
 *
 * Python: `loop.sock_connect`, or `socket.connect` of a blocking socket.
 */
export function sockConnect(socket: Socket, address: Address): Waitable<void> {
  return new Connect(checkSocket(socket, 'sockConnect'), address);
}

class Recv extends Operation<Buffer> {
  private readonly socket: Socket;
  private readonly size: number;

  constructor(socket: Socket, size: number) {
    super(socket, POLLIN, socket.gettimeout() ?? -1);
    this.socket = socket;
    this.size = size;
  }

  attempt(): Buffer | typeof PENDING {
    return this.socket.tryRecv(this.size) ?? PENDING;
  }

  override describe(): string {
    return `sockRecv of ${this.socket.describe()}`;
  }
}

class RecvInto extends Operation<number> {
  private readonly socket: Socket;
  private readonly target: Uint8Array;

  constructor(socket: Socket, target: Uint8Array) {
    super(socket, POLLIN, socket.gettimeout() ?? -1);
    this.socket = socket;
    this.target = target;
  }

  attempt(): number | typeof PENDING {
    return this.socket.tryRecvInto(this.target) ?? PENDING;
  }

  override describe(): string {
    return `sockRecvInto of ${this.socket.describe()}`;
  }
}

class Sendall extends Operation<void> {
  private readonly socket: Socket;
  private readonly data: Uint8Array;
  private rest: Uint8Array;

  constructor(socket: Socket, data: Uint8Array) {
    super(socket, POLLOUT, socket.gettimeout() ?? -1);
    this.socket = socket;
    this.data = data;
    this.rest = data;
  }

  attempt(): void | typeof PENDING {
    for (;;) {
      const size = this.socket.trySend(this.rest);
      if (size === null) return PENDING;
      // Mostly that was all: no view of nothing, which would hold the memory.
      if (size === this.rest.length) return;
      this.rest = this.rest.subarray(size);
    }
  }

  override describe(): string {
    return `sockSendall of ${this.data.length} bytes on ${this.socket.describe()}`;
  }

  protected override begin(): void | typeof PENDING {
    this.rest = this.data;
    return super.begin();
  }
}

class Accept extends Operation<[connection: Socket, address: Address]> {
  private readonly socket: Socket;

  constructor(socket: Socket) {
    super(socket, POLLIN, socket.gettimeout() ?? -1);
    this.socket = socket;
  }

  attempt(): [connection: Socket, address: Address] | typeof PENDING {
    return this.socket.tryAccept() ?? PENDING;
  }

  override describe(): string {
    return `sockAccept of ${this.socket.describe()}`;
  }
}

class Connect extends Operation<void> {
  private readonly socket: Socket;
  private readonly address: Address;
  private begun: boolean;

  constructor(socket: Socket, address: Address) {
    super(socket, POLLOUT, socket.gettimeout() ?? -1);
    this.socket = socket;
    this.address = address;
    this.begun = false;
  }

  attempt(): void | typeof PENDING {
    if (!this.begun) {
      try {
        this.socket.connect(this.address);
      } catch (error) {
        if (!(error instanceof BlockingIOError)) throw error;
      }
      this.begun = true;
    }
    if (!this.socket.made()) return PENDING;
  }

  override describe(): string {
    return `sockConnect of ${this.socket.describe()} to ${String(this.address)}`;
  }

  protected override begin(): void | typeof PENDING {
    this.begun = false;
    return super.begin();
  }
}

function checkSocket(socket: Socket, verb: string): Socket {
  if (socket instanceof Socket) return socket;
  throw new TypeError(`Expected a socket for ${verb}, got ${show(socket)}`);
}
