import { createServer, type Server, type Socket as NetSocket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Ring } from '@switchyard/hub/core';
import { fromNode, type OSError } from './errors.ts';
import { breakOff, type Carrier, onError } from './carrier.ts';

/** Who hears of a listener's connections. @internal */
export interface Host {
  /** A connection can be accepted. */
  arrived(): void;
  /** It listens. */
  listening(): void;
  /** It cannot listen, or could not accept a connection. */
  fail(error: OSError): void;
}

/** Node accepts one connection per turn of the loop and cannot be stopped, so that fewer would only be reset. */
const FEWEST = 128;

/** A `net.Server` and the connections that it has taken and nobody has accepted yet; their bytes stay in the kernel. @internal */
export class Listener {
  readonly server: Server;
  readonly queue: Ring<NetSocket & Carrier>;
  /** Whether what it accepts may be taken down by others: by TLS, or by who made the server. */
  readonly shared: boolean;
  private readonly most: number;
  private readonly host: Host;

  constructor(host: Host, server: Server, encrypted: boolean, own: boolean, backlog: number) {
    this.host = host;
    this.shared = encrypted || !own;
    this.server = server;
    this.queue = new Ring();
    this.most = Math.max(backlog, FEWEST);
    server.on(encrypted ? 'secureConnection' : 'connection', (socket: NetSocket) => this.enqueue(socket));
    server.on('listening', () => host.listening());
    server.on('error', (error: unknown) => host.fail(fromNode(error)));
  }

  /** Takes in nothing more, and breaks off what nobody has accepted. */
  close(): void {
    this.server.close(() => {});
    while (this.queue.length > 0) refuse(this.queue.shift());
  }

  private enqueue(socket: NetSocket): void {
    // One that its peer gives up meanwhile tells so when it is accepted.
    if (!this.server.listening || this.queue.length >= this.most) {
      refuse(socket);
      return;
    }
    socket.pause();
    socket.on('error', onError);
    this.queue.push(socket as NetSocket & Carrier);
    this.host.arrived();
  }
}

/** The server for a listener. @internal */
export function makeServer(tls: TlsOptions | null): Server {
  const options = { noDelay: true, highWaterMark: 65_536 };
  if (tls === null) return createServer({ ...options, allowHalfOpen: true, pauseOnConnect: true });
  // Half open only when both sides have agreed: a peer that leaves before that would stay for the whole handshake timeout.
  return createTlsServer({ ...tls, ...options });
}

function refuse(socket: NetSocket): void {
  socket.on('error', onError);
  breakOff(socket, true);
}
