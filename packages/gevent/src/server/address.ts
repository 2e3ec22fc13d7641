import { Server } from 'node:net';
import { show } from '@switchyard/greenlet/scheduler';
import { type Address, fromServer, Socket as Wire } from '@switchyard/select';
import { Socket } from '../socket/socket.ts';

/**
 * Where a server listens: a port, `':8000'`, `'127.0.0.1:8000'`, `'[::1]:8000'`, `['127.0.0.1', 8000]` (port 0 for one that
 * is free), or the path of a Unix socket, which has a slash in it.
 */
export type ServerAddress = number | string | Address;

/** As it says, or a socket that listens, or is bound: ours, one of `@switchyard/select`, or a server of `node:net`. */
export type StreamListener = ServerAddress | Socket | Wire | Server;

/** The socket, if there is one. @internal */
export function listeningSocket(listener: unknown): Wire | null {
  if (listener instanceof Wire) return listener;
  if (listener instanceof Socket) return listener.wire;
  return listener instanceof Server ? fromServer(listener) : null;
}

/** Reads an address. @throws TypeError for what is none; RangeError for a port that cannot be @internal */
export function parseAddress(listener: unknown, who: string): Address {
  if (typeof listener === 'number') return ['', portOf(listener, listener, who)];
  if (Array.isArray(listener) && listener.length >= 2 && typeof listener[0] === 'string') {
    const [host, port] = listener as [string, unknown];
    return [host, portOf(port, listener, who)];
  }
  if (typeof listener !== 'string' || listener === '') {
    throw new TypeError(
      `Expected a port, 'host:port', [host, port], a path or a listening socket for ${who}, got ${show(listener)}`,
    );
  }
  if (listener.includes('/')) return listener;
  const colon = listener.lastIndexOf(':');
  const digits = listener.slice(colon + 1);
  const port = portOf(/^\d+$/.test(digits) ? Number(digits) : NaN, listener, who);
  const host = colon < 0 ? '' : listener.slice(0, colon);
  return [host === '*' ? '' : host.replace(/^\[(.*)\]$/, '$1'), port];
}

/** An address for messages. @internal */
export function formatAddress(address: Address): string {
  if (typeof address === 'string') return address === '' ? 'a client without a name' : address;
  const [host, port] = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function portOf(port: unknown, listener: unknown, who: string): number {
  if (Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535) return port as number;
  throw new RangeError(`Expected a port from 0 to 65535 for ${who}, got ${show(listener)}`);
}
