import type { Coroutine } from '@switchyard/hub';
import { follow } from '@switchyard/hub/core';
import type { Socket } from '@switchyard/gevent';
import type { Address } from '@switchyard/select';
import type { Hook } from './hook.ts';

/** What a handler sees of its server. In another thread or process that is a copy, and all there is of the server. */
export interface ServerView {
  /** Where the server is. */
  readonly serverAddress: Address;
  /** What was passed to the server as `shared`. */
  readonly shared: unknown;
}

/**
 * Handles a request: a connection, or a message. A subclass defines `handle`, as a generator, an async or a plain method;
 * `setup` comes before it, and `finish` after it, however it ends.
 *
 * ```ts
 * class Hello extends BaseRequestHandler {
 *   override *handle(): Coroutine {
 *     yield* this.request.sendall('hello\n');
 *   }
 * }
 * ```
 *
 * The server calls the three, and not the constructor, as in Python: a constructor cannot wait. For a server with threads or
 * processes the class is named: `register(import.meta, Hello)`.
 *
 * Python: `socketserver.BaseRequestHandler`.
 */
export class BaseRequestHandler<R = Socket> {
  /** The connection: a socket to wait for. For a `UDPServer` the message, and the socket to answer with. */
  readonly request: R;
  /** Where the client is. */
  readonly clientAddress: Address;
  /** The server; in another thread or process, what is known of it there. */
  readonly server: ServerView;

  constructor(request: R, clientAddress: Address, server: ServerView) {
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
  }

  /** Called before `handle`. */
  setup(): Hook<void> {}

  /** Handles the request. */
  handle(): Hook<void> {}

  /** Called after `handle`, also when that has failed; not when `setup` has. */
  finish(): Hook<void> {}
}

/** A class of handlers. */
export type HandlerClass<R = Socket> = new (
  request: R,
  clientAddress: Address,
  server: ServerView,
) => BaseRequestHandler<R>;

/** A class of handlers, whatever they handle. */
export type AnyHandlerClass = new (
  request: never,
  clientAddress: Address,
  server: ServerView,
) => BaseRequestHandler<unknown>;

/** Has a request handled. @internal */
export function* handled(handler: BaseRequestHandler<unknown>): Coroutine {
  yield* follow(() => handler.setup());
  try {
    yield* follow(() => handler.handle());
  } finally {
    yield* follow(() => handler.finish());
  }
}
