import type { Waitable } from '@switchyard/hub';
import { ERROR, hub, PENDING, type Queued, VALUE, Wait } from '@switchyard/hub/core';
import { Exchange, type ExchangeListener } from './exchange.ts';
import { fetchSettings, type FetchInit, type FetchSettings, type FetchTarget } from './options.ts';
import { outgoingRequest, sentUrl, type OutgoingRequest } from './request.ts';
import { Response } from './response.ts';

/**
 * Fetches a URL over HTTP. It is the standard's `fetch` as a waitable: `yield*` it in a greenlet, `await` it in async
 * code. The request is sent when it is consumed; it waits for the headers of the response, whose body is waited for
 * by its readers. A kill or a timeout of the greenlet aborts the request wherever it is: waiting for a connection,
 * connecting, waiting for the response, or (in `text()` and the others) in the middle of the body.
 *
 * ```ts
 * const response = yield* fetch('https://example.org/');
 * const html = yield* response.text();
 * ```
 *
 * Connections are kept and used again; they do not keep the process alive. Redirects are followed, and compressed
 * bodies decompressed. A GET that found its idle connection closed by the server is sent once more.
 *
 * @param input the URL, or an object with `url` and options, such as a `Request`
 * @param init options, which go before those of `input`
 * @returns a response of any status; `ok` says whether it is one of success
 * @throws TypeError at the call, when the URL, the method, a header, the body or an option cannot be used
 * @throws FetchError when there is no response: its `code` says why, its `cause` is the original error.
 *   `FetchTimeoutError` when one of `timeouts` runs out, `RedirectError` when a redirect cannot be followed
 * @throws the signal's reason when `signal` is aborted
 */
export function fetch(input: string | URL | FetchTarget, init?: FetchInit): Waitable<Response> {
  const target = typeof input === 'object' && input !== null && !(input instanceof URL) ? input : undefined;
  const settings = fetchSettings(init, target);
  return new Fetching(outgoingRequest(input, init, target, settings.decompress), settings);
}

const abandoned = new Error('the greenlet that fetched was killed or timed out');

/** The wait for a response. */
class Fetching extends Wait<Response> implements Queued, ExchangeListener {
  private readonly request: OutgoingRequest;
  private readonly settings: FetchSettings;
  private exchange: Exchange | null;
  /** Its response or failure has come: a turn that was scheduled for an earlier exchange finds it false. */
  private settled: boolean;
  private failure: { readonly error: unknown } | null;

  constructor(request: OutgoingRequest, settings: FetchSettings) {
    super();
    this.request = request;
    this.settings = settings;
    this.exchange = null;
    this.settled = false;
    this.failure = null;
  }

  responded(): void {
    this.settled = true;
    hub.schedule(this);
  }

  failed(error: unknown): void {
    this.settled = true;
    this.failure = { error };
    if (this.parked) hub.schedule(this);
  }

  turn(): void {
    const { exchange, settled, failure } = this;
    if (exchange === null || !settled) return;
    this.exchange = null;
    if (failure !== null) this.resume(ERROR, failure.error);
    else this.resume(VALUE, new Response(exchange));
  }

  override describe(): string {
    return `fetch(${this.request.method} ${sentUrl(this.request.url)})`;
  }

  protected override begin(): Response | typeof PENDING {
    const { signal } = this.settings;
    if (signal?.aborted === true) throw signal.reason;
    this.renew();
    this.exchange = new Exchange(this.request, this.settings, this);
    this.exchange.start();
    const { failure } = this;
    if (failure !== null) {
      this.exchange = null;
      throw failure.error;
    }
    hub.outside++;
    return PENDING;
  }

  protected override detach(): void {
    this.exchange?.abort(abandoned);
    this.exchange = null;
  }

  protected override left(): void {
    hub.outside--;
  }

  protected override renew(): void {
    this.exchange = null;
    this.settled = false;
    this.failure = null;
  }
}
