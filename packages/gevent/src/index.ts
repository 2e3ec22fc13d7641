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
export { type AcquireOptions, BoundedSemaphore, type Held, Semaphore } from './lock.ts';
export { Pool, PoolFull } from './pool.ts';
export { JoinableQueue } from './joinable-queue.ts';
export { Empty, Full, Queue, type QueueOptions, ShutDown } from './queue.ts';
export { type IWait, iwait } from './iwait.ts';
export { kill, killall, type KillallOptions } from './killall.ts';
export { joinall, type JoinallOptions, wait, type WaitOptions } from './wait.ts';
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
