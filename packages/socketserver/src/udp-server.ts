import { show } from '@switchyard/greenlet/scheduler';
import { datagram, type DatagramSocket } from '@switchyard/gevent';
import type { Coroutine } from '@switchyard/hub';
import type { Address, Pollable } from '@switchyard/select';
import { checkHostAndPort } from './address.ts';
import { BaseServer } from './base-server.ts';
import type { DatagramRequest } from './datagram-handler.ts';
import type { Hook } from './hook.ts';
import type { ServerOptions } from './options.ts';
import type { HandlerClass } from './request-handler.ts';

/** What a server of messages takes. */
export interface DatagramServerOptions extends ServerOptions {
  /** How many bytes of a message are kept, the rest is lost: 8192 when left out. */
  maxPacketSize?: number | undefined;
}

const PACKET_SIZE = 8192;

/**
 * A server that handles one message after the other, UDP. A request is the message, and the socket to answer with.
 *
 * Python: `socketserver.UDPServer`.
 */
export class UDPServer extends BaseServer<DatagramRequest> {
  /** How many bytes of a message are kept. */
  maxPacketSize: number;
  /** What it receives and sends with; null before it has been bound. */
  socket: DatagramSocket | null;

  /** @throws as for a `TCPServer` */
  constructor(address: Address, Handler: HandlerClass<DatagramRequest>, options: DatagramServerOptions = {}) {
    super(address, Handler, options);
    const who = new.target.name;
    checkHostAndPort(address, who);
    const { maxPacketSize = PACKET_SIZE } = options;
    if (!Number.isInteger(maxPacketSize) || maxPacketSize < 1) {
      throw new RangeError(
        `Expected a whole number from 1 up as the maxPacketSize of ${who}, got ${show(maxPacketSize)}`,
      );
    }
    this.maxPacketSize = maxPacketSize;
    this.socket = null;
    this.beginUnless(options);
  }

  override *serverBind(): Coroutine {
    this.socket = yield* datagram(this.serverAddress);
    this.serverAddress = this.socket.getsockname();
  }

  override serverActivate(): Hook<void> {}

  override getRequest(): Hook<readonly [request: DatagramRequest, clientAddress: Address] | null> {
    const { socket } = this;
    const taken = socket?.wire.tryRecvfrom(this.maxPacketSize) ?? null;
    return taken === null ? null : [[taken[0], socket as DatagramSocket], taken[1]];
  }

  override processRequest(request: DatagramRequest, clientAddress: Address): Hook<void> {
    return this.launch(request, clientAddress).wait();
  }

  override shutdownRequest(request: DatagramRequest): Hook<void> {
    return this.closeRequest(request);
  }

  override closeRequest(_request: DatagramRequest): Hook<void> {}

  /** @internal */
  protected override get listener(): Pollable | null {
    return this.socket?.wire ?? null;
  }

  /** @internal */
  protected override closeListener(): void {
    this.socket?.close();
  }

  /** @internal */
  protected override hold(_on: boolean): void {
    // One that is bound keeps the program alive until it is closed.
  }
}
