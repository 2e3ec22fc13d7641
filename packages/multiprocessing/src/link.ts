import { RuntimeError } from '@switchyard/remote';
import type { Address } from './address.ts';
import type { Stub } from './stub.ts';
import type { Transport, TransportListener } from './transport.ts';
import {
  ASK,
  CANCEL,
  CANCELLED,
  CLOSE,
  ITSELF,
  type Kind,
  NEWS,
  OPEN,
  type Plain,
  REFUSE,
  REPLY,
  TELL,
  type ToBroker,
  type ToClient,
} from './wire.ts';

/** Whoever asked something. @internal */
export interface Asking {
  answered(value: Plain, body: Uint8Array | null): void;
  refused(error: Error): void;
  /** There will be no answer, as it was cancelled. */
  cancelled?(): void;
}

type Out = readonly [message: ToBroker, body: Uint8Array | null];

/**
 * The way from this thread to a broker. It can be used at once: what is said before the broker can hear it is kept. It keeps
 * the process alive only while somebody waits for an answer. @internal
 */
export class Link implements TransportListener<ToClient> {
  readonly address: Address;
  private transport: Transport<ToClient, ToBroker> | null;
  /** What was said before there was a transport. */
  private early: Out[];
  private failure: Error | null;
  private readonly asking: Map<number, Asking>;
  private readonly stubs: Map<number, WeakRef<Stub>>;
  private readonly known: Map<string, WeakRef<Stub>>;
  private lastTicket: number;
  private lastHandle: number;
  /** How many reasons there are to keep the process alive. */
  private holds: number;

  constructor(address: Address) {
    this.address = address;
    this.transport = null;
    this.early = [];
    this.failure = null;
    this.asking = new Map();
    this.stubs = new Map();
    this.known = new Map();
    this.lastTicket = 0;
    this.lastHandle = 0;
    this.holds = 0;
  }

  /** The way is there. */
  connected(transport: Transport<ToClient, ToBroker>): void {
    this.transport = transport;
    transport.listener = this;
    if (this.holds > 0) transport.ref();
    else transport.unref();
    for (const [message, body] of this.early) transport.post(message, body);
    this.early = [];
  }

  /** Whether there is no broker any more. */
  get isLost(): boolean {
    return this.failure !== null;
  }

  /** How many bytes wait to be sent. */
  get backlog(): number {
    return this.transport?.backlog ?? Infinity;
  }

  /** What stands for an object here: the same for all who know it in this thread. */
  stub<S extends Stub>(id: string, kind: Kind, params: Plain, make: (handle: number) => S): S {
    const known = this.known.get(id)?.deref() as S | undefined;
    if (known !== undefined) return known;
    const handle = ++this.lastHandle;
    const stub = make(handle);
    const reference = new WeakRef<Stub>(stub);
    this.stubs.set(handle, reference);
    this.known.set(id, reference);
    forgotten.register(stub, { link: this, handle, id });
    this.post([OPEN, handle, id, kind, params], null);
    return stub;
  }

  /** Asks an object something. Returns the number of the question. */
  ask(asking: Asking, handle: number, verb: string, arg: Plain, body: Uint8Array | null): number {
    if (this.failure !== null) throw this.failure;
    const ticket = ++this.lastTicket;
    this.asking.set(ticket, asking);
    this.hold();
    this.post([ASK, handle, ticket, verb, arg, body !== null], body);
    return ticket;
  }

  /** Waits no more for an answer: `instead` hears of one that is on its way. */
  cancel(ticket: number, instead: Asking): void {
    if (!this.asking.has(ticket)) return;
    this.asking.set(ticket, instead);
    this.post([CANCEL, ticket], null);
  }

  /** Tells an object something. @param now whether to send it at once, and not at the end of this turn */
  tell(handle: number, verb: string, arg: Plain = null, body: Uint8Array | null = null, now = false): void {
    this.post([TELL, handle, verb, arg, body !== null], body);
    if (now) this.transport?.flush();
  }

  /** The first of those that have asked, and wait for an answer, that is as wanted. */
  waiting<A extends Asking>(isWanted: (asking: Asking) => asking is A): A | undefined {
    for (const asking of this.asking.values()) if (isWanted(asking)) return asking;
    return undefined;
  }

  /** Waits until the broker has dealt with all that was said by now, or there is none any more. */
  heard(): Promise<void> {
    return new Promise((resolve) => {
      if (this.failure !== null) resolve();
      else this.ask({ answered: () => resolve(), refused: () => resolve() }, ITSELF, '', null, null);
    });
  }

  /** Sends what was said now. */
  flush(): void {
    this.transport?.flush();
  }

  /** This thread ends. */
  end(): void {
    for (const stub of this.stubs.values()) stub.deref()?.ending();
    this.flush();
  }

  /** Keeps the process alive, until `drop`. */
  hold(): void {
    if (this.holds++ === 0) this.transport?.ref();
  }

  drop(): void {
    if (--this.holds === 0) this.transport?.unref();
  }

  /** Nobody here has an object any more. */
  forget(handle: number, id: string): void {
    this.stubs.delete(handle);
    if (this.known.get(id)?.deref() === undefined) this.known.delete(id);
    this.post([CLOSE, handle], null);
  }

  received(message: ToClient, body: Uint8Array | null): void {
    switch (message[0]) {
      case REPLY:
        this.take(message[1])?.answered(message[2], body);
        return;
      case REFUSE: {
        const error = new RuntimeError(message[3]);
        if (message[2] !== 'Error') error.name = message[2];
        this.take(message[1])?.refused(error);
        return;
      }
      case CANCELLED:
        this.take(message[1])?.cancelled?.();
        return;
      case NEWS:
        this.stubs.get(message[1])?.deref()?.news(message[2], message[3]);
    }
  }

  lost(error: Error | null): void {
    this.failure ??=
      error instanceof RuntimeError
        ? error
        : new RuntimeError('the process that keeps what is shared between processes has ended', {
            cause: error ?? undefined,
          });
    this.transport = null;
    for (const ticket of this.asking.keys()) this.take(ticket)?.refused(this.failure);
    for (const stub of this.stubs.values()) stub.deref()?.lost(this.failure);
  }

  private post(message: ToBroker, body: Uint8Array | null): void {
    if (this.transport !== null) this.transport.post(message, body);
    else if (this.failure === null) this.early.push([message, body]);
  }

  private take(ticket: number): Asking | undefined {
    const asking = this.asking.get(ticket);
    if (asking === undefined) return undefined;
    this.asking.delete(ticket);
    this.drop();
    return asking;
  }
}

const forgotten = new FinalizationRegistry(
  ({ link, handle, id }: { link: Link; handle: number; id: string }) => link.forget(handle, id),
);
