import type { Address } from '@switchyard/select';
import { checkPath } from './address.ts';
import type { HandlerClass } from './request-handler.ts';
import { ThreadWay } from './thread-way.ts';
import type { Hear, Way } from './way.ts';
import { WorkerServer, type WorkerServerOptions } from './worker-server.ts';

/** What servers with threads take. */
export interface ThreadingServerOptions extends WorkerServerOptions {
  /** Whether the bytes of connections are relayed also where Node can hand over the connection itself: false when left out. */
  relay?: boolean | undefined;
}

/**
 * A server whose connections are handled in worker threads. These are started once and used again, as many as `maxChildren`
 * says; each handles many connections, every one in a greenlet of its own.
 *
 * Where Node can hand a connection over to a thread (from 24.21 on) it does so. Otherwise the main thread passes the bytes on, and
 * neither direction runs ahead of the slower side. With TLS it does that always, and speaks TLS itself.
 *
 * ```ts
 * class Echo extends StreamRequestHandler { ... }
 * register(import.meta, Echo);
 * await new ThreadingTCPServer(['127.0.0.1', 8000], Echo).serveForever();
 * ```
 *
 * Python: `socketserver.ThreadingTCPServer`.
 */
export class ThreadingTCPServer extends WorkerServer {
  private readonly relays: boolean;

  /** @throws as for a `TCPServer`; TaskError for a handler class that is not registered */
  constructor(address: Address, Handler: HandlerClass, options: ThreadingServerOptions = {}) {
    super(address, Handler, options);
    this.relays = options.relay === true || this.tls !== null;
  }

  /** @internal */
  protected override openWay(name: string, hear: Hear): Way {
    return new ThreadWay(name, hear, this.relays);
  }
}

/** As `ThreadingTCPServer`, at the path of a Unix socket. Python: `socketserver.ThreadingUnixStreamServer`. */
export class ThreadingUnixStreamServer extends ThreadingTCPServer {
  /** @internal */
  protected override checkAddress(address: unknown): void {
    checkPath(address, this.constructor.name);
  }
}
