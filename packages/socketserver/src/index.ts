export { register } from '@switchyard/remote';
export { BaseServer } from './base-server.ts';
export { DatagramReader, DatagramWriter } from './datagram-files.ts';
export { DatagramRequestHandler, type DatagramRequest } from './datagram-handler.ts';
export { RequestError, WorkerError } from './errors.ts';
export { ForkingTCPServer, ForkingUnixStreamServer } from './forking-server.ts';
export { GreenletTCPServer } from './greenlet-server.ts';
export type { Hook } from './hook.ts';
export { type Arrival, ListeningSocket } from './listening-socket.ts';
export {
  type AnyHandlerClass,
  BaseRequestHandler,
  type HandlerClass,
  type ServerView,
} from './request-handler.ts';
export type { ServeOptions, ServerOptions, ShutdownOptions } from './options.ts';
export { StreamRequestHandler } from './stream-handler.ts';
export { type StreamServerOptions, TCPServer } from './tcp-server.ts';
export {
  type ThreadingServerOptions,
  ThreadingTCPServer,
  ThreadingUnixStreamServer,
} from './threading-server.ts';
export { type DatagramServerOptions, UDPServer } from './udp-server.ts';
export { UnixStreamServer } from './unix-server.ts';
export { WorkerServer, type WorkerServerOptions } from './worker-server.ts';
