import { Readable } from 'node:stream';
import { fromStream, type Socket } from '@switchyard/select';

const BELL = Buffer.from('!');

/**
 * Ends a select from outside of it: what was not heard of by way of a socket, such as a look-up that is done. It is the pipe to
 * oneself that loops over `select` have always had, without the kernel in between.
 */
export class Wakeup {
  /** To be registered for reading. */
  readonly socket: Socket;
  readonly #stream: Readable;
  #rung = false;

  constructor() {
    this.#stream = new Readable({ read: () => {} });
    this.socket = fromStream(this.#stream);
  }

  /** Makes the socket readable. */
  ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.#stream.push(BELL);
  }

  /** The socket was readable: makes it wait for the next time. */
  clear(): void {
    this.#rung = false;
    this.socket.tryRecv(BELL.length);
  }

  close(): void {
    this.socket.close();
  }
}
