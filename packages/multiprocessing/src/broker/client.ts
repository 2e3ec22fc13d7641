import {
  ASK,
  CANCEL,
  CANCELLED,
  CLOSE,
  ITSELF,
  NEWS,
  OPEN,
  type Plain,
  REFUSE,
  REPLY,
  TELL,
  type ToBroker,
  type ToClient,
} from '../wire.ts';
import type { Broker } from './broker.ts';
import type { Served } from './served.ts';
import { Ticket } from './ticket.ts';

/** How long whoever has made an object may take to be heard, in milliseconds: it has said so before others could know. */
const PATIENCE = 200;

type Open = Extract<ToBroker, readonly [typeof OPEN, ...unknown[]]>;

/** A process, or a thread of one, as the broker knows it. @internal */
export class Client {
  private readonly broker: Broker;
  private readonly post: (message: ToClient, body: Uint8Array | null) => void;
  private readonly objects: Map<number, Served>;
  private readonly tickets: Map<number, Ticket>;
  /** Why a handle stands for nothing. */
  private readonly missing: Map<number, Error>;
  /** What was said to objects that are not there yet: whoever made them has not been heard. */
  private readonly early: Map<number, (readonly [ToBroker, Uint8Array | null])[]>;
  private over: boolean;

  constructor(broker: Broker, post: (message: ToClient, body: Uint8Array | null) => void) {
    this.broker = broker;
    this.post = post;
    this.objects = new Map();
    this.tickets = new Map();
    this.missing = new Map();
    this.early = new Map();
    this.over = false;
  }

  receive(message: ToBroker, body: Uint8Array | null): void {
    if (this.early.size > 0 && message[0] !== CANCEL) {
      const early = this.early.get(message[1]);
      if (early !== undefined) {
        early.push([message, body]);
        return;
      }
    }
    switch (message[0]) {
      case OPEN:
        this.open(message, 0);
        return;
      case ASK: {
        const [, handle, number, verb, arg] = message;
        const object = this.objects.get(handle);
        const ticket = new Ticket(this, number, object as Served);
        this.tickets.set(number, ticket);
        if (handle === ITSELF) ticket.reply(true);
        else if (object === undefined)
          ticket.refuse(this.missing.get(handle) ?? new Error('it has been closed'));
        else {
          attempt(
            () => object.ask(ticket, verb, arg, body),
            (error) => ticket.refuse(error),
          );
        }
        return;
      }
      case CANCEL: {
        const ticket = this.tickets.get(message[1]);
        if (ticket === undefined) {
          // Otherwise the answer is on its way.
          if (this.cancelEarly(message[1])) this.post([CANCELLED, message[1]], null);
          return;
        }
        this.tickets.delete(ticket.number);
        ticket.object.withdraw(ticket);
        this.post([CANCELLED, ticket.number], null);
        return;
      }
      case TELL: {
        const [, handle, verb, arg] = message;
        // Whoever says what cannot be understood gets no answer, and nobody else is concerned.
        attempt(
          () => this.objects.get(handle)?.tell(this, verb, arg, body),
          () => {},
        );
        return;
      }
      case CLOSE:
        this.close(message[1]);
    }
  }

  reply(ticket: Ticket, value: Plain, body: Uint8Array | null): void {
    this.tickets.delete(ticket.number);
    this.post([REPLY, ticket.number, value, body !== null], body);
  }

  refuse(ticket: Ticket, error: Error): void {
    this.tickets.delete(ticket.number);
    this.post([REFUSE, ticket.number, error.name, error.message], null);
  }

  /** Tells it something about an object. */
  news(object: Served, what: string, arg: Plain = null): void {
    const handle = object.clients.get(this);
    if (handle !== undefined) this.post([NEWS, handle, what, arg], null);
  }

  /** It has ended. */
  gone(): void {
    this.over = true;
    const tickets = [...this.tickets.values()];
    this.tickets.clear();
    for (const ticket of tickets) ticket.object?.withdraw(ticket);
    for (const handle of this.objects.keys()) this.close(handle);
  }

  private open(message: Open, pause: number): void {
    const [, handle, id, kind, params] = message;
    attempt(
      () => {
        const object = this.broker.find(id, kind, params);
        this.objects.set(handle, object);
        object.clients.set(this, handle);
        object.opened(this);
      },
      (error) => {
        // One connection may be read before another, where something was said earlier.
        if (params === null && pause < PATIENCE) this.openLater(message, 4 * pause || 1);
        else this.missing.set(handle, error);
      },
    );
  }

  private openLater(message: Open, pause: number): void {
    const [, handle] = message;
    if (!this.early.has(handle)) this.early.set(handle, []);
    setTimeout(() => {
      if (this.over) return;
      const early = this.early.get(handle) ?? [];
      this.early.delete(handle);
      this.open(message, pause);
      if (this.early.has(handle)) this.early.set(handle, early);
      else for (const [next, body] of early) this.receive(next, body);
    }, pause);
  }

  /** Returns whether it was a question to an object that is not there yet. */
  private cancelEarly(ticket: number): boolean {
    for (const early of this.early.values()) {
      const at = early.findIndex(([message]) => message[0] === ASK && message[2] === ticket);
      if (at < 0) continue;
      early.splice(at, 1);
      return true;
    }
    return false;
  }

  private close(handle: number): void {
    const object = this.objects.get(handle);
    this.missing.delete(handle);
    if (object === undefined) return;
    this.objects.delete(handle);
    // It has opened it anew before it told that it needs it no more under this number.
    if (object.clients.get(this) !== handle) return;
    object.clients.delete(this);
    object.closed(this);
    this.broker.forgetUnused(object);
  }
}

function attempt(action: () => void, failed: (error: Error) => void): void {
  try {
    action();
  } catch (error) {
    failed(error instanceof Error ? error : new Error(String(error)));
  }
}
