export { type Coroutine, getcurrent, GreenletExit } from '@switchyard/greenlet';
export {
  all,
  idle,
  isInterrupt,
  type Outcome,
  race,
  settled,
  shield,
  sleep,
  type Target,
  Timeout,
  until,
  type Waitable,
  withTimeout,
} from '@switchyard/hub';
export { AsyncResult, Event, type GetOptions } from './event.ts';
export { Greenlet, type LinkTarget, spawn, spawnLater } from './greenlet.ts';
export type { KillOptions } from './kill.ts';
export { spawnRaw } from './spawn-raw.ts';
export { Group } from './group.ts';
export type { GroupJoinOptions } from './members.ts';
export { type IMap, type MapOptions, type Source } from './imap.ts';
export type { Waitlike } from './linkable.ts';
export { Barrier, type BarrierOptions } from './barrier.ts';
export { Condition } from './condition.ts';
export { type AcquireOptions, BoundedSemaphore, type Held, Lock, Semaphore } from './lock.ts';
export { RLock } from './rlock.ts';
export { type GreenletClass, Pool, PoolFull, type PoolOptions } from './pool.ts';
export { BrokenBarrierError, Empty, Full, RuntimeError, ShutDown } from '@switchyard/hub/core';
export { Channel } from './channel.ts';
export { LifoQueue } from './lifo-queue.ts';
export { PriorityQueue } from './priority-queue.ts';
export { JoinableQueue, Queue } from './queue.ts';
export { type QueueOptions, SimpleQueue } from './simple-queue.ts';
export { type IWait, iwait } from './iwait.ts';
export { Local } from './local.ts';
export { kill, killall, type KillallOptions } from './killall.ts';
export { joinall, type JoinallOptions, wait, type WaitOptions } from './wait.ts';
export { type BackdoorOptions, BackdoorServer } from './backdoor.ts';
export { type BlockingDetector, type BlockingOptions, detectBlocking } from './blocking.ts';
export { main, type MainOptions } from './main.ts';
export * as monkey from './monkey.ts';
export { type Nursery, nursery } from './nursery.ts';
export { formatRunInfo, printRunInfo } from './run-info.ts';
export { type SignalHandler, signalHandler } from './signal-handler.ts';
export { type HttpHandle, httpHandler, type HttpHandlerOptions, type HttpListener } from './http-handler.ts';
export type { ServerAddress, StreamListener } from './server/address.ts';
export { BaseServer, type ServerOptions, type StopOptions } from './server/base.ts';
export { type DatagramHandle, DatagramServer } from './server/datagram.ts';
export type { SpawnOption } from './server/spawner.ts';
export { type StreamHandle, StreamServer, type StreamServerOptions } from './server/stream.ts';
export { connect, type ConnectOptions, listen, type ListenOptions, socketpair } from './socket/connect.ts';
export { datagram, DatagramSocket } from './socket/datagram.ts';
export { IncompleteReadError, LimitOverrunError } from './socket/errors.ts';
export { type LineOptions, Lines, type LinesOptions } from './socket/lines.ts';
export { socket } from './socket/namespace.ts';
export { type ReaderOptions, SocketReader } from './socket/reader.ts';
export { Socket } from './socket/socket.ts';
export { SocketWriter, type WriterOptions } from './socket/writer.ts';
export { closeConnections, Connections, type ConnectionsOptions } from './fetch/connections.ts';
export {
  BodyLimitError,
  DecompressionError,
  FetchError,
  type FetchErrorDetails,
  type FetchPhase,
  FetchTimeoutError,
  RedirectError,
} from './fetch/errors.ts';
export { fetch } from './fetch/fetch.ts';
export type { FetchInit, FetchTarget, FetchTimeouts } from './fetch/options.ts';
export type { FetchBody } from './fetch/request-body.ts';
export type { FetchHeaders } from './fetch/request-headers.ts';
export { Chunks, Response } from './fetch/response.ts';
