import type { Socket as NetSocket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { show } from '@switchyard/greenlet/scheduler';
import { Socket } from '@switchyard/gevent';
import type { Coroutine } from '@switchyard/hub';
import { type Address, OSError, type Pollable, SHUT_WR } from '@switchyard/select';
import { checkHostAndPort } from './address.ts';
import { BaseServer } from './base-server.ts';
import type { Hook } from './hook.ts';
import { breakOff, ListeningSocket } from './listening-socket.ts';
import type { ServerOptions } from './options.ts';
import type { HandlerClass } from './request-handler.ts';

/** What servers of connections take. */
export interface StreamServerOptions extends ServerOptions {
  /** How many connections may wait to be taken: 4096 when left out. Those beyond that, and beyond 128, are reset. */
  requestQueueSize?: number | undefined;
  /** Whether an address may be taken of which connections linger. Node allows that always: false changes nothing. */
  allowReuseAddress?: boolean | undefined;
  /** Speak TLS: options of `tls.createServer`, such as `key` and `cert`. */
  tls?: TlsOptions | undefined;
}

const QUEUE_SIZE = 4096;

/**
 * A server that handles one connection after the other, as Python's does: others wait until the one before has ended.
 *
 * ```ts
 * class Echo extends StreamRequestHandler {
 *   override *handle(): Coroutine {
 *     yield* this.wfile.write(yield* this.rfile.readline());
 *   }
 * }
 * await new TCPServer(['127.0.0.1', 8000], Echo).serveForever();
 * ```
 *
 * Python: `socketserver.TCPServer`.
 */
export class TCPServer<R extends Socket | NetSocket = Socket> extends BaseServer<R> {
  /** How many connections may wait to be taken. */
  requestQueueSize: number;
  /** Whether an address may be taken of which connections linger. Node allows that always. */
  allowReuseAddress: boolean;
  /** What it listens with; null before it has been bound. */
  socket: ListeningSocket | null;
  /** @internal */
  protected readonly tls: TlsOptions | null;

  /**
   * @param address `['127.0.0.1', 8000]`; host `''` for all addresses of this machine, port 0 for one that is free
   * @throws TypeError for another address, handler or option; RangeError for a port or a number that cannot be
   */
  constructor(address: Address, Handler: HandlerClass, options: StreamServerOptions = {}) {
    super(address, Handler, options);
    this.checkAddress(address);
    const { requestQueueSize = QUEUE_SIZE } = options;
    if (!Number.isInteger(requestQueueSize) || requestQueueSize < 1) {
      throw new RangeError(
        `Expected a whole number from 1 up as the requestQueueSize of ${new.target.name}, got ${show(requestQueueSize)}`,
      );
    }
    this.requestQueueSize = requestQueueSize;
    this.allowReuseAddress = options.allowReuseAddress ?? true;
    this.tls = options.tls ?? null;
    this.socket = null;
    this.beginUnless(options);
  }

  override *serverBind(): Coroutine {
    this.socket = new ListeningSocket(this.spokenHere ? this.tls : null, this.requestQueueSize);
    yield* this.socket.listen(this.serverAddress);
    this.serverAddress = this.socket.getsockname();
  }

  override serverActivate(): Hook<void> {}

  override getRequest(): Hook<readonly [request: R, clientAddress: Address] | null> {
    const arrival = this.socket?.tryAccept() ?? null;
    return arrival === null ? null : [new Socket(arrival[0]) as R, arrival[1]];
  }

  override processRequest(request: R, clientAddress: Address): Hook<void> {
    return this.launch(request, clientAddress).wait();
  }

  override shutdownRequest(request: R): Hook<void> {
    if (request instanceof Socket && !request.closed) {
      try {
        request.shutdown(SHUT_WR);
      } catch (error) {
        // The client was faster.
        if (!(error instanceof OSError)) throw error;
      }
    }
    return this.closeRequest(request);
  }

  override closeRequest(request: R): Hook<void> {
    if (request instanceof Socket) request.close();
    else breakOff(request);
  }

  /** Whether TLS is spoken by this thread. @internal */
  protected get spokenHere(): boolean {
    return true;
  }

  /** @internal */
  protected checkAddress(address: unknown): void {
    checkHostAndPort(address, this.constructor.name);
  }

  /** @internal */
  protected override get listener(): Pollable | null {
    return this.socket;
  }

  /** @internal */
  protected override closeListener(): void {
    this.socket?.close();
  }

  /** @internal */
  protected override hold(on: boolean): void {
    this.socket?.hold(on);
  }
}
