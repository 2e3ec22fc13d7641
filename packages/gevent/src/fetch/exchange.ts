import { RedirectError, timeoutError } from './errors.ts';
import { Hop, type HopOwner } from './hop.ts';
import type { FetchSettings } from './options.ts';
import { isRedirect, redirected } from './redirect.ts';
import { sentUrl, type OutgoingRequest } from './request.ts';
import { type Abortable, listen, unlisten } from './signals.ts';

/** Told once how an exchange begins: with a response, or not at all. @internal */
export interface ExchangeListener {
  /** The head of the final response has come. Must not run code of the user's: this is undici's stack. */
  responded(exchange: Exchange): void;
  failed(error: unknown): void;
}

/** A redirect's own body is read up to here, to keep the connection. */
const REDIRECT_BODY = 64 * 1024;
/** And for so long, in milliseconds. */
const REDIRECT_PATIENCE = 250;

/** Codes of a connection that broke, as one does that the server closed while it was idle. */
const broken = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * A whole fetch, from the request over its redirects to the last byte of the body. It knows nothing of greenlets: it is
 * started, aborted, and calls back.
 * @internal
 */
export class Exchange implements HopOwner, Abortable {
  readonly settings: FetchSettings;
  /** The request under way: after redirects the last one. */
  hop: Hop;
  redirects: number;
  private readonly listener: ExchangeListener;
  private total: NodeJS.Timeout | undefined;
  /** Where to go when the redirect's body is out of the way. */
  private onward: OutgoingRequest | null;
  private patience: NodeJS.Timeout | undefined;
  private responding: boolean;
  private over: boolean;

  /** @throws TypeError when the request's body has been sent before and cannot be sent again */
  constructor(request: OutgoingRequest, settings: FetchSettings, listener: ExchangeListener) {
    this.settings = settings;
    this.redirects = 0;
    this.listener = listener;
    this.total = undefined;
    this.onward = null;
    this.patience = undefined;
    this.responding = false;
    this.over = false;
    this.hop = this.hopTo(request, false);
  }

  /** Sends the request. The listener may hear of a failure before this returns. */
  start(): void {
    const { signal, totalTimeout } = this.settings;
    if (signal !== null) listen(signal, this);
    if (totalTimeout < 2 ** 31) {
      this.total = setTimeout(() => {
        const { method, url } = this.hop.request;
        this.fail(timeoutError('total', totalTimeout, method, sentUrl(url)));
      }, totalTimeout).unref();
    }
    this.hop.start();
  }

  /** Gives it up; nobody is told but a reader of the body, who sees `reason`. */
  abort(reason: unknown): void {
    if (this.over) return;
    this.settle();
    this.hop.abort(reason);
  }

  /** The user's signal was. */
  aborted(reason: unknown): void {
    this.fail(reason);
  }

  responded(hop: Hop): void {
    const location = hop.headers['location'];
    if (location === undefined || !isRedirect(hop.status) || this.settings.redirect === 'manual') {
      this.responding = true;
      this.listener.responded(this);
      return;
    }
    try {
      this.onward = this.follow(hop, typeof location === 'string' ? location : location[0]!);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.patience = setTimeout(() => hop.abort(null), REDIRECT_PATIENCE);
    hop.body?.discard(REDIRECT_BODY);
  }

  failed(hop: Hop, error: unknown): void {
    if (this.over) return;
    const { method, body } = hop.request;
    const safe = (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') && body === null;
    // The server closed an idle connection at the moment it was used: that is nobody's failure, and asking once more
    // changes nothing on the server (RFC 9110, 9.2.2).
    if (hop.reused && !hop.fresh && safe && broken.has((error as { code: string }).code)) {
      this.onward = hop.request;
      this.goOn(true);
      return;
    }
    this.fail(error);
  }

  finished(hop: Hop): void {
    if (this.over || hop !== this.hop) return;
    if (this.onward !== null) this.goOn(false);
    else this.settle();
  }

  private follow(hop: Hop, location: string): OutgoingRequest {
    const { redirect, maxRedirects } = this.settings;
    const { method, url } = hop.request;
    const from = sentUrl(url);
    if (redirect === 'error') {
      const text = `fetch failed: ${method} ${from}: it redirects to ${location}, and redirect is 'error'`;
      throw new RedirectError(text, from);
    }
    if (this.redirects >= maxRedirects) {
      throw new RedirectError(`fetch failed: ${method} ${from}: more than ${maxRedirects} redirects`, from);
    }
    return redirected(hop.request, hop.status, location);
  }

  /** Sends the next request, not in undici's stack, where its parser may be at work. */
  private goOn(fresh: boolean): void {
    clearTimeout(this.patience);
    queueMicrotask(() => {
      const request = this.onward;
      if (this.over || request === null) return;
      this.onward = null;
      if (!fresh) this.redirects++;
      this.hop = this.hopTo(request, fresh);
      this.hop.start();
    });
  }

  private hopTo(request: OutgoingRequest, fresh: boolean): Hop {
    return new Hop(request, request.body === null ? null : request.body.open(), this.settings, fresh, this);
  }

  private fail(error: unknown): void {
    if (this.over) return;
    this.settle();
    this.hop.abort(error);
    if (!this.responding) this.listener.failed(error);
  }

  private settle(): void {
    this.over = true;
    clearTimeout(this.total);
    clearTimeout(this.patience);
    if (this.settings.signal !== null) unlisten(this.settings.signal, this);
  }
}
