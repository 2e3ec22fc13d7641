import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { type Greenlet, GreenletExit, type Socket, spawn } from '@switchyard/gevent';
import { type Coroutine, Waiter, withTimeout } from '@switchyard/hub';
import { encodeError } from '@switchyard/remote/core';
import { type Address, select, SO_ERROR, SOL_SOCKET, type WrapOptions } from '@switchyard/select';
import { formatAddress } from './address.ts';
import { handled, type HandlerClass, type ServerView } from './request-handler.ts';
import { killed } from './services.ts';
import { DONE, type FromWorker, TAKEN } from './wire.ts';

/** What a worker is told of its server. */
export interface Settings extends ServerView {
  readonly tls: TlsOptions | null;
}

/** What a killed handler has sent may take so long to go, in ms, and its cleanup. */
const LAST_WORDS = 1000;

/** Where a thread or a process handles the connections that it is given. @internal */
export class Desk {
  private readonly Handler: HandlerClass;
  private readonly settings: Settings;
  private readonly tell: (news: FromWorker) => void;
  private readonly running: Map<number, Greenlet<unknown>>;

  constructor(Handler: HandlerClass, settings: Settings, tell: (news: FromWorker) => void) {
    this.Handler = Handler;
    this.settings = settings;
    this.tell = tell;
    this.running = new Map();
  }

  /** Has a connection handled. @param make called when it has been told that this is so, as it begins to read */
  take(id: number, clientAddress: Address, carrier: Duplex, make: () => Socket): void {
    this.tell([TAKEN, id]);
    const socket = make();
    const { tls } = this.settings;
    if (tls !== null) socket.wrap({ ...(tls as WrapOptions), serverSide: true });
    const greenlet = spawn(() => this.handle(socket, clientAddress)) as unknown as Greenlet<unknown>;
    greenlet.name = `${this.Handler.name} for ${formatAddress(clientAddress)}`;
    this.running.set(id, greenlet);
    greenlet.rawlink(() => {
      socket.close();
      const last = spawn(() => this.leave(id, greenlet, carrier)) as unknown as Greenlet<unknown>;
      this.running.set(id, last);
    });
  }

  /** Ends one, or what is left of it. */
  kill(id: number): void {
    this.running.get(id)?.kill({ block: false });
  }

  /** Ends all of them. */
  *close(): Coroutine {
    while (this.running.size > 0) {
      if (!(yield* killed([...this.running.values()]))) return;
    }
  }

  private *handle(socket: Socket, clientAddress: Address): Coroutine {
    const { Handler, settings } = this;
    if (settings.tls !== null && !(yield* agreed(socket))) return;
    yield* handled(new Handler(socket, clientAddress, settings));
  }

  /** Tells of the end when all that was sent has gone to the system: this thread or process may be ended after that. */
  private *leave(id: number, greenlet: Greenlet<unknown>, carrier: Duplex): Coroutine {
    const { exception, value } = greenlet;
    try {
      if (value instanceof GreenletExit)
        yield* withTimeout(LAST_WORDS, () => closed(carrier), { value: undefined });
      else yield* closed(carrier);
    } finally {
      if (!carrier.closed) carrier.destroy(new Error('killed'));
      this.running.delete(id);
      this.tell(exception == null ? [DONE, id] : [DONE, id, encodeError(exception)]);
    }
  }
}

/** Waits until both sides speak TLS. @returns false when they could not agree */
function* agreed(socket: Socket): Coroutine<boolean> {
  yield* select([], [socket.wire], []);
  return !socket.closed && socket.getsockopt(SOL_SOCKET, SO_ERROR) === 0;
}

function* closed(carrier: Duplex): Coroutine {
  if (carrier.closed) return;
  const waiter = new Waiter<void>();
  const end = (): void => void waiter.wake();
  carrier.once('close', end);
  try {
    yield* waiter;
  } finally {
    carrier.off('close', end);
  }
}
