import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { AF_INET, AF_INET6, EVENT_WRITE, OSError, socket, type Socket, wrapSocket } from '@switchyard/select';
import type { AddressGuard } from '../fetch/guard.ts';
import type { Due } from './deadlines.ts';
import { lookupError, socketError } from './errors.ts';
import type { Loop, Watcher } from './loop.ts';

/** How long an address may take to answer, in milliseconds, while there are others to be tried: as with Node's own sockets. */
const PATIENCE = 250;
/** The same where the certificates are exchanged meanwhile. */
const TLS_PATIENCE = 1500;

/** Who wants a connection. */
export interface Caller {
  connected(socket: Socket): void;
  unreachable(error: unknown): void;
}

/** Opens a connection to the host of a URL: looks its name up, and tries one address after the other. */
export class Dial implements Watcher, Due {
  at = 0;
  heapIndex = -1;
  readonly #loop: Loop;
  readonly #guard: AddressGuard;
  readonly #caller: Caller;
  readonly #host: string;
  readonly #port: number;
  readonly #encrypted: boolean;
  readonly #errors: OSError[] = [];
  #addresses: readonly LookupAddress[] = [];
  #tried = 0;
  #socket: Socket | undefined;
  #over = false;

  constructor(loop: Loop, guard: AddressGuard, { hostname, port, protocol }: URL, caller: Caller) {
    this.#loop = loop;
    this.#guard = guard;
    this.#caller = caller;
    this.#host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    this.#encrypted = protocol === 'https:';
    this.#port = port === '' ? (this.#encrypted ? 443 : 80) : Number(port);
  }

  /** Begins. The caller may hear of a failure before this returns. */
  start(): void {
    const family = isIP(this.#host);
    if (family !== 0) {
      this.#addresses = [{ address: this.#host, family }];
      this.#next();
      return;
    }
    this.#guard.lookup(this.#host, { all: true }, (error, found) => {
      this.#loop.post(() => {
        if (this.#over) return;
        if (error !== null) this.#fail(lookupError(error));
        else {
          this.#addresses = found as LookupAddress[];
          this.#next();
        }
      });
    });
  }

  /** Gives it up; the caller is not told. */
  stop(): void {
    this.#over = true;
    this.#hangUp();
  }

  ready(): void {
    const socket = this.#socket;
    if (this.#over || socket === undefined) return;
    try {
      // Asking for nothing takes nothing, but throws why there is no connection.
      socket.tryRecv(0);
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#over = true;
    this.#loop.deadlines.cancel(this);
    this.#caller.connected(socket);
  }

  expire(): void {
    this.#failed(
      new OSError('ETIMEDOUT', `no answer from ${String(this.#addresses[this.#tried - 1]?.address)}`),
    );
  }

  #next(): void {
    const entry = this.#addresses[this.#tried];
    if (entry === undefined) {
      this.#fail(socketError(this.#errors));
      return;
    }
    this.#tried++;
    try {
      const made = socket(entry.family === 6 ? AF_INET6 : AF_INET);
      this.#socket = made;
      if (this.#encrypted) {
        // The certificate is for the name, not for the address that it was looked up as.
        const names = isIP(this.#host) === 0 ? { servername: this.#host } : {};
        wrapSocket(made, { ...names, ALPNProtocols: ['http/1.1'] });
      }
      made.connectEx([entry.address, this.#port]);
      this.#loop.watch(made, EVENT_WRITE, this);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (this.#tried === this.#addresses.length) return;
    this.#loop.deadlines.set(this, performance.now() + (this.#encrypted ? TLS_PATIENCE : PATIENCE));
  }

  #failed(error: unknown): void {
    this.#hangUp();
    if (error instanceof OSError) {
      this.#errors.push(error);
      this.#next();
    } else this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#over = true;
    this.#caller.unreachable(error);
  }

  #hangUp(): void {
    this.#loop.deadlines.cancel(this);
    if (this.#socket !== undefined) this.#loop.drop(this.#socket);
    this.#socket = undefined;
  }
}
