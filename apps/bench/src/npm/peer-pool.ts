import { PEERS } from './load.ts';

/** How many workers every pool has, whoever makes it. */
export const WORKERS = 2;

/** A peer's pool of workers, as the rows use all of them. Its methods add nothing to the promise that the peer gives. */
export interface PeerPool {
  /** Calls a function of `peers/workers/functions.mjs` in a worker. */
  call(name: string, value: unknown): PromiseLike<unknown>;
  /** Calls it for each of the values; absent where the peer has no such thing. */
  map?(name: string, values: readonly unknown[]): PromiseLike<unknown[]>;
  close(): unknown;
}

/** One whose workers are threads. */
export interface ThreadPeerPool extends PeerPool {
  /** Calls a function in a worker with a buffer that moves instead of being copied. */
  move(name: string, buffer: ArrayBuffer): PromiseLike<unknown>;
}

/** A module of `peers/workers/`: plain JavaScript, because workers load it without a build. */
export const workerModule = (file: string): URL => new URL(`workers/${file}`, PEERS);
