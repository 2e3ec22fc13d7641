import { buildConnector, type Client } from 'undici';
import { Connection } from './connection.ts';
import type { Hop } from './hop.ts';
import { Origin } from './origin.ts';
import { show } from '@switchyard/greenlet/scheduler';

/** How connections are made and kept. */
export interface ConnectionsOptions {
  /** The most connections to one origin at a time: 512 unless told. A fetch beyond waits for one to be free. */
  connections?: number;
  /** How long an idle connection is kept, in milliseconds: 4,000 unless told, or what the server says if that is less. */
  keepAlive?: number;
  /** The most idle connections to all origins together: 256 unless told. The one idle for longest is closed. */
  maxIdle?: number;
  /** The most bytes of a response's headers: 65,536 unless told. */
  maxHeaderSize?: number;
  /**
   * How to connect: options of `net.connect` and `tls.connect` (`lookup`, `ca`, `rejectUnauthorized`, ...), or a
   * connector of undici's, such as one that looks at `socket.remoteAddress` before it lets a request through. One
   * that does not return its socket keeps `timeouts.connect` itself.
   */
  connect?: buildConnector.BuildOptions | buildConnector.connector;
}

/**
 * The connections that fetches use and leave open for the next one, with a limit per origin. All fetches share one set
 * unless they are given another as `connections`.
 *
 * Idle connections do not keep the process alive.
 */
export class Connections {
  /** The most connections to one origin. @internal */
  readonly limit: number;
  /** Counts calls of `close`. @internal */
  round: number;
  readonly #maxIdle: number;
  readonly #clientOptions: Client.Options;
  readonly #connectOptions: ConnectionsOptions['connect'];
  #connector: buildConnector.connector | null;
  readonly #origins: Map<string, Origin>;
  /** In the order in which they became idle. */
  readonly #idle: Set<Connection>;

  /** @throws TypeError for an option that is out of range, naming it */
  constructor(options: ConnectionsOptions = {}) {
    this.limit = wholeNumber('connections', options.connections, 512, 1);
    this.round = 0;
    this.#maxIdle = wholeNumber('maxIdle', options.maxIdle, 256, 0);
    const keepAlive = wholeNumber('keepAlive', options.keepAlive, 4_000, 1);
    this.#clientOptions = {
      pipelining: 1,
      keepAliveTimeout: keepAlive,
      // A server's hint makes it shorter, not longer.
      keepAliveMaxTimeout: keepAlive,
      maxHeaderSize: wholeNumber('maxHeaderSize', options.maxHeaderSize, 65_536, 1),
    };
    this.#connectOptions = options.connect;
    this.#connector = null;
    this.#origins = new Map();
    this.#idle = new Set();
  }

  /** How many connections there are, idle ones included. */
  get size(): number {
    let size = 0;
    for (const origin of this.#origins.values()) size += origin.open;
    return size;
  }

  /** How many connections wait for their next request. */
  get idleSize(): number {
    return this.#idle.size;
  }

  /** Closes what is idle now, and the rest as soon as its response is complete. New fetches open new connections. */
  close(): void {
    this.round++;
    for (const connection of this.#idle) connection.discard();
  }

  /** Alias of `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Sends a request as soon as there is a connection for it. @internal */
  start(hop: Hop): void {
    const name = hop.request.origin;
    let origin = this.#origins.get(name);
    if (origin === undefined) {
      origin = new Origin(name, this);
      this.#origins.set(name, origin);
    }
    origin.start(hop);
  }

  /** @internal */
  open(origin: Origin): Connection {
    // undici's own time limit is off: each connection keeps the time of the request that opened it.
    const options = this.#connectOptions;
    this.#connector ??= typeof options === 'function' ? options : buildConnector({ ...options, timeout: 0 });
    return new Connection(origin, this.#connector, this.#clientOptions, this.round);
  }

  /** @internal */
  idle(connection: Connection): void {
    this.#idle.add(connection);
    if (this.#idle.size > this.#maxIdle) {
      for (const oldest of this.#idle) {
        oldest.discard();
        break;
      }
    }
  }

  /** @internal */
  busy(connection: Connection): void {
    this.#idle.delete(connection);
  }

  /** @internal */
  forget(origin: Origin): void {
    if (this.#origins.get(origin.name) === origin) this.#origins.delete(origin.name);
  }
}

let shared: Connections | null = null;

/** What fetches use unless told otherwise. @internal */
export function sharedConnections(): Connections {
  return (shared ??= new Connections());
}

/**
 * Closes the connections that fetches share: idle ones now, the rest as soon as its response is complete. A program
 * need not call it to end; a test does, so that its server can close.
 */
export function closeConnections(): void {
  shared?.close();
}

function wholeNumber(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (value === Infinity && name !== 'keepAlive' && name !== 'maxHeaderSize') return value;
  if (!Number.isInteger(value) || value < least) {
    throw new TypeError(`Expected \`${name}\` to be a whole number from ${least} up, got ${show(value)}`);
  }
  return value;
}
