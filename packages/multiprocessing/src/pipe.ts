import { randomBytes } from 'node:crypto';
import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive, RuntimeError, share } from '@switchyard/remote';
import { loads } from '@switchyard/remote/core';
import { itemBytes } from './item-bytes.ts';
import { lend } from './lent.ts';
import { PipeStub, Poll, Receive, Send } from './pipe-waits.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';

/** How to make a pipe. */
export interface PipeOptions {
  /** False for one whose first end only receives and whose second only sends. */
  duplex?: boolean;
}

interface ConnectionState extends SharedState {
  readonly side: 0 | 1;
  readonly readable: boolean;
  readonly writable: boolean;
  /** What this sending of it is called. */
  readonly loan: string;
}

/** Numbers the sendings of this thread. */
const origin = randomBytes(9).toString('base64');
let loans = 0;
/** What the constructor of a connection is made from, which is for this module only. */
let making: { readonly side: 0 | 1; readonly readable: boolean; readonly writable: boolean } | null = null;

/**
 * Makes a pipe.
 *
 * @returns its two ends, each of which may be sent to another process. What is sent at one is received at the other. With
 *   `duplex: false` the first only receives and the second only sends
 *
 * Python: `multiprocessing.Pipe`.
 */
export function Pipe({ duplex = true }: PipeOptions = {}): [Connection, Connection] {
  if (typeof duplex !== 'boolean') {
    throw new TypeError(`Expected true or false as duplex of a Pipe, got ${show(duplex)}`);
  }
  const first = construct({ side: 0, readable: true, writable: duplex });
  const { link, id } = first.stub;
  const second = arrived({ at: link.address, id, board: null }, () =>
    construct({ side: 1, readable: duplex, writable: true }),
  );
  return [first, second];
}

/**
 * One end of a pipe. It is closed with `close()`, or when the process ends, whatever the reason; the other end learns of that
 * when all processes that have this one have closed it.
 *
 * Python: `multiprocessing.connection.Connection`.
 */
export class Connection<T = unknown> extends SharedObject<PipeStub> {
  /** Whether one can receive here. */
  readonly readable: boolean;
  /** Whether one can send here. */
  readonly writable: boolean;
  private readonly side: 0 | 1;
  private open: boolean;

  /** @internal */
  constructor() {
    const given = making;
    making = null;
    if (given === null) throw new TypeError('A Connection is made with Pipe(): const [a, b] = Pipe()');
    super(PipeStub, 'pipe', () => ({}), []);
    this.readable = given.readable;
    this.writable = given.writable;
    this.side = given.side;
    this.open = true;
    this.stub.tell('open', [this.side, null]);
    dropped.register(this, { stub: this.stub, side: this.side }, this);
  }

  /** Whether it has been closed here. */
  get closed(): boolean {
    return !this.open;
  }

  /**
   * Sends a copy of a value: anything that structured clone takes, and shareable objects.
   *
   * @returns waits until it has come to the pipe when it is large, or much is on its way from this process
   * @throws BrokenPipeError when the other end is known to be closed; RuntimeError when this one is, or only receives;
   *   CloneError when the value cannot be copied
   */
  send(value: T): Waitable<void> {
    this.must('send', this.writable);
    const { bytes, ids } = itemBytes(value, this.stub, 'value');
    return new Send(this, this.side, bytes, ids);
  }

  /** Sends bytes as they are, to be received with `recvBytes`. @throws as `send` */
  sendBytes(bytes: Uint8Array): Waitable<void> {
    this.must('sendBytes', this.writable);
    if (!(bytes instanceof Uint8Array))
      throw new TypeError(`Expected a Uint8Array to send, got ${show(bytes)}`);
    return new Send(this, this.side, bytes, null);
  }

  /**
   * Takes what was sent next at the other end, waiting for it if need be.
   *
   * @throws EOFError when the other end is closed and nothing is left; RuntimeError when this one is closed, or only sends
   */
  recv(): Waitable<T> {
    this.must('recv', this.readable);
    return new Receive<T>(this as Connection, this.side, (bytes) => loads(bytes) as T);
  }

  /** The same for what was sent with `sendBytes`. @throws as `recv` */
  recvBytes(): Waitable<Uint8Array> {
    this.must('recvBytes', this.readable);
    return new Receive<Uint8Array>(this as Connection, this.side, (bytes) => bytes);
  }

  /**
   * Waits until there is something to receive, or the other end is closed.
   *
   * @param options its `timeout` in ms: 0 unless told, so that it only looks; null for no limit
   * @returns whether `recv` would return, or throw an EOFError, at once
   * @throws RuntimeError when this end is closed, or only sends
   */
  poll(options: TimeoutOption = { timeout: 0 }): Waitable<boolean> {
    this.must('poll', this.readable);
    return new Poll(this as Connection, this.side, checkTimeout(options, 'Connection.poll'));
  }

  /** Closes this end for this process. A second time does nothing. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    dropped.unregister(this);
    this.stub.tell('close', [this.side, null]);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  override [share](): ConnectionState {
    this.must('sending the connection itself', true);
    const { stub, side, readable, writable } = this;
    const loan = `${origin}${++loans}`;
    // So that it is not taken for closed while it is on its way, and this process has closed its own.
    stub.tell('lend', [side, loan]);
    lend(() => stub.tell('claim', [side, loan]));
    return { ...super[share](), side, readable, writable, loan };
  }

  /** @internal */
  static [revive](state: ConnectionState): Connection {
    const connection = arrived(state, () => construct(state));
    connection.stub.tell('claim', [state.side, state.loan]);
    return connection;
  }

  private must(verb: string, able: boolean): void {
    if (!this.open) throw new RuntimeError(`${verb}: this end of the pipe is closed`);
    if (!able) {
      throw new RuntimeError(
        `${verb}: this end of the pipe only ${this.readable ? 'receives' : 'sends'}, as it was made with duplex: false`,
      );
    }
  }
}

/** Ends that nobody uses any more are closed, as in Python. */
const dropped = new FinalizationRegistry(({ stub, side }: { stub: PipeStub; side: 0 | 1 }) =>
  stub.tell('close', [side, null]),
);

function construct(given: NonNullable<typeof making>): Connection {
  making = given;
  try {
    return new Connection();
  } finally {
    making = null;
  }
}

register(import.meta, Connection);
