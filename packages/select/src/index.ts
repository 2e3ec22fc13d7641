export type { Address } from './address.ts';
export {
  createConnection,
  createServer,
  socketpair,
  type ConnectionOptions,
  type ServerOptions,
} from './connect.ts';
export {
  type AddressFamily,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_BROADCAST,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from './constants.ts';
export { sockRecvfrom, sockSendto } from './datagram-operations.ts';
export { type Datagram, DatagramSocket } from './dgram.ts';
export { Epoll, type EpollOptions } from './epoll.ts';
export {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  KeyError,
  OSError,
  PermissionError,
  RuntimeError,
  SSLError,
  TimeoutError,
} from './errors.ts';
export {
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
} from './events.ts';
export type { FileObject } from './files.ts';
export type { Limit } from './limits.ts';
export {
  epoll,
  fromServer,
  fromSocket,
  fromStream,
  type MakeEpoll,
  type MakePoll,
  type MakeSocket,
  poll,
  socket,
  wrapSocket,
  type WrapOptions,
} from './make.ts';
export { sockAccept, sockConnect, sockRecv, sockRecvInto, sockSendall } from './operations.ts';
export { Poll } from './poll.ts';
export { Pollable } from './pollable.ts';
export { select, selectNowait } from './select.ts';
export { DefaultSelector, EVENT_READ, EVENT_WRITE, type Selected, SelectorKey } from './selectors.ts';
export { selectors } from './namespace.ts';
export { Socket } from './socket.ts';
export { StreamSocket } from './stream.ts';
