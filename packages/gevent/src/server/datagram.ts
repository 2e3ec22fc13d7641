import type { Coroutine, Waitable } from '@switchyard/hub';
import type { TimeoutOption, Wait } from '@switchyard/hub/core';
import {
  type Address,
  type Datagram,
  DatagramSocket as Wire,
  OSError,
  sockRecvfrom,
} from '@switchyard/select';
import { datagram, DatagramSocket } from '../socket/datagram.ts';
import { Intake } from '../socket/intake.ts';
import { formatAddress, parseAddress, type ServerAddress } from './address.ts';
import { BaseServer, type ServerOptions } from './base.ts';
import type { Service, Services } from './services.ts';

/** What serves a message: a generator function, an async function or a plain function. */
export type DatagramHandle = (data: Buffer, address: Address) => unknown;

// Written as an interface, so that a subclass may define `*handle() {...}` over it.
export interface DatagramServer {
  /** Serves a message. A subclass may define it instead of passing a function. */
  handle(data: Buffer, address: Address): unknown;
}

/** The most bytes that a message can have. */
const MOST = 65_535;

/**
 * A server that has a greenlet for each message, UDP.
 *
 * ```ts
 * const server = new DatagramServer(9000, function* (data, address) {
 *   yield* server.sendto(data, address);
 * });
 * ```
 *
 * Python: `gevent.server.DatagramServer`.
 */
export class DatagramServer extends BaseServer<Datagram> {
  private readonly given: DatagramSocket | null;
  private bound: DatagramSocket | null;

  /**
   * @param listener where to receive: as for a `StreamServer`, but no path; or a datagram socket that is bound
   * @param handle may be left out in a subclass that defines `handle`
   * @throws as for a `StreamServer`
   */
  constructor(
    listener: ServerAddress | DatagramSocket | Wire,
    handle?: DatagramHandle | null,
    options: ServerOptions = {},
  ) {
    super(options);
    const who = new.target.name;
    this.setHandle(handle, who);
    this.given =
      listener instanceof Wire
        ? new DatagramSocket(listener)
        : listener instanceof DatagramSocket
          ? listener
          : null;
    this.bound = this.given;
    this.place = this.given === null ? parseAddress(listener, who) : '';
    if (this.given === null && typeof this.place === 'string') {
      throw new TypeError(`Expected an address with a port for ${who}, got the path ${this.place}`);
    }
  }

  /** The socket that it receives and sends with; null before it has started. */
  override get socket(): DatagramSocket | null {
    return this.bound;
  }

  /**
   * Sends a message from the server's address, waiting for room.
   *
   * @returns how many bytes
   * @throws OSError with `ENOTCONN` when it has not started; as `DatagramSocket.sendto`
   */
  sendto(data: Uint8Array | string, address: Address, options?: TimeoutOption): Waitable<number> {
    if (this.bound === null) throw new OSError('ENOTCONN', `sendto of ${this.title} before it has started`);
    return this.bound.sendto(data, address, options);
  }

  /** @internal */
  protected override *openListener(): Coroutine<Intake<never, Datagram>> {
    this.bound ??= yield* datagram(this.place);
    this.place = this.address;
    const coming = sockRecvfrom(this.bound.wire, MOST) as Wait<Datagram>;
    return new Intake(
      { accepting: null, doing: `the next one for ${this.title}` },
      coming,
      (message) => message,
      -1,
    ) as unknown as Intake<never, Datagram>;
  }

  /** @internal */
  protected override closeListener(): void {
    this.bound?.close();
  }

  /** @internal */
  protected override serviceOf([data, address]: Datagram): Service {
    return new Message(this, this.services, data, address);
  }

  /** @internal */
  protected override dropItem(): void {}
}

/** A message that is served. */
class Message implements Service {
  private readonly server: DatagramServer;
  private readonly services: Services;
  private readonly data: Buffer;
  private readonly address: Address;

  constructor(server: DatagramServer, services: Services, data: Buffer, address: Address) {
    this.server = server;
    this.services = services;
    this.data = data;
    this.address = address;
  }

  get name(): string {
    return `${this.server.constructor.name} ${formatAddress(this.server.address)} for ${formatAddress(this.address)}`;
  }

  run(): unknown {
    return this.server.handle(this.data, this.address);
  }

  ended(): void {
    this.services.ended(this);
  }

  // There is nothing to take away.
  cut(): void {}
}
