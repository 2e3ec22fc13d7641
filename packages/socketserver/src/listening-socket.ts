import { createServer, type Server, type Socket as NetSocket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type Coroutine, Waiter } from '@switchyard/hub';
import { Ring } from '@switchyard/hub/core';
import { type Address, OSError, Pollable, POLLIN } from '@switchyard/select';
import { addressOf } from './address.ts';

/** Node accepts one connection per turn of the loop and cannot be stopped, so that fewer would only be reset. */
const FEWEST = 128;

/** A connection that has come, of which not a byte has been read, and where its client is. */
export type Arrival = readonly [connection: NetSocket, clientAddress: Address];

/**
 * Listens, and keeps what has come until it is taken. The bytes of a connection stay in the kernel until then, so that it can
 * be handed over whole. It can be watched by a selector, as it has a `fileno`.
 */
export class ListeningSocket extends Pollable {
  private readonly server: Server;
  private readonly queue: Ring<NetSocket>;
  private readonly backlog: number;
  private place: Address;

  /** @param tls options of `tls.createServer`: then connections come when both sides have agreed; null for none @internal */
  constructor(tls: TlsOptions | null, backlog: number) {
    super(0);
    this.queue = new Ring();
    this.backlog = backlog;
    this.place = '';
    const options = { noDelay: true, highWaterMark: 65_536 };
    this.server =
      tls === null
        ? createServer({ ...options, allowHalfOpen: true, pauseOnConnect: true })
        : createTlsServer({ ...tls, ...options });
    this.server.on(tls === null ? 'connection' : 'secureConnection', (socket: NetSocket) =>
      this.arrived(socket),
    );
    // A connection that could not be accepted has nobody to be told to.
    this.server.on('error', () => {});
  }

  /** Waits until it listens. @throws OSError with `EADDRINUSE` and the like when it cannot @internal */
  *listen(address: Address): Coroutine {
    const { server, backlog } = this;
    const listening = new Waiter<void>();
    const failed = (error: unknown): void => void listening.fail(ofNode(error));
    const begun = (): void => void listening.wake();
    server.once('error', failed).once('listening', begun);
    try {
      if (typeof address === 'string') server.listen({ path: address, backlog });
      else {
        const [host, port] = address;
        server.listen({
          host: host === '' ? '0.0.0.0' : host,
          port,
          backlog,
          ipv6Only: host.includes(':'),
          exclusive: true,
        });
      }
      yield* listening;
    } finally {
      server.off('error', failed).off('listening', begun);
    }
    const bound = server.address();
    this.place =
      bound === null || typeof bound === 'string' ? (bound ?? '') : addressOf(bound.address, bound.port);
  }

  /** Takes the next connection; null when none has come. @throws OSError with `EBADF` when it has been closed @internal */
  tryAccept(): Arrival | null {
    this.checkOpen('accept');
    if (this.queue.length === 0) return null;
    const socket = this.queue.shift();
    if (this.queue.length === 0) this.events &= ~POLLIN;
    return [socket, addressOf(socket.remoteAddress, socket.remotePort)];
  }

  /** Where it listens. */
  getsockname(): Address {
    return this.place;
  }

  /** Listens no more, and breaks off what nobody has taken. A second time does nothing. */
  close(): void {
    if (this.closed) return;
    this.retire();
    this.server.close(() => {});
    while (this.queue.length > 0) breakOff(this.queue.shift());
  }

  /** Whether the program lives on for it. @internal */
  hold(on: boolean): void {
    if (on) this.server.ref();
    else this.server.unref();
  }

  /** @internal */
  override describe(): string {
    return this.closed ? 'listening socket' : `listening socket ${this.fileno()}`;
  }

  private arrived(socket: NetSocket): void {
    // That its client has gone is found out by whoever takes it.
    socket.on('error', ignore);
    if (this.closed || this.queue.length >= Math.max(this.backlog, FEWEST)) {
      breakOff(socket);
      return;
    }
    socket.pause();
    this.queue.push(socket);
    this.edge(POLLIN);
  }
}

/** Ends a connection so that its client hears of it as a reset, where there is a way to tell. @internal */
export function breakOff(socket: NetSocket): void {
  if (socket.remoteFamily === undefined || 'encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function ignore(): void {}

function ofNode(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? new OSError(code, message, { cause: error }) : error;
}
