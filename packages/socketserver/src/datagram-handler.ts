import type { DatagramSocket } from '@switchyard/gevent';
import type { Coroutine } from '@switchyard/hub';
import { DatagramReader, DatagramWriter } from './datagram-files.ts';
import { BaseRequestHandler } from './request-handler.ts';

/** What a `UDPServer` has handled: a message, and the socket to answer with. */
export type DatagramRequest = readonly [packet: Buffer, socket: DatagramSocket];

/**
 * Handles a message by way of two files: `rfile` to read it, `wfile` for the answer, which is sent as one message at the end,
 * if anything was written.
 *
 * Python: `socketserver.DatagramRequestHandler`, which answers also with nothing.
 */
export class DatagramRequestHandler extends BaseRequestHandler<DatagramRequest> {
  /** The message. Set by `setup`, as the others are. */
  declare packet: Buffer;
  /** What it came by. */
  declare socket: DatagramSocket;
  declare rfile: DatagramReader;
  declare wfile: DatagramWriter;

  override *setup(): Coroutine {
    [this.packet, this.socket] = this.request;
    this.rfile = new DatagramReader(this.packet);
    this.wfile = new DatagramWriter();
  }

  /** Sends the answer. */
  override *finish(): Coroutine {
    const answer = this.wfile.getvalue();
    if (answer.length > 0) yield* this.socket.sendto(answer, this.clientAddress);
  }
}
