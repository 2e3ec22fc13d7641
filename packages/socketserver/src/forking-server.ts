import { checkPath } from './address.ts';
import { ProcessWay } from './process-way.ts';
import type { Way } from './way.ts';
import { WorkerServer } from './worker-server.ts';

/**
 * A server whose connections are handled in child processes. These are started once, as many as `maxChildren` says, and not for
 * each connection, as to start one takes Node a hundred times as long as it takes Python; each handles many connections, every one
 * in a greenlet of its own. They get the connections themselves, of which nothing has been read, and speak TLS themselves.
 *
 * Python: `socketserver.ForkingTCPServer`.
 */
export class ForkingTCPServer extends WorkerServer {
  /** @internal */
  protected override get spokenHere(): boolean {
    return false;
  }

  /** @internal */
  protected override openWay(name: string): Way {
    return new ProcessWay(name);
  }
}

/** As `ForkingTCPServer`, at the path of a Unix socket. Python: `socketserver.ForkingUnixStreamServer`. */
export class ForkingUnixStreamServer extends ForkingTCPServer {
  /** @internal */
  protected override checkAddress(address: unknown): void {
    checkPath(address, this.constructor.name);
  }
}
