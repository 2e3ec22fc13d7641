import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isInterrupt, until, type Coroutine, type Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import type { Address } from './address.ts';
import { checkAddress } from './address.ts';
import { AF_INET, AF_INET6, AF_UNIX, type AddressFamily } from './constants.ts';
import { fromNode, osError } from './errors.ts';
import type { WrapOptions } from './make.ts';
import { sockAccept, sockConnect } from './operations.ts';
import { Socket } from './socket.ts';

/** How to connect. */
export interface ConnectionOptions {
  /** Milliseconds for each address of the peer, and then what `settimeout` sets; null or left out for no limit. */
  timeout?: number | null | undefined;
  /** The address to connect from. */
  sourceAddress?: Address | undefined;
  /** Speak TLS: as for `tls.connect`. */
  tls?: WrapOptions | undefined;
}

/** How to listen. */
export interface ServerOptions {
  /** `AF_INET`, the default, or `AF_INET6`; a path is `AF_UNIX`. */
  family?: AddressFamily | undefined;
  /** How many connections may wait to be accepted. */
  backlog?: number | undefined;
  /** Speak TLS: as for `tls.createServer`. */
  tls?: WrapOptions | undefined;
}

/**
 * Connects to the first address of a host that answers, or to a path.
 *
 * @returns the socket, connected
 * @throws GaiError when the name has no address; the error of the last address when none answers
 *
 * Python: `socket.create_connection`.
 */
export function createConnection(address: Address, options: ConnectionOptions = {}): Waitable<Socket> {
  checkAddress(address, typeof address === 'string' ? AF_UNIX : AF_INET, 'createConnection');
  return new Block('createConnection', () => connectTo(address, options));
}

function* connectTo(address: Address, options: ConnectionOptions): Coroutine<Socket> {
  if (typeof address === 'string') return yield* attempt(AF_UNIX, address, options);
  const [host, port] = address;
  let last: unknown = osError('ENOTFOUND', `createConnection: ${host} has no address`);
  for (const [family, ip] of yield* addresses(host === '' ? 'localhost' : host)) {
    // The certificate is for the name, not for the number that it was looked up as.
    const tls = options.tls && { ...(isIP(host) === 0 ? { servername: host } : {}), ...options.tls };
    try {
      return yield* attempt(family, [ip, port], { ...options, tls });
    } catch (error) {
      if (isInterrupt(error)) throw error;
      last = error;
    }
  }
  throw last;
}

function* addresses(host: string): Coroutine<[AddressFamily, string][]> {
  const version = isIP(host);
  if (version !== 0) return [[version === 6 ? AF_INET6 : AF_INET, host]];
  try {
    const found = yield* until(lookup(host, { all: true }));
    return found.map(({ address, family }) => [family === 6 ? AF_INET6 : AF_INET, address]);
  } catch (error) {
    throw isInterrupt(error) ? error : fromNode(error);
  }
}

function* attempt(family: AddressFamily, address: Address, options: ConnectionOptions): Coroutine<Socket> {
  const socket = new Socket(family);
  let made = false;
  try {
    socket.settimeout(options.timeout ?? null);
    if (options.sourceAddress !== undefined) socket.bind(options.sourceAddress);
    if (options.tls !== undefined) socket.encrypt(options.tls);
    yield* sockConnect(socket, address);
    made = true;
    return socket;
  } finally {
    if (!made) socket.close();
  }
}

/**
 * Listens at an address, `['127.0.0.1', 8000]`, with port 0 for one that is free, or a path.
 *
 * @returns the socket, listening
 * @throws OSError with `EADDRINUSE` and the like when it cannot
 *
 * Python: `socket.create_server`.
 */
export function createServer(address: Address, options: ServerOptions = {}): Waitable<Socket> {
  const family = typeof address === 'string' ? AF_UNIX : (options.family ?? AF_INET);
  checkAddress(address, family, 'createServer');
  return new Block('createServer', () => listenAt(family, address, options));
}

function* listenAt(family: AddressFamily, address: Address, options: ServerOptions): Coroutine<Socket> {
  const socket = new Socket(family);
  let made = false;
  try {
    socket.bind(address);
    if (options.tls !== undefined) socket.encrypt(options.tls);
    yield* socket.listen(options.backlog);
    made = true;
    return socket;
  } finally {
    if (!made) socket.close();
  }
}

/**
 * Two sockets that are connected with each other, by way of TCP on this machine.
 *
 * Python: `socket.socketpair`.
 */
export function socketpair(): Waitable<[Socket, Socket]> {
  return new Block('socketpair', pair);
}

function* pair(): Coroutine<[Socket, Socket]> {
  using server = yield* createServer(['127.0.0.1', 0]);
  const near = yield* createConnection(server.getsockname());
  const own = near.getsockname();
  try {
    for (;;) {
      const [far, address] = yield* sockAccept(server);
      if (address[0] === own[0] && address[1] === own[1]) return [near, far];
      // Somebody else on this machine was faster.
      far.close();
    }
  } catch (error) {
    near.close();
    throw error;
  }
}
