import { checkPath } from './address.ts';
import { TCPServer } from './tcp-server.ts';

/**
 * As `TCPServer`, at the path of a Unix socket: a client has no address, `''`. The path is gone when the server is closed.
 *
 * Python: `socketserver.UnixStreamServer`.
 */
export class UnixStreamServer extends TCPServer {
  /** @internal */
  protected override checkAddress(address: unknown): void {
    checkPath(address, this.constructor.name);
  }
}
