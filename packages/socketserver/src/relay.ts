import type { Socket as NetSocket } from 'node:net';
import { breakOff } from './listening-socket.ts';
import { DATA, END, GONE, type Outlet, PASSED, postBytes, type RelayMessage, WINDOW } from './wire.ts';

/** The end of a relayed connection that has the socket. Neither direction runs further ahead than `WINDOW`. @internal */
export class Relay {
  private readonly outlet: Outlet;
  private readonly id: number;
  private readonly socket: NetSocket;
  /** Sent to the worker, and not passed on there. */
  private ahead: number;
  /** Whether the worker has closed it. */
  private closed: boolean;

  constructor(outlet: Outlet, id: number, socket: NetSocket) {
    this.outlet = outlet;
    this.id = id;
    this.socket = socket;
    this.ahead = 0;
    this.closed = false;
  }

  /** Begins, when the worker knows of it. */
  start(): void {
    const { socket, outlet, id } = this;
    socket
      .on('data', (bytes: Buffer) => {
        if (this.closed) {
          // The kernel answers what comes for a closed socket with a reset.
          breakOff(socket);
          return;
        }
        this.ahead += bytes.length;
        postBytes(outlet, id, bytes);
        if (this.ahead >= WINDOW) socket.pause();
      })
      .on('end', () => outlet.postMessage([END, id]))
      .on('error', (error: NodeJS.ErrnoException) => this.gone([error.code ?? 'EIO', error.message]))
      .on('close', () => this.gone(false));
    if (socket.destroyed) this.gone(['ECONNRESET', 'the connection was gone before it was handled']);
    else socket.resume();
  }

  receive(message: RelayMessage): void {
    const { socket } = this;
    switch (message[0]) {
      case DATA: {
        const { length } = message[2];
        socket.write(message[2], () => {
          if (!this.closed) this.outlet.postMessage([PASSED, this.id, length]);
        });
        return;
      }
      case PASSED:
        this.ahead -= message[2];
        if (this.ahead < WINDOW / 2 && socket.isPaused()) socket.resume();
        return;
      case END:
        socket.end();
        return;
      case GONE:
        this.closed = true;
        if (message[2] === true) breakOff(socket);
        else socket.destroySoon();
    }
  }

  /** The worker has ended. */
  cut(): void {
    this.closed = true;
    breakOff(this.socket);
  }

  private gone(why: boolean | readonly [string, string]): void {
    if (!this.closed) this.outlet.postMessage([GONE, this.id, why]);
    this.closed = true;
  }
}
