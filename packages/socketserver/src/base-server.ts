import { show } from '@switchyard/greenlet/scheduler';
import { GreenletExit, type Greenlet, spawn } from '@switchyard/gevent';
import { type Coroutine, isInterrupt, type Waitable } from '@switchyard/hub';
import { Block, checkTimeout, follow, hub } from '@switchyard/hub/core';
import { type Address, OSError, type Pollable, POLLIN, RuntimeError } from '@switchyard/select';
import { formatAddress } from './address.ts';
import { Bell } from './bell.ts';
import { RequestError } from './errors.ts';
import type { Hook } from './hook.ts';
import type { ServeOptions, ServerOptions, ShutdownOptions } from './options.ts';
import { type AnyHandlerClass, handled, type ServerView } from './request-handler.ts';
import { type Service, Services } from './services.ts';

const GRACE = 1000;

/**
 * What servers have in common. Each step of a request is a method that a subclass may override, as a plain, an async or a
 * generator function: `getRequest`, `verifyRequest`, `processRequest`, `finishRequest`, `shutdownRequest`, `closeRequest`,
 * `handleError`, `handleTimeout`, `serviceActions`, `serverBind`, `serverActivate`.
 *
 * Python: `socketserver.BaseServer`.
 */
export abstract class BaseServer<R> implements ServerView, Disposable, AsyncDisposable {
  /** What handles requests. */
  readonly RequestHandlerClass: AnyHandlerClass;
  /** Where it is; the port that was chosen for port 0 is there when `start()` has ended. */
  serverAddress: Address;
  /** How long `handleRequest` waits for a request, in ms; null for no limit. */
  timeout: number | null;
  /** How long handlers may go on when it is shut down, in ms; null for as long as they take. */
  grace: number | null;
  /** Whether `serverClose` waits for handlers. */
  blockOnClose: boolean;
  readonly shared: unknown;
  /** What is handled in this thread. @internal */
  protected readonly services: Services;
  private readonly bell: Bell;
  private starting: Greenlet<void> | null;
  /** Set when the loop of `serveForever` has ended; null while there is none. */
  private loop: Bell | null;
  private told: boolean;
  private ended: boolean;

  constructor(address: Address, Handler: AnyHandlerClass, options: ServerOptions = {}) {
    const who = new.target.name;
    if (typeof Handler !== 'function' || typeof Handler.prototype?.handle !== 'function') {
      throw new TypeError(
        `Expected a class of request handlers, with a handle(), as the second argument of ${who}, got ${show(Handler)}`,
      );
    }
    checkTimeout({ timeout: options.timeout }, who);
    checkTimeout({ timeout: options.grace }, `the grace of ${who}`);
    this.RequestHandlerClass = Handler;
    this.serverAddress = address;
    this.timeout = options.timeout ?? null;
    this.grace = options.grace === undefined ? GRACE : options.grace;
    this.blockOnClose = options.blockOnClose ?? true;
    this.shared = options.shared;
    this.services = new Services();
    this.bell = new Bell(`the next request of ${who}`);
    this.starting = null;
    this.loop = null;
    this.told = false;
    this.ended = false;
  }

  // What a kind of server implements.

  /** What requests come from; null before it has been bound. @internal */
  protected abstract get listener(): Pollable | null;
  /** Closes that. @internal */
  protected abstract closeListener(): void;
  /** Whether the program lives on for that. @internal */
  protected abstract hold(on: boolean): void;

  // What may be overridden.

  /** Takes the address, and sets `serverAddress`. Node listens as it binds. @throws OSError with `EADDRINUSE` and the like */
  abstract serverBind(): Hook<void>;
  /** Called when it has been bound: gets ready to handle requests. */
  abstract serverActivate(): Hook<void>;
  /** Takes the next request. @returns it and where it is from; null when there is none */
  abstract getRequest(): Hook<readonly [request: R, clientAddress: Address] | null>;
  /** Handles a request, or sees to it that it is handled. */
  abstract processRequest(request: R, clientAddress: Address): Hook<void>;
  /** Ends a request, which has been handled or is not to be. Calls `closeRequest`. */
  abstract shutdownRequest(request: R): Hook<void>;
  /** Lets go of a request. */
  abstract closeRequest(request: R): Hook<void>;

  /** Whether a request is to be handled. @returns true unless overridden */
  verifyRequest(_request: R, _clientAddress: Address): Hook<boolean> {
    return true;
  }

  /** Makes a handler for the request, and has it do its work. */
  finishRequest(request: R, clientAddress: Address): Hook<void> {
    const { RequestHandlerClass } = this;
    return handled(new RequestHandlerClass(request as never, clientAddress, this));
  }

  /**
   * Called when a request could not be handled: with what its handler threw, or a `WorkerError` when the thread or process
   * that handled it has ended. Unless overridden it hands a `RequestError` to the hub's error hook, or prints that.
   */
  handleError(_request: R, clientAddress: Address, error: unknown): Hook<void> {
    hub.reports.report(new RequestError(this.title, clientAddress, error), null, 'A request failed');
  }

  /** Called when `handleRequest` has waited in vain for the time of `timeout`. */
  handleTimeout(): Hook<void> {}

  /** Called by the loop of `serveForever` after each request, and every `pollInterval`. */
  serviceActions(): Hook<void> {}

  // What is called.

  /**
   * Takes the address and gets ready, which the constructor has begun unless told otherwise. Threads and processes are up
   * then. A second time does nothing.
   *
   * @returns to be waited for where `serverAddress` is asked for; or the error why it cannot be had
   * @throws RuntimeError when it has been closed
   */
  start(): Waitable<void> {
    if (this.ended) throw new RuntimeError(`${this.title} has been closed: make another one`);
    if (this.starting === null) {
      this.starting = spawn(() => this.begin()) as unknown as Greenlet<void>;
      this.starting.name = `${this.constructor.name}.start`;
    }
    return this.starting.get();
  }

  /**
   * Handles requests until it is shut down or closed. What `start` does comes first.
   *
   * @throws what `start` throws; RuntimeError when it serves already
   */
  serveForever({ pollInterval = 500 }: ServeOptions = {}): Waitable<void> {
    const interval = checkTimeout({ timeout: pollInterval }, 'serveForever');
    return new Block(`${this.constructor.name}.serveForever`, () => this.serve(interval));
  }

  /** Waits for a request, at most for the time of `timeout`, and handles it. @throws what `start` throws */
  handleRequest(): Waitable<void> {
    return new Block(`${this.constructor.name}.handleRequest`, () => this.serveOne());
  }

  /**
   * Tells `serveForever` to end, which has happened when this returns; if nobody serves, the next one ends at once. What it
   * returns waits for that: it has ended, and so have all handlers, as those that took longer than the grace time were
   * killed. A handler may call it for its own server, and is not waited for then, nor killed.
   */
  shutdown({ grace = this.grace }: ShutdownOptions = {}): Waitable<void> {
    const limit = checkTimeout({ timeout: grace }, 'shutdown');
    this.told = true;
    this.bell.set();
    return new Block(`${this.constructor.name}.shutdown`, () => this.stop(limit));
  }

  /**
   * Leaves its address at once, for good. Handlers go on.
   *
   * @returns to be waited for: all handlers have ended, but for the one that calls it, and threads and processes have been let
   *   go; nothing to wait for with `blockOnClose: false`
   */
  serverClose(): Waitable<void> {
    if (!this.ended) {
      this.ended = true;
      this.starting?.kill({ block: false });
      this.closeListener();
      this.bell.set();
    }
    const { blockOnClose } = this;
    return new Block(`${this.constructor.name}.serverClose`, () =>
      blockOnClose ? this.drain(-1) : nothing(),
    );
  }

  /** A number to watch it by, for selectors; -1 when it has been closed, and before it is bound. */
  fileno(): number {
    return this.listener?.fileno() ?? -1;
  }

  /** As `serverClose`, without waiting. */
  [Symbol.dispose](): void {
    void this.serverClose();
  }

  /** Shuts down, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
    await this.serverClose();
  }

  /** To be called at the end of a constructor. It begins in its turn, when subclasses have set their fields. @internal */
  protected beginUnless({ bindAndActivate = true }: ServerOptions): void {
    if (bindAndActivate) void this.start();
  }

  /** Waits for all handlers but the one that asks, and kills those that take too long. @internal */
  protected drain(limit: number): Coroutine {
    return this.services.drain(limit, this.services.own());
  }

  /** Whether it has been closed. @internal */
  protected get closed(): boolean {
    return this.ended;
  }

  /** Handles a request in a greenlet of its own, which ends it. @internal */
  protected launch(request: R, clientAddress: Address): Service {
    return this.services.start(
      `${this.constructor.name} for ${formatAddress(clientAddress)}`,
      () => this.handle(request, clientAddress),
      () => void this.shutdownRequest(request),
    );
  }

  /** Tells of an error of a request, whatever becomes of that. @internal */
  protected *failed(request: R, clientAddress: Address, error: unknown): Coroutine {
    try {
      yield* follow(() => this.handleError(request, clientAddress, error));
    } catch (second) {
      if (isInterrupt(second)) throw second;
      hub.reports.report(second, null, `handleError of ${this.title} failed`);
    }
  }

  /** What it is called in messages. @internal */
  protected get title(): string {
    return `${this.constructor.name} ${formatAddress(this.serverAddress)}`;
  }

  private *handle(request: R, clientAddress: Address): Coroutine {
    try {
      yield* follow(() => this.finishRequest(request, clientAddress));
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      yield* this.failed(request, clientAddress, error);
    } finally {
      yield* follow(() => this.shutdownRequest(request));
    }
  }

  private *begin(): Coroutine {
    let done = false;
    try {
      yield* follow(() => this.serverBind());
      this.bell.watch(this.listener as Pollable);
      this.hold(this.loop !== null);
      yield* follow(() => this.serverActivate());
      done = true;
    } finally {
      if (!done) void this.serverClose();
    }
  }

  private get pending(): boolean {
    return ((this.listener?.events ?? 0) & POLLIN) !== 0;
  }

  private *serve(interval: number): Coroutine {
    if (this.loop !== null) {
      throw new RuntimeError(`serveForever of ${this.title}, which serves already`);
    }
    const loop = new Bell(`${this.constructor.name}.shutdown`);
    this.loop = loop;
    try {
      yield* this.start();
      this.hold(true);
      while (!this.told && !this.ended) {
        this.bell.clear();
        if (this.pending) yield* this.next();
        else yield* this.bell.wait({ timeout: interval });
        if (this.told || this.ended) break;
        yield* follow(() => this.serviceActions());
      }
    } finally {
      this.told = false;
      this.loop = null;
      this.hold(false);
      loop.set();
    }
  }

  private *serveOne(): Coroutine {
    yield* this.start();
    const limit = this.timeout;
    const until = limit === null ? Infinity : hub.now() + limit;
    this.hold(true);
    try {
      while (!this.pending) {
        const left = until - hub.now();
        this.bell.clear();
        if (this.ended) throw new OSError('EBADF', `handleRequest of ${this.title}, which has been closed`);
        if (left <= 0) {
          yield* follow(() => this.handleTimeout());
          return;
        }
        yield* this.bell.wait({ timeout: left });
      }
      yield* this.next();
    } finally {
      this.hold(this.loop !== null);
    }
  }

  private *next(): Coroutine {
    let taken: readonly [R, Address] | null;
    try {
      taken = yield* follow(() => this.getRequest());
    } catch (error) {
      // It was gone before it was here.
      if (error instanceof OSError) return;
      throw error;
    }
    if (taken === null) return;
    const [request, clientAddress] = taken;
    let processed = false;
    try {
      if (yield* follow(() => this.verifyRequest(request, clientAddress))) {
        yield* follow(() => this.processRequest(request, clientAddress));
        processed = true;
      }
    } catch (error) {
      if (isInterrupt(error)) throw error;
      yield* this.failed(request, clientAddress, error);
    } finally {
      if (!processed) yield* follow(() => this.shutdownRequest(request));
    }
  }

  private *stop(limit: number): Coroutine {
    const { loop } = this;
    const own = this.services.own();
    yield* this.drain(limit);
    // The loop may be waiting for the very handler that asks.
    if (loop !== null && own === null) yield* loop.wait();
  }
}

function* nothing(): Coroutine {}
