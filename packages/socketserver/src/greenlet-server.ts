import type { Address } from '@switchyard/select';
import type { Hook } from './hook.ts';
import type { Socket } from '@switchyard/gevent';
import { TCPServer } from './tcp-server.ts';

/**
 * A server that handles each connection in a greenlet of its own: thousands of them at a time, in one thread.
 *
 * Python: what `socketserver.ThreadingTCPServer` becomes with gevent's `monkey.patch_all()`.
 */
export class GreenletTCPServer extends TCPServer {
  override processRequest(request: Socket, clientAddress: Address): Hook<void> {
    this.launch(request, clientAddress);
  }
}
