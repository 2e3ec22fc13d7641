import { errors, type Dispatcher } from 'undici';
import type { Connection } from './connection.ts';
import { Connections, sharedConnections } from './connections.ts';
import { BodyLimitError, fetchError, timeoutError } from './errors.ts';
import { DEFAULT_IDLE, type FetchSettings } from './options.ts';
import type { Origin } from './origin.ts';
import { sentUrl, type OutgoingRequest } from './request.ts';
import { Upload } from './upload.ts';
import { Watch } from './watch.ts';
import { WireBody } from './wire-body.ts';

type ResponseHeaders = Record<string, string | string[] | undefined>;
type Controller = Dispatcher.DispatchController;

/** Told how a hop goes, in undici's own stack: it must neither run code of the user's nor send another request. @internal */
export interface HopOwner {
  /** The head of the response has come. */
  responded(hop: Hop): void;
  /** There will be no response. */
  failed(hop: Hop, error: unknown): void;
  /** After the head: the body is complete, or will never be. */
  finished(hop: Hop): void;
}

// undici is told one and the same error for whatever is given up: nobody sees it, and its stack would cost 2 us each.
const abandoned = new errors.RequestAbortedError('the fetch was given up');

/**
 * One request and its response, without redirects: undici's handler, and a place in the line for a connection.
 * @internal
 */
export class Hop implements Dispatcher.DispatchHandler {
  readonly request: OutgoingRequest;
  readonly settings: FetchSettings;
  /** Wants a connection that nothing has been sent on. */
  readonly fresh: boolean;
  // Its place among those that wait for a connection.
  waitsAt: Origin | null;
  previous: Hop | null;
  next: Hop | null;
  /** Sent on a connection that had brought responses before: the server may have closed it meanwhile. */
  reused: boolean;
  status: number;
  statusText: string;
  headers: ResponseHeaders;
  /** Null until the head has come. */
  body: WireBody | null;
  private readonly content: string | Uint8Array | Blob | Upload | null;
  private readonly owner: HopOwner;
  private connection: Connection | null;
  private controller: Controller | null;
  /** Times the headers, then the idle body; null where undici's defaults do, which cost nothing. */
  private watch: Watch | null;
  /** Somebody has begun to read the body. */
  private claimed: boolean;
  private over: boolean;

  constructor(
    request: OutgoingRequest,
    content: string | Uint8Array | Blob | Upload | null,
    settings: FetchSettings,
    fresh: boolean,
    owner: HopOwner,
  ) {
    this.request = request;
    this.settings = settings;
    this.fresh = fresh;
    this.waitsAt = null;
    this.previous = null;
    this.next = null;
    this.reused = false;
    this.status = 0;
    this.statusText = '';
    this.headers = noHeaders;
    this.body = null;
    this.content = content;
    this.owner = owner;
    this.connection = null;
    this.controller = null;
    this.watch = null;
    this.claimed = false;
    this.over = false;
  }

  get connectTimeout(): number {
    return this.settings.connectTimeout;
  }

  /** Sends the request as soon as there is a connection. */
  start(): void {
    const route = this.settings.route;
    if (route === null) sharedConnections().start(this);
    else if (route instanceof Connections) route.start(this);
    else route.dispatch(this.options(), this);
  }

  /** A connection has been found. */
  carry(connection: Connection): void {
    this.connection = connection;
    this.reused = connection.served > 0;
    connection.send(this, this.options());
  }

  /** Gives it up, wherever it is; `reason` is what a reader of the body will see. The owner is told only of the body. */
  abort(reason: unknown): void {
    if (this.over) return;
    this.end();
    if (this.content instanceof Upload) this.content.cancel();
    if (this.waitsAt !== null) this.waitsAt.leave(this);
    this.controller?.abort(abandoned);
    this.connection?.discard();
    if (this.body !== null) {
      this.body.fail(reason);
      this.owner.finished(this);
    }
  }

  /** Somebody has begun to read the body. */
  claim(): void {
    this.claimed = true;
    if (this.controller?.paused === true) this.watch?.stop();
  }

  pause(): void {
    this.controller?.pause();
    // A paused body keeps its connection: not for ever, if nobody ever reads it.
    if (this.claimed) this.watch?.stop();
    else this.watchFor(this.settings.idleTimeout ?? DEFAULT_IDLE);
  }

  resume(): void {
    if (this.over) return;
    if (this.settings.idleTimeout !== undefined) this.watchFor(this.settings.idleTimeout);
    else this.watch?.stop();
    this.controller?.resume();
  }

  bodyTooLarge(limit: number): void {
    const { method, url } = this.request;
    const text = `fetch failed: ${method} ${sentUrl(url)}: the body has more than the ${limit} bytes of \`maxBody\``;
    this.abort(new BodyLimitError(text, limit, sentUrl(url)));
  }

  onRequestStart(controller: Controller): void {
    // Given up while a dispatcher of the user's had it in its queue. To abort would cost that dispatcher a connection.
    if (this.over) throw abandoned;
    this.controller = controller;
    const ms = this.settings.headersTimeout;
    if (ms === undefined) return;
    this.watchFor(ms);
    if (this.content instanceof Upload) {
      this.content.onProgress = () => {
        if (this.body === null) this.watch?.touch();
      };
    }
  }

  onResponseStart(
    _controller: Controller,
    status: number,
    headers: ResponseHeaders,
    statusText?: string,
  ): void {
    // 1xx only announces the response.
    if (this.over || status < 200) return;
    this.status = status;
    this.statusText = statusText ?? '';
    this.headers = headers;
    this.body = new WireBody(this, this.settings.maxBody);
    const ms = this.settings.idleTimeout;
    if (ms !== undefined) this.watchFor(ms);
    else this.watch?.stop();
    this.owner.responded(this);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.over || this.body === null) return;
    this.watch?.touch();
    this.body.push(chunk);
  }

  onResponseEnd(): void {
    if (this.over || this.body === null) return;
    this.end();
    this.connection?.release();
    this.body.finish();
    this.owner.finished(this);
  }

  onResponseError(_controller: Controller, cause: Error): void {
    if (this.over) return;
    this.end();
    if (this.content instanceof Upload) this.content.cancel();
    this.connection?.discard();
    const error = fetchError(cause, this.request.method, sentUrl(this.request.url));
    if (this.body === null) {
      this.owner.failed(this, error);
    } else {
      this.body.fail(error);
      this.owner.finished(this);
    }
  }

  private end(): void {
    this.over = true;
    this.watch?.stop();
  }

  private options(): Dispatcher.DispatchOptions {
    const { origin, path, method, headers } = this.request;
    const { headersTimeout, idleTimeout } = this.settings;
    return {
      origin,
      path,
      method,
      headers,
      // The types leave out blobs and iterables, which undici takes.
      body: this.content as Uint8Array | null,
      // Ours are exact to the millisecond; undici's tick each half second, and stay for what is not said.
      headersTimeout: headersTimeout === undefined ? undefined : 0,
      bodyTimeout: idleTimeout === undefined ? undefined : 0,
      blocking: false,
    };
  }

  private watchFor(ms: number): void {
    this.watch ??= new Watch(() => this.timedOut());
    this.watch.set(ms);
  }

  private timedOut(): void {
    const { method, url } = this.request;
    const headless = this.body === null;
    const ms = (headless ? this.settings.headersTimeout : this.settings.idleTimeout) ?? DEFAULT_IDLE;
    const limit = headless ? 'headers' : this.controller?.paused === true ? 'unread' : 'idle';
    const error = timeoutError(limit, ms, method, sentUrl(url));
    this.abort(error);
    if (headless) this.owner.failed(this, error);
  }
}

const noHeaders: ResponseHeaders = {};
