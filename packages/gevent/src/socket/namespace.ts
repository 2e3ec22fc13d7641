import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  GaiError,
  IPPROTO_TCP,
  OSError,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOL_SOCKET,
  SO_ERROR,
  SO_KEEPALIVE,
  TCP_NODELAY,
  TimeoutError,
} from '@switchyard/select';
import { connect, listen, socketpair } from './connect.ts';
import { datagram, DatagramSocket } from './datagram.ts';
import { Socket } from './socket.ts';

/** The names of Python's module `gevent.socket`, with those of its errors and constants that this has. */
export const socket = {
  Socket,
  DatagramSocket,
  connect,
  listen,
  socketpair,
  datagram,
  error: OSError,
  timeout: TimeoutError,
  gaierror: GaiError,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOL_SOCKET,
  SO_ERROR,
  SO_KEEPALIVE,
  TCP_NODELAY,
} as const;
