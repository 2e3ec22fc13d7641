/**
 * The wire between a server and the threads or processes that handle its requests. Messages are arrays that begin with their
 * kind and the number of the connection that they are about. A thread gets and sends all of them on one port; a process gets
 * its own by Node's channel, with the connection itself, and tells what becomes of it as events of its one task.
 */
import type { Address } from '@switchyard/select';
import type { WireError } from '@switchyard/remote/core';

// To a worker.

/** Handle a connection: [kind, id, address of the client, address of the server if its bytes are relayed, the connection if not]. */
export const GIVE = 0;
/** End the handler of a connection: [kind, id]. */
export const KILL = 1;

// From a worker.

/** Ready for connections: [kind]. */
export const READY = 2;
/** A connection has arrived, and its handler is about to begin: [kind, id]. */
export const TAKEN = 3;
/** A handler has ended, and its connection is closed: [kind, id, error if there was one]. */
export const DONE = 4;

// Either way, of a connection whose bytes are relayed.

/** Bytes: [kind, id, bytes]. */
export const DATA = 5;
/** So many bytes have been passed on, and as many more may come: [kind, id, number]. */
export const PASSED = 6;
/** There will be no more bytes: [kind, id]. */
export const END = 7;
/** The connection is closed: [kind, id, code and message of the error, or whether it is to be reset]. */
export const GONE = 8;

/** So many bytes of a connection may be on their way in a direction. */
export const WINDOW = 262_144;

export type RelayMessage =
  | readonly [typeof DATA, number, Uint8Array]
  | readonly [typeof PASSED, number, number]
  | readonly [typeof END, number]
  | readonly [typeof GONE, number, boolean | readonly [code: string, message: string]];

export type ToWorker =
  | readonly [typeof GIVE, number, Address, Address | null, unknown?]
  | readonly [typeof KILL, number]
  | RelayMessage;

export type FromWorker =
  | readonly [typeof READY]
  | readonly [typeof TAKEN, number]
  | readonly [typeof DONE, number, WireError?]
  | RelayMessage;

/** Where messages go. */
export interface Outlet {
  postMessage(message: ToWorker | FromWorker, transfers?: readonly never[]): void;
}

/** Bytes, moved if nothing else shares their memory. @internal */
export function postBytes(outlet: Outlet, id: number, bytes: Uint8Array): void {
  // A small piece is part of a larger buffer, which would be copied whole.
  const alone = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  outlet.postMessage([DATA, id, alone], [alone.buffer as never]);
}
