import { Socket } from 'node:net';
import { Client, errors, type buildConnector, type Dispatcher } from 'undici';
import type { Hop } from './hop.ts';
import type { Origin } from './origin.ts';

/**
 * One connection to one origin: a client of undici's that carries one request at a time. The pooling is ours, so that
 * a request that is given up while it waits or connects leaves nothing behind; undici's pools keep it in their queues.
 * @internal
 */
export class Connection {
  readonly client: Client;
  /** The request that holds it, or null while it is idle. */
  hop: Hop | null;
  /** How many responses it has brought. */
  served: number;
  /** Which round of `close()` it belongs to: an older one is not used again. */
  readonly round: number;
  readonly #origin: Origin;
  /** What to destroy when nobody waits for the connection any more. */
  #connecting: Socket | null;
  #timer: NodeJS.Timeout | undefined;
  #gone: boolean;

  constructor(origin: Origin, connect: buildConnector.connector, options: Client.Options, round: number) {
    this.#origin = origin;
    this.hop = null;
    this.served = 0;
    this.round = round;
    this.#connecting = null;
    this.#timer = undefined;
    this.#gone = false;
    this.client = new Client(origin.name, {
      ...options,
      connect: (to, done) => this.#connect(connect, to, done),
    });
    // Closed by the server, or idle for too long. One that carries a request is the request's to give up: undici
    // either fails it, or has not sent it yet and connects once more.
    this.client.on('disconnect', () => {
      if (this.hop === null) this.discard();
    });
  }

  /** Sends a request. The hop may hear of its failure before this returns. */
  send(hop: Hop, options: Dispatcher.DispatchOptions): void {
    this.hop = hop;
    this.client.dispatch(options, hop);
  }

  /** The request is complete and the connection can carry another. */
  release(): void {
    this.hop = null;
    this.served++;
    this.#origin.released(this);
  }

  /** Gives it up, whatever it is doing. */
  discard(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.hop = null;
    this.#stopConnecting(undefined);
    this.#origin.lost(this);
    // Not within undici's own stack, where it may still be at work on this client.
    queueMicrotask(() => this.client.destroy(null, noop));
  }

  #connect(
    connect: buildConnector.connector,
    to: buildConnector.Options,
    done: buildConnector.Callback,
  ): void {
    const ms = this.hop?.connectTimeout ?? Infinity;
    const socket: unknown = connect(to, (...result) => {
      this.#connecting = null;
      clearTimeout(this.#timer);
      done(...result);
    });
    // A connector of the user's need not return its socket; then it has to keep the time itself.
    if (!(socket instanceof Socket)) return;
    this.#connecting = socket;
    // undici's own timer ticks only each half second.
    if (ms < 2 ** 31) {
      const error = (): Error => new errors.ConnectTimeoutError(`no connection within ${ms} ms`);
      this.#timer = setTimeout(() => this.#stopConnecting(error()), ms);
    }
  }

  #stopConnecting(error: Error | undefined): void {
    clearTimeout(this.#timer);
    const socket = this.#connecting;
    this.#connecting = null;
    socket?.destroy(error);
  }
}

function noop(): void {}
