import type { Coroutine } from '@switchyard/hub';
import type { Socket, SocketReader, SocketWriter } from '@switchyard/gevent';
import { OSError } from '@switchyard/select';
import { BaseRequestHandler } from './request-handler.ts';

/**
 * Handles a connection by way of two files: `rfile` to read, `wfile` to write.
 *
 * ```ts
 * class Upper extends StreamRequestHandler {
 *   override *handle(): Coroutine {
 *     const line = yield* this.rfile.readline({ encoding: 'utf8' });
 *     yield* this.wfile.write(line.toUpperCase());
 *   }
 * }
 * ```
 *
 * Python: `socketserver.StreamRequestHandler`.
 */
export class StreamRequestHandler extends BaseRequestHandler<Socket> {
  /** How many bytes `wfile` keeps before it sends them; 0, as it is to begin with, to send each piece at once. */
  wbufsize: number = 0;
  /** How long each wait of the connection takes at most, in ms; null for no limit. */
  timeout: number | null = null;
  /** The same as `request`. Set by `setup`, as the two files are. */
  declare connection: Socket;
  /** What the client sends. */
  declare rfile: SocketReader;
  /** What is sent to the client. */
  declare wfile: SocketWriter;

  override *setup(): Coroutine {
    this.connection = this.request;
    if (this.timeout !== null) this.connection.settimeout(this.timeout);
    this.rfile = this.connection.makefile('rb');
    this.wfile = this.connection.makefile('wb', { buffering: this.wbufsize });
  }

  /** Sends what `wfile` has kept. That the client has gone by then is no error. */
  override *finish(): Coroutine {
    if (this.wfile.closed) return;
    try {
      yield* this.wfile.close();
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
  }
}
