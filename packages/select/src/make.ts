import { Server, Socket as NetSocket } from 'node:net';
import { Readable, Writable, type Duplex } from 'node:stream';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { show } from '@switchyard/greenlet/scheduler';
import { AF_INET, AF_INET6, AF_UNIX, type AddressFamily, SOCK_DGRAM, SOCK_STREAM } from './constants.ts';
import { DatagramSocket } from './dgram.ts';
import { Epoll } from './epoll.ts';
import { osError } from './errors.ts';
import type { FileObject } from './files.ts';
import { Poll } from './poll.ts';
import { Socket } from './socket.ts';

/** What `socket` is: a function, which may be called with `new`. */
export interface MakeSocket {
  (family?: AddressFamily, type?: typeof SOCK_STREAM): Socket;
  (family: typeof AF_INET | typeof AF_INET6, type: typeof SOCK_DGRAM): DatagramSocket;
  new (family?: AddressFamily, type?: typeof SOCK_STREAM): Socket;
  new (family: typeof AF_INET | typeof AF_INET6, type: typeof SOCK_DGRAM): DatagramSocket;
}

/** What `epoll` is: a function, which may be called with `new`. */
export interface MakeEpoll {
  <F extends FileObject = Socket>(): Epoll<F>;
  new <F extends FileObject = Socket>(): Epoll<F>;
}

/** What `poll` is: a function, which may be called with `new`. */
export interface MakePoll {
  <F extends FileObject = Socket>(): Poll<F>;
  new <F extends FileObject = Socket>(): Poll<F>;
}

/**
 * A new socket: `AF_INET` (the default), `AF_INET6` or `AF_UNIX`; `SOCK_STREAM` (the default), or `SOCK_DGRAM` for UDP.
 *
 * @throws OSError with `EAFNOSUPPORT` or `EPROTONOSUPPORT` for what Node does not have
 *
 * Python: `socket.socket`.
 */
export const socket = function (
  family: AddressFamily = AF_INET,
  type: number = SOCK_STREAM,
): Socket | DatagramSocket {
  if (family !== AF_INET && family !== AF_INET6 && family !== AF_UNIX) {
    throw osError('EAFNOSUPPORT', `Expected AF_INET, AF_INET6 or AF_UNIX for socket, got ${show(family)}`);
  }
  if (type === SOCK_STREAM) return new Socket(family);
  if (type === SOCK_DGRAM && family !== AF_UNIX) return new DatagramSocket(family);
  throw osError(
    'EPROTONOSUPPORT',
    `Expected SOCK_STREAM, or SOCK_DGRAM without AF_UNIX, for socket, got ${show(type)}`,
  );
} as unknown as MakeSocket;

/** A new epoll. Python: `select.epoll`. */
export const epoll = function (): Epoll<never> {
  return new Epoll<never>();
} as unknown as MakeEpoll;

/** A new poll object. Python: `select.poll`. */
export const poll = function (): Poll<never> {
  return new Poll<never>();
} as unknown as MakePoll;

/**
 * A socket over a connection of Node's, which nobody else may read from any more: `net.Socket` or `tls.TLSSocket`, connected
 * or on the way.
 *
 * @throws TypeError when it is none
 */
export function fromSocket(carrier: NetSocket): Socket {
  if (!(carrier instanceof NetSocket)) {
    throw new TypeError(`Expected a net.Socket for fromSocket, got ${show(carrier)}`);
  }
  const made = new Socket(carrier.remoteFamily === 'IPv6' ? AF_INET6 : AF_INET);
  made.adopt(carrier);
  return made;
}

/**
 * A socket over a server of Node's, listening or about to, whose connections are accepted here: `net.Server` or `tls.Server`.
 *
 * @throws TypeError when it is none
 */
export function fromServer(server: Server): Socket {
  if (!(server instanceof Server)) {
    throw new TypeError(`Expected a net.Server for fromServer, got ${show(server)}`);
  }
  const bound = server.address();
  const family = typeof bound === 'string' ? AF_UNIX : bound?.family === 'IPv6' ? AF_INET6 : AF_INET;
  const made = new Socket(family);
  made.serve(server);
  return made;
}

/**
 * A socket over a stream of Node's: the output of a child process, `process.stdin`, a pipe. What it cannot do, receive or
 * send, it is never ready for.
 *
 * @throws TypeError when it is none
 */
export function fromStream(stream: Readable | Writable): Socket {
  if (!(stream instanceof Readable) && !(stream instanceof Writable)) {
    throw new TypeError(`Expected a stream for fromStream, got ${show(stream)}`);
  }
  const made = new Socket(AF_UNIX);
  made.adopt(stream as Duplex);
  return made;
}

/** What TLS needs: as for `tls.connect` on the client's side, as for `tls.createServer` on the server's. */
export type WrapOptions = ConnectionOptions &
  TlsOptions & {
    /** Of a connection that is there: whether the peer begins, and asks for a certificate. False when left out. */
    serverSide?: boolean | undefined;
  };

/**
 * Has a socket speak TLS: when it connects, in what it accepts when it listens, or from now on when it is connected
 * (STARTTLS). It is connected, and writable, or can be accepted, when both sides have agreed; what it receives is what has
 * been decrypted.
 *
 * @returns the same socket
 * @throws OSError with `EINVAL` when it listens, connects or speaks TLS already, has ended, or has something to receive
 *
 * Python: `ssl.SSLContext.wrap_socket`, and its `server_side`.
 */
export function wrapSocket(plain: Socket, options: WrapOptions = {}): Socket {
  if (!(plain instanceof Socket)) throw new TypeError(`Expected a socket for wrapSocket, got ${show(plain)}`);
  const { serverSide, ...rest } = options;
  plain.encrypt(rest, serverSide === true);
  return plain;
}
