import type { Coroutine } from '@switchyard/hub';
import type { Wait } from '@switchyard/hub/core';
import {
  type Address,
  AF_INET,
  AF_INET6,
  createServer,
  OSError,
  sockAccept,
  type Socket as Wire,
  type WrapOptions,
} from '@switchyard/select';
import { Intake } from '../socket/intake.ts';
import { Socket } from '../socket/socket.ts';
import { formatAddress, listeningSocket, parseAddress, type StreamListener } from './address.ts';
import { BaseServer, type ServerOptions } from './base.ts';
import type { Service, Services } from './services.ts';

/** What serves a connection: a generator function, an async function or a plain function. */
export type StreamHandle = (socket: Socket, address: Address) => unknown;

/** What a `StreamServer` takes. */
export interface StreamServerOptions extends ServerOptions {
  /** How many connections may wait to be accepted. */
  backlog?: number | undefined;
  /** Speak TLS: options of `tls.createServer`, such as `key` and `cert`. */
  tls?: WrapOptions | undefined;
}

// Written as an interface, so that a subclass may define `*handle() {...}` over it.
export interface StreamServer {
  /** Serves a connection, which is closed when this has ended. A subclass may define it instead of passing a function. */
  handle(socket: Socket, address: Address): unknown;
}

type Accepted = [wire: Wire, address: Address];

/**
 * A server that has a greenlet for each connection: TCP, Unix, or TLS.
 *
 * ```ts
 * const server = new StreamServer(8000, function* (socket) {
 *   for (;;) {
 *     const bytes = yield* socket.recv();
 *     if (bytes.length === 0) return;
 *     yield* socket.sendall(bytes);
 *   }
 * });
 * await server.serveForever();
 * ```
 *
 * The connection is closed when its handler ends, however that is. An error of a handler closes its connection alone, and is
 * reported once, under the address of the client. With `spawn: 100`, or a `Pool`, no more than that are served at a time:
 * others wait to be accepted.
 *
 * Python: `gevent.server.StreamServer`.
 */
export class StreamServer extends BaseServer<Accepted> {
  private readonly given: Wire | null;
  private readonly backlog: number | undefined;
  private readonly tls: WrapOptions | undefined;
  private wire: Wire | null;

  /**
   * @param listener where to listen: a port, `'127.0.0.1:8000'`, `['127.0.0.1', 8000]`, a path, or a socket that listens
   * @param handle may be left out in a subclass that defines `handle`
   * @throws TypeError for another listener, handle or option; RangeError for a port that cannot be
   */
  constructor(listener: StreamListener, handle?: StreamHandle | null, options: StreamServerOptions = {}) {
    super(options);
    const who = new.target.name;
    this.setHandle(handle, who);
    this.given = listeningSocket(listener);
    if (this.given !== null && options.tls !== undefined) {
      throw new TypeError(
        `Expected no tls for a ${who} whose socket listens already: have that one speak TLS`,
      );
    }
    this.backlog = options.backlog;
    this.tls = options.tls;
    this.wire = this.given;
    this.place = this.given === null ? parseAddress(listener, who) : '';
  }

  /** The socket that it listens with; null while it does not. */
  override get socket(): Wire | null {
    return this.wire;
  }

  /** @internal */
  protected override *openListener(): Coroutine<Intake<never, Accepted>> {
    if (this.given !== null) yield* this.given.listen(this.backlog);
    else {
      const { place } = this;
      const family = typeof place !== 'string' && place[0].includes(':') ? AF_INET6 : AF_INET;
      this.wire = yield* createServer(place, { family, backlog: this.backlog, tls: this.tls });
    }
    // Once, as it is asked for with each connection.
    this.place = this.address;
    const coming = sockAccept(this.wire as Wire) as Wait<Accepted>;
    return new Intake(
      { accepting: null, doing: `the next one for ${this.title}` },
      coming,
      (accepted) => accepted,
      -1,
    ) as unknown as Intake<never, Accepted>;
  }

  /** @internal */
  protected override closeListener(): void {
    this.wire?.close();
  }

  /** @internal */
  protected override serviceOf([wire, address]: Accepted): Service {
    return new Connection(this, this.services, new Socket(wire), address);
  }

  /** @internal */
  protected override dropItem([wire]: Accepted): void {
    wire.close();
  }
}

/** A connection that is served. */
class Connection implements Service {
  private readonly server: StreamServer;
  private readonly services: Services;
  private readonly socket: Socket;
  private readonly address: Address;
  private cutOff: boolean;

  constructor(server: StreamServer, services: Services, socket: Socket, address: Address) {
    this.server = server;
    this.services = services;
    this.cutOff = false;
    this.socket = socket;
    this.address = address;
  }

  get name(): string {
    return `${this.server.constructor.name} ${formatAddress(this.server.address)} for ${formatAddress(this.address)}`;
  }

  run(): unknown {
    return this.server.handle(this.socket, this.address);
  }

  ended(): void {
    this.socket.close();
    this.services.ended(this);
  }

  cut(): void {
    this.cutOff = true;
    this.socket.close();
  }

  expects(error: unknown): boolean {
    return this.cutOff && error instanceof OSError && error.code === 'EBADF';
  }
}
