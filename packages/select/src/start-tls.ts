import type { Socket as NetSocket } from 'node:net';
import {
  connect as tlsConnect,
  type ConnectionOptions,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';

/** What comes of it. @internal */
export interface Agreement {
  /** Both sides speak TLS now. */
  agreed(encrypted: TLSSocket): void;
  failed(error: unknown): void;
}

/**
 * Has a connection that is there speak TLS from now on.
 *
 * @param serverSide whether the peer is the one who begins, and asks for a certificate
 * @internal
 */
export function startTls(
  carrier: NetSocket,
  options: ConnectionOptions & TlsOptions,
  serverSide: boolean,
  { agreed, failed }: Agreement,
): void {
  // Half open only when both sides have agreed: a peer that leaves before that would stay for the whole handshake timeout.
  carrier.allowHalfOpen = false;
  if (!serverSide) {
    const encrypted = tlsConnect({ ...options, socket: carrier });
    encrypted.once('error', failed);
    encrypted.once('secureConnect', () => {
      encrypted.off('error', failed);
      agreed(encrypted);
    });
    return;
  }
  // A server that listens nowhere: it is given its one connection by hand.
  const server = createTlsServer(options);
  server.on('secureConnection', agreed);
  server.on('tlsClientError', failed);
  server.emit('connection', carrier);
}
