import { EVENT_READ, EVENT_WRITE, OSError, type Socket } from '@switchyard/select';
import type { Connections } from './connections.ts';
import type { Due } from './deadlines.ts';
import { brokenOff, transferError } from './errors.ts';
import type { Loop, Watcher } from './loop.ts';
import type { RequestHead } from './request-head.ts';
import { type AnswerSink, ResponseParser } from './response-parser.ts';

/** As much is received at once: what a socket holds. */
const MOST = 131_072;

/** Whose request a connection carries. */
export interface Traveller extends AnswerSink {
  /** Bytes have come, which are read next. */
  heard(): void;
  /** They have been read, and it was not all of the answer. */
  waits(): void;
  /** The last byte of the answer has come. */
  arrived(): void;
  /** The answer will not be complete, or is none. */
  lost(error: unknown): void;
}

/** One connection to one origin: carries one request at a time, and idles in between. */
export class Connection implements Watcher, Due {
  at = 0;
  heapIndex = -1;
  readonly origin: string;
  /** How many answers it has brought. */
  served = 0;
  closed = false;
  readonly #loop: Loop;
  readonly #idle: Connections;
  readonly #socket: Socket;
  readonly #parser = new ResponseParser();
  #traveller: Traveller | undefined;
  /** What has not been sent of the request. */
  #unsent: Uint8Array | undefined;
  /** Whether it waits for room to send. */
  #waits = false;
  #last = false;

  /** @param socket connected, and watched by whoever connected it */
  constructor(loop: Loop, idle: Connections, origin: string, socket: Socket) {
    this.origin = origin;
    this.#loop = loop;
    this.#idle = idle;
    this.#socket = socket;
    loop.rewatch(socket, EVENT_READ, this);
  }

  /** Sends a request. The traveller may hear of its loss before this returns. */
  carry(traveller: Traveller, { bytes, last }: RequestHead): void {
    this.#traveller = traveller;
    this.#last = last;
    this.#unsent = bytes;
    this.#parser.expect(traveller);
    this.#send();
  }

  /** How long the server says that it keeps it, in milliseconds. */
  get keptFor(): number {
    return this.#parser.keepAliveFor;
  }

  /** Ends it, whatever it is doing; nobody is told. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#traveller = undefined;
    this.#idle.forget(this);
    this.#loop.drop(this.#socket);
  }

  ready(events: number): void {
    if (this.closed) return;
    if ((events & EVENT_WRITE) !== 0 && this.#unsent !== undefined) this.#send();
    if ((events & EVENT_READ) !== 0) this.receive();
  }

  /** Takes what has come, if anything has. */
  receive(): void {
    if (this.closed) return;
    try {
      const bytes = this.#socket.tryRecv(MOST);
      if (bytes === null) return;
      const traveller = this.#traveller;
      if (traveller === undefined) {
        // The server has closed it, or says something that nobody has asked for.
        this.close();
        return;
      }
      if (bytes.length === 0) {
        this.#ended(brokenOff());
        return;
      }
      traveller.heard();
      this.#parser.read(bytes);
      if (this.#parser.complete) this.#arrived();
      else traveller.waits();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** It has idled for long enough. */
  expire(): void {
    this.close();
  }

  #send(): void {
    const bytes = this.#unsent as Uint8Array;
    let size: number;
    try {
      size = this.#socket.trySend(bytes) ?? 0;
    } catch (error) {
      this.#broken(error);
      return;
    }
    const all = size === bytes.length;
    this.#unsent = all ? undefined : bytes.subarray(size);
    if (all !== this.#waits) return;
    this.#waits = !all;
    this.#loop.rewatch(this.#socket, all ? EVENT_READ : EVENT_READ | EVENT_WRITE, this);
  }

  #broken(error: unknown): void {
    const { headed, keepAlive } = this.#parser;
    // A reset at the end of an answer that ends with the connection is an end like any other.
    if (error instanceof OSError && error.code === 'ECONNRESET' && headed && !keepAlive) this.#ended(error);
    else this.#lose(transferError(error));
  }

  #ended(error: Error): void {
    if (this.#traveller === undefined) {
      this.close();
      return;
    }
    try {
      if (this.#parser.ended()) this.#arrived();
      else this.#lose(transferError(error));
    } catch (thrown) {
      this.#lose(thrown);
    }
  }

  #lose(error: unknown): void {
    const traveller = this.#traveller;
    this.close();
    traveller?.lost(error);
  }

  #arrived(): void {
    const traveller = this.#traveller;
    this.#traveller = undefined;
    this.served++;
    const { keepAlive, surplus } = this.#parser;
    if (this.closed || !keepAlive || surplus || this.#last || this.#unsent !== undefined) this.close();
    else this.#idle.keep(this);
    traveller?.arrived();
  }
}
