import { show } from '@switchyard/greenlet/scheduler';
import { type Coroutine, isInterrupt, sleep, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout, hub } from '@switchyard/hub/core';
import { type Address, OSError, RuntimeError } from '@switchyard/select';
import { type Greenlet, spawn } from '../greenlet.ts';
import { type Event, Milestone } from '../event.ts';
import { Callback } from '../linkable.ts';
import type { Intake } from '../socket/intake.ts';
import { formatAddress } from './address.ts';
import { type Service, Services } from './services.ts';
import { type SpawnOption, type Spawner, spawnerOf } from './spawner.ts';

/** What servers take. */
export interface ServerOptions {
  /** How handlers are started: see `SpawnOption`. */
  spawn?: SpawnOption | undefined;
  /** How long to wait, in ms, after the first error of taking something in; each further one in a row doubles that. 10 */
  minDelay?: number | undefined;
  /** How long to wait at most. 1000 */
  maxDelay?: number | undefined;
}

/** How a server stops. */
export interface StopOptions {
  /**
   * How long handlers may go on, in ms, before they are killed: 1000 when left out, as in gevent; 0 kills them at once, null
   * or Infinity waits for them however long it takes.
   */
  grace?: number | null | undefined;
}

/** What a server is at. */
interface Place {
  readonly closed: boolean;
  getsockname(): Address;
}

const GRACE = 1000;
/** What cannot get better. */
const FATAL = new Set(['EBADF', 'EINVAL', 'ENOTSOCK']);

/**
 * What servers have in common: they take in connections or messages, each of which is served by a handler of its own.
 *
 * Python: `gevent.baseserver.BaseServer`.
 */
export abstract class BaseServer<I> implements AsyncDisposable {
  /** What limits the handlers, if anything does. */
  readonly pool: Spawner['pool'];
  private readonly minDelay: number;
  private readonly maxDelay: number;
  /** @internal */
  protected readonly services: Services;
  /** The address as it is known. @internal */
  protected place: Address;
  private starting: Greenlet<void> | null;
  private acceptor: Greenlet<void> | null;
  private intake: Intake<never, I> | null;
  private accepts: boolean;
  private ended: boolean;
  /** Set when it has been told to end. */
  private readonly ending: Event;

  constructor(options: ServerOptions) {
    const who = new.target.name;
    const spawner = spawnerOf(options.spawn, who);
    this.pool = spawner.pool;
    this.services = new Services(who, spawner);
    this.place = '';
    this.minDelay = delay(options.minDelay, 10, `the minDelay of ${who}`);
    this.maxDelay = delay(options.maxDelay, 1000, `the maxDelay of ${who}`);
    this.starting = null;
    this.acceptor = null;
    this.intake = null;
    this.accepts = true;
    this.ended = false;
    this.ending = new Milestone(`${who}.serveForever`);
  }

  // What a kind of server implements.

  /** The socket that it is at; null while it is not. */
  abstract get socket(): Place | null;

  /** Takes its place, and gives what it takes in by. @internal */
  protected abstract openListener(): Coroutine<Intake<never, I>>;
  /** Leaves its place. @internal */
  protected abstract closeListener(): void;
  /** What is to be done for something that has come in. @internal */
  protected abstract serviceOf(item: I): Service;
  /** Lets go of something that has come in and nobody will serve. @internal */
  protected abstract dropItem(item: I): void;

  /** Where it is, or will be: with the port that was chosen once it has started. */
  get address(): Address {
    const { socket } = this;
    if (socket !== null && !socket.closed) {
      try {
        this.place = socket.getsockname();
      } catch {
        // Not before it is bound.
      }
    }
    return this.place;
  }

  /** The host that it is at, null for a path. Python: `server_host`. */
  get serverHost(): string | null {
    const { address } = this;
    return typeof address === 'string' ? null : address[0];
  }

  /** The port that it is at, null for a path. Python: `server_port`. */
  get serverPort(): number | null {
    const { address } = this;
    return typeof address === 'string' ? null : address[1];
  }

  /** Whether `start` has been called, and neither `close` nor `stop`. */
  get started(): boolean {
    return this.starting !== null && !this.ended;
  }

  /** Whether it has ended: by `close`, by `stop`, or because it could not start. */
  get closed(): boolean {
    return this.ended;
  }

  /** How many handlers run. */
  get size(): number {
    return this.services.size;
  }

  /** Whether there is no room for one more, so that what comes has to wait. */
  full(): boolean {
    return this.pool !== null && this.pool.full();
  }

  /**
   * Takes its place and begins to serve, whether or not anybody waits for what this returns. A second time does nothing.
   *
   * @returns to be waited for where `address` is asked for: it is there; or the error why it cannot be
   * @throws RuntimeError when it has ended: make another one
   */
  start(): Waitable<void> {
    if (this.ended)
      throw new RuntimeError(`${this.title} has ended, and cannot start again: make another one`);
    if (this.starting === null) {
      this.starting = spawn(() => this.begin()) as unknown as Greenlet<void>;
      this.starting.name = `${this.title}.start`;
    }
    return this.starting.get();
  }

  /** Serves again what comes. What has come meanwhile comes first. */
  startAccepting(): void {
    this.accepts = true;
    this.intake?.open();
  }

  /** Serves nothing more for now: what comes waits. Handlers go on. */
  stopAccepting(): void {
    this.accepts = false;
    this.intake?.close();
  }

  /** Leaves its place at once, for good: nobody can connect any more. Handlers go on. A second time does nothing. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.stopAccepting();
    this.starting?.kill({ block: false });
    this.acceptor?.kill({ block: false });
    this.closeListener();
    this.ending.set();
    this.services.close();
  }

  /**
   * Closes it, lets handlers go on for the grace time, and then kills those that are left. That has begun when this returns.
   * Called once more, with a shorter grace, it kills them sooner.
   *
   * @returns to be waited for: nothing is left of it, as the cleanup of all handlers has ended
   * @throws TypeError for a grace that is no number of milliseconds from 0 up
   */
  stop({ grace = GRACE }: StopOptions = {}): Waitable<void> {
    const limit = checkTimeout({ timeout: grace }, 'stop');
    this.close();
    this.services.killIn(limit);
    const { gone } = this.services;
    return new Block(`${this.title}.stop`, function* (): Coroutine<void> {
      yield* gone.wait();
    });
  }

  /**
   * Starts it if need be, and waits until it has been told to end, by `stop` or `close`, and stopped. When the one who waits
   * is killed, it stops the server first.
   *
   * @param options as for `stop`
   * @throws what `start` throws
   */
  serveForever(options: StopOptions = {}): Waitable<void> {
    return new Block(
      `${this.title}.serveForever`,
      function* (this: BaseServer<I>): Coroutine<void> {
        try {
          yield* this.start();
          yield* this.ending.wait();
        } finally {
          yield* this.stop(options);
        }
      }.bind(this),
    );
  }

  /** As `stop`, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Takes over the handle, unless a subclass has one. @throws TypeError when there is none @internal */
  protected setHandle(handle: unknown, who: string): void {
    const self = this as { handle?: unknown };
    if (typeof handle === 'function') self.handle = handle;
    else if (handle != null || typeof self.handle !== 'function') {
      throw new TypeError(
        `Expected a function as the handle of ${who}, or a subclass that defines handle, got ${handle == null ? 'neither' : show(handle)}`,
      );
    }
  }

  /** What it is called in messages. @internal */
  protected get title(): string {
    return `${this.constructor.name} ${formatAddress(this.address)}`;
  }

  private *begin(): Coroutine<void> {
    try {
      this.intake = yield* this.openListener();
    } catch (error) {
      this.close();
      throw error;
    }
    if (!this.accepts) this.intake.close();
    const acceptor = spawn(() => this.serving(this.intake as Intake<never, I>)) as unknown as Greenlet<void>;
    acceptor.name = this.title;
    this.acceptor = acceptor;
    this.services.hold();
    acceptor.enqueue(
      new Callback<unknown>(() => {
        this.acceptor = null;
        this.close();
        this.services.release();
      }, false),
    );
  }

  private *serving(intake: Intake<never, I>): Coroutine<void> {
    let delay = this.minDelay;
    for (;;) {
      if (this.full()) yield* this.pool!.waitAvailable();
      try {
        const item = yield* intake;
        yield* this.admit(item);
        delay = this.minDelay;
      } catch (error) {
        if (isInterrupt(error) || (error instanceof OSError && FATAL.has(error.code))) throw error;
        hub.reports.report(error, this.acceptor as never);
        yield* sleep(delay);
        delay = Math.min(delay * 2, this.maxDelay);
      }
    }
  }

  private *admit(item: I): Coroutine<void> {
    let service: Service;
    try {
      service = this.serviceOf(item);
    } catch (error) {
      this.dropItem(item);
      throw error;
    }
    yield* this.services.start(service);
  }
}

function delay(ms: unknown, usual: number, what: string): number {
  if (ms === undefined) return usual;
  if (typeof ms === 'number' && ms >= 0 && ms < Infinity) return ms;
  throw new TypeError(`Expected milliseconds from 0 up as ${what}, got ${show(ms)}`);
}
