import { Timeout, type Coroutine, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import {
  type Address,
  type AddressFamily,
  createConnection,
  createServer,
  socketpair as wirepair,
  TimeoutError,
  type WrapOptions,
} from '@switchyard/select';
import { Socket } from './socket.ts';

/** How to connect. */
export interface ConnectOptions extends TimeoutOption {
  /** The address to connect from. */
  localAddress?: Address | undefined;
  /** Speak TLS: options of `tls.connect`. */
  tls?: WrapOptions | undefined;
}

/** How to listen. */
export interface ListenOptions {
  /** How many connections may wait to be accepted. */
  backlog?: number | undefined;
  /** `AF_INET`, the default, or `AF_INET6`; a path is `AF_UNIX`. */
  family?: AddressFamily | undefined;
  /** Speak TLS: options of `tls.createServer`. */
  tls?: WrapOptions | undefined;
}

/**
 * Connects to the first address of a host that answers, or to the path of a Unix socket; with `tls`, until both sides have
 * agreed.
 *
 * @param address `['127.0.0.1', 8000]`, or a path
 * @param options `timeout`: ms for all of it, and not for what is done with the socket afterwards
 * @returns the socket, connected
 * @throws GaiError when the name has no address; the error of the last address when none answers; TimeoutError
 *
 * Python: `gevent.socket.create_connection`.
 */
export function connect(address: Address, options: ConnectOptions = {}): Waitable<Socket> {
  const limit = checkTimeout(options, 'connect');
  const connection = createConnection(address, { sourceAddress: options.localAddress, tls: options.tls });
  return new Block('connect', function* (): Coroutine<Socket> {
    if (limit < 0) return new Socket(yield* connection);
    using timeout = Timeout.start(limit);
    try {
      return new Socket(yield* connection);
    } catch (error) {
      if (error !== timeout) throw error;
      throw new TimeoutError('ETIMEDOUT', `connect to ${String(address)} was not done within ${limit} ms`);
    }
  });
}

/**
 * Listens at an address: `['127.0.0.1', 8000]`, with port 0 for one that is free, or a path.
 *
 * @returns the socket, listening
 * @throws OSError with `EADDRINUSE` and the like when it cannot
 *
 * Python: `socket.create_server`.
 */
export function listen(address: Address, options: ListenOptions = {}): Waitable<Socket> {
  const listening = createServer(address, options);
  return new Block('listen', function* (): Coroutine<Socket> {
    return new Socket(yield* listening);
  });
}

/** Two sockets that are connected with each other. Python: `gevent.socket.socketpair`. */
export function socketpair(): Waitable<[Socket, Socket]> {
  return new Block('socketpair', function* (): Coroutine<[Socket, Socket]> {
    const [near, far] = yield* wirepair();
    return [new Socket(near), new Socket(far)];
  });
}
