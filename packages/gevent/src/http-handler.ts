import type { IncomingMessage, ServerResponse } from 'node:http';
import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { Block, checkTimeout, follow } from '@switchyard/hub/core';
import { type Greenlet, spawn } from './greenlet.ts';
import { Callback } from './linkable.ts';
import type { StopOptions } from './server/base.ts';
import { type Service, Services } from './server/services.ts';
import { type SpawnOption, spawnerOf } from './server/spawner.ts';
import { formatAddress } from './server/address.ts';

/** What answers a request: a generator function, an async function or a plain function. */
export type HttpHandle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What `httpHandler` takes. */
export interface HttpHandlerOptions {
  /** How handlers are started: see `SpawnOption`. With a number or a `Pool`, requests beyond that wait. */
  spawn?: SpawnOption | undefined;
  /** Told of the error of a handler, which is not reported then. It may answer; otherwise the answer is 500. */
  onError?: ((error: unknown, request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
}

/** A listener for the `request` event of a server of Node's. */
export interface HttpListener {
  (request: IncomingMessage, response: ServerResponse): void;
  /** How many requests are being answered, or wait for that. */
  readonly size: number;
  /**
   * Answers 503 from now on, lets handlers go on for the grace time, 1000 ms when left out, and then kills them. To be called
   * together with `server.close()`.
   *
   * @returns to be waited for: the cleanup of all handlers has ended
   */
  stop(options?: StopOptions): Waitable<void>;
}

/**
 * Answers each request in a greenlet of its own, which is killed when the client goes away before the response has ended: what
 * it waits for is given up, and its `finally` blocks run. An error is reported once, under the request's method and path, and
 * answered with 500, or breaks the connection off when the answer has begun.
 *
 * ```ts
 * createServer(httpHandler(function* (request, response) {
 *   const page = yield* fetch(upstream + request.url);
 *   response.end(yield* page.text());
 * }, { spawn: 100 })).listen(8000);
 * ```
 *
 * @returns a listener for `createServer` of `node:http` and `node:https`
 * @throws TypeError when `handle` is no function, or an option not what it should be
 *
 * Python: `gevent.pywsgi.WSGIServer`, in its place.
 */
export function httpHandler(handle: HttpHandle, options: HttpHandlerOptions = {}): HttpListener {
  if (typeof handle !== 'function')
    throw new TypeError(`Expected a function for httpHandler, got ${show(handle)}`);
  const { onError } = options;
  if (onError !== undefined && typeof onError !== 'function') {
    throw new TypeError(`Expected a function as the onError of httpHandler, got ${show(onError)}`);
  }
  const app = new Application(handle, options);
  return Object.defineProperty(
    Object.assign(
      (request: IncomingMessage, response: ServerResponse): void => app.answer(request, response),
      { stop: (stop?: StopOptions) => app.stop(stop) },
    ),
    'size',
    { get: () => app.services.size },
  ) as HttpListener;
}

class Application {
  readonly handle: HttpHandle;
  readonly onError: HttpHandlerOptions['onError'];
  readonly services: Services;
  private readonly limited: boolean;
  /** Those that wait for room, in the order in which they came. */
  private readonly waiting: Set<Exchange>;
  private feeder: Greenlet<unknown> | null;
  private stopped: boolean;

  constructor(handle: HttpHandle, options: HttpHandlerOptions) {
    const spawner = spawnerOf(options.spawn, 'httpHandler');
    this.handle = handle;
    this.onError = options.onError;
    this.services = new Services('httpHandler', spawner);
    this.limited = spawner.pool !== null;
    this.waiting = new Set();
    this.feeder = null;
    this.stopped = false;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.stopped) {
      refuse(response, 503, true);
      return;
    }
    const exchange = new Exchange(this, request, response);
    response.once('close', exchange.left);
    // Without a limit there is nothing to wait for.
    if (!this.limited) this.services.start(exchange).next();
    else {
      this.waiting.add(exchange);
      this.feed();
    }
  }

  stop({ grace = 1000 }: StopOptions = {}): Waitable<void> {
    const limit = checkTimeout({ timeout: grace }, 'stop');
    this.stopped = true;
    for (const exchange of this.waiting) this.forget(exchange);
    this.feeder?.kill({ block: false });
    this.services.close();
    this.services.killIn(limit);
    const { gone } = this.services;
    return new Block('httpHandler.stop', function* (): Coroutine<void> {
      yield* gone.wait();
    });
  }

  /** The client has gone away. */
  left(exchange: Exchange): void {
    if (this.waiting.has(exchange)) this.forget(exchange);
    else this.services.kill(exchange);
  }

  private forget(exchange: Exchange): void {
    this.waiting.delete(exchange);
    exchange.dismiss();
  }

  private feed(): void {
    if (this.feeder !== null) return;
    this.services.hold();
    this.feeder = spawn(() => this.starting());
    this.feeder.name = 'httpHandler';
    this.feeder.enqueue(
      new Callback<unknown>(() => {
        this.feeder = null;
        this.services.release();
        if (this.waiting.size > 0) this.feed();
      }, false),
    );
  }

  private *starting(): Coroutine<void> {
    for (const exchange of this.waiting) {
      yield* this.services.room();
      // Its client may have gone away meanwhile.
      if (this.waiting.delete(exchange)) yield* this.services.start(exchange);
    }
  }
}

/** A request and its response. */
class Exchange implements Service {
  private readonly app: Application;
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  /** Told when the response is over, in whatever way. */
  readonly left: () => void;

  constructor(app: Application, request: IncomingMessage, response: ServerResponse) {
    this.app = app;
    this.request = request;
    this.response = response;
    this.left = () => {
      if (!response.writableEnded) app.left(this);
    };
  }

  get name(): string {
    const { method, url, socket } = this.request;
    const { remoteAddress: host = '', remotePort: port = 0 } = socket;
    return `${method} ${url} for ${formatAddress(host === '' ? '' : [host, port])}`;
  }

  run(): unknown {
    return this.app.onError === undefined ? this.app.handle(this.request, this.response) : this.guarded();
  }

  ended(failed: boolean, outcome: unknown): void {
    const { response } = this;
    response.off('close', this.left);
    this.app.services.ended(this);
    if (failed) refuse(response, 500, false);
    else if (outcome instanceof GreenletExit) refuse(response, 503, true);
  }

  cut(): void {
    this.response.destroy();
  }

  /** Nobody is going to answer it. */
  dismiss(): void {
    this.response.off('close', this.left);
    refuse(this.response, 503, true);
  }

  private *guarded(): Coroutine<unknown> {
    const { request, response } = this;
    try {
      return yield* follow(() => this.app.handle(request, response));
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      yield* follow(() => this.app.onError?.(error, request, response));
      refuse(response, 500, false);
      return undefined;
    }
  }
}

const REASONS = { 500: 'Internal Server Error\n', 503: 'Service Unavailable\n' } as const;

/** Answers with an error, as far as that can still be done. */
function refuse(response: ServerResponse, status: 500 | 503, last: boolean): void {
  if (response.writableEnded || response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const headers = { 'content-type': 'text/plain', ...(last ? { connection: 'close' } : {}) };
  response.writeHead(status, headers).end(REASONS[status]);
}
