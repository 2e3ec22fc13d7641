import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

// There is a socket for each direction. With one for both, a broker that writes to a process which has just been killed would
// have its socket closed for that, with all that this process had said before, and that the broker has not read yet.

/** What goes over a socket, as seen by the one that connected it. */
const SAYS = 0;
const HEARS = 1;
/** What both sockets of one client begin with: which of them it is, and a name that they have in common. */
const NAME = 16;
const HEAD = 1 + NAME;
/** How long the second may take to come, in milliseconds. */
const PATIENCE = 10_000;

/** The two sockets of a client. */
export interface TwoWays {
  /** What is read. */
  readonly incoming: Socket;
  /** Where it is written. */
  readonly outgoing: Socket;
}

/**
 * Connects both.
 *
 * @param knock makes a socket that has been let in
 * @internal
 */
export function connectBoth(
  knock: (done: (error: Error | null, socket: Socket) => void) => void,
  done: (error: Error | null, ways: TwoWays | null) => void,
): void {
  const name = randomBytes(NAME);
  knock((failed, outgoing) => {
    if (failed !== null) {
      done(failed, null);
      return;
    }
    outgoing.on('error', ignore);
    outgoing.write(Buffer.concat([Buffer.of(SAYS), name]));
    knock((error, incoming) => {
      if (error !== null) {
        outgoing.destroy();
        done(error, null);
        return;
      }
      incoming.write(Buffer.concat([Buffer.of(HEARS), name]));
      done(null, { incoming, outgoing });
    });
  });
}

/** The first socket of a client. */
interface Half {
  readonly way: number;
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
}

/** Where sockets come that have been let in, each by itself. @internal */
export class Entrance {
  private readonly waiting: Map<string, Half>;
  private readonly came: (ways: TwoWays) => void;

  /** @param came called with the sockets of a client, when both are there */
  constructor(came: (ways: TwoWays) => void) {
    this.waiting = new Map();
    this.came = came;
  }

  come(socket: Socket): void {
    let head = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), PATIENCE);
    timer.unref();
    const stop = (): void => {
      clearTimeout(timer);
      socket.off('data', hear);
      socket.off('close', stop);
    };
    const hear = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD) return;
      stop();
      socket.pause();
      if (head.length > HEAD) socket.unshift(head.subarray(HEAD));
      this.named(socket, head[0] as number, head.toString('hex', 1, HEAD));
    };
    socket.on('error', ignore);
    socket.on('data', hear);
    socket.on('close', stop);
  }

  private named(socket: Socket, way: number, name: string): void {
    const other = this.waiting.get(name);
    if (other === undefined) {
      const timer = setTimeout(() => socket.destroy(), PATIENCE);
      timer.unref();
      const half = { way, socket, timer };
      this.waiting.set(name, half);
      socket.once('close', () => {
        clearTimeout(timer);
        if (this.waiting.get(name) === half) this.waiting.delete(name);
      });
      return;
    }
    clearTimeout(other.timer);
    this.waiting.delete(name);
    if (other.way === way) {
      for (const one of [socket, other.socket]) one.destroy();
      return;
    }
    const [incoming, outgoing] = way === SAYS ? [socket, other.socket] : [other.socket, socket];
    this.came({ incoming, outgoing });
  }
}

function ignore(): void {}
