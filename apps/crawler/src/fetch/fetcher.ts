import {
  Connections,
  type Coroutine,
  type FetchInit,
  FetchTimeoutError,
  type Response,
  Timeout,
  fetch,
  isInterrupt,
} from '@switchyard/gevent';
import type { Job } from '../job.ts';
import type { Failure } from '../outcome.ts';
import type { Arrival } from './arrival.ts';
import { failureOf } from './failure.ts';
import { AddressGuard } from './guard.ts';
import type { FetchSettings } from './settings.ts';

/** A body that nobody wants is left to arrive up to this size, which keeps the connection; a larger one costs it. */
const UNWANTED = 64 * 1024;
const PAGE_TYPES = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;
const ACCEPT = {
  page: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.1',
  robots: 'text/plain,*/*;q=0.5',
  sitemap: 'application/xml,text/xml,text/plain;q=0.5,*/*;q=0.1',
};

/** Fetches what a job says, once, without following redirects. For greenlets; one for a whole crawl. */
export class Fetcher {
  readonly #guard: AddressGuard;
  readonly #connections: Connections;
  readonly #init: Record<Job['kind'], FetchInit>;
  readonly #settings: FetchSettings;
  /** Time limits that no fetch is using: made once, started for each fetch. */
  readonly #spare: Limits[] = [];
  readonly #maxBody: number;

  constructor(settings: FetchSettings) {
    this.#guard = new AddressGuard(settings);
    // How many connections a host gets is the crawl's to say.
    this.#connections = new Connections({ connections: Infinity, connect: { lookup: this.#guard.lookup } });
    this.#maxBody = settings.maxBody;
    this.#settings = settings;
    this.#init = {
      page: this.#initFor(settings, ACCEPT.page),
      robots: this.#initFor(settings, ACCEPT.robots),
      sitemap: this.#initFor(settings, ACCEPT.sitemap),
    };
  }

  /** What came back, or why nothing did; throws nothing but a kill or a timeout of the greenlet. */
  *fetch(job: Job): Coroutine<Arrival | Failure> {
    const start = performance.now();
    let headersAt: number | undefined;
    let status = 0;
    const limits = this.#spare.pop() ?? new Limits(this.#settings);
    try {
      this.#guard.check(job.url);
      limits.start();
      const response = yield* fetch(job.url, this.#init[job.kind]);
      limits.headers.cancel();
      headersAt = performance.now();
      status = response.status;
      const wanted = this.#wants(job, response);
      if (wanted === 'too large') {
        response.cancel();
        return tooLarge(response, this.#maxBody, headersAt - start);
      }
      let body: Uint8Array | undefined;
      if (wanted === 'yes') body = yield* response.bytes();
      else leave(response);
      return {
        type: 'arrival',
        status,
        // A look at a header costs as much as a link: only where it can mean something.
        location: status >= 300 && status <= 399 ? header(response, 'location') : undefined,
        retryAfter: status === 429 || status === 503 ? header(response, 'retry-after') : undefined,
        contentType: header(response, 'content-type'),
        robotsTag: header(response, 'x-robots-tag'),
        body,
        wireBytes: body === undefined ? 0 : wireBytes(response, body),
        timings: { headers: headersAt - start, body: performance.now() - headersAt },
      };
    } catch (error) {
      const end = performance.now();
      const timings = { headers: (headersAt ?? end) - start, body: end - (headersAt ?? end) };
      const expired = limits.expired(error);
      if (expired === undefined && isInterrupt(error)) throw error;
      return failureOf(expired ?? error, { status: status === 0 ? undefined : status, timings });
    } finally {
      limits.cancel();
      this.#spare.push(limits);
    }
  }

  /** Lets go of idle connections. */
  close(): void {
    this.#connections.close();
  }

  #initFor(settings: FetchSettings, accept: string): FetchInit {
    const own: readonly (readonly [string, string])[] = [
      ['user-agent', settings.userAgent],
      ['accept', accept],
    ];
    const given = new Set(settings.headers.map(([name]) => name.toLowerCase()));
    return {
      headers: [...own.filter(([name]) => !given.has(name)), ...settings.headers],
      redirect: 'manual',
      maxBody: settings.maxBody,
      maxInflated: settings.maxInflated,
      timeouts: { connect: settings.timeouts.connect, idle: settings.timeouts.idle },
      connections: this.#connections,
    };
  }

  /** Whether the body is worth reading, as far as the headers say. */
  #wants(job: Job, response: Response): 'yes' | 'no' | 'too large' {
    if (!response.ok) return 'no';
    if (job.kind === 'page') {
      const type = header(response, 'content-type');
      if (type !== undefined && !PAGE_TYPES.test(type)) return 'no';
    }
    return Number(header(response, 'content-length') ?? 0) > this.#maxBody ? 'too large' : 'yes';
  }
}

/** The limits of one attempt that are kept here: a greenlet's timeouts cost a fraction of a timer each. */
class Limits {
  readonly headers: Timeout;
  readonly total: Timeout;

  constructor({ timeouts }: FetchSettings) {
    this.headers = new Timeout(timeouts.headers, `no headers within ${timeouts.headers} ms`);
    this.total = new Timeout(timeouts.total, `not complete within ${timeouts.total} ms`);
  }

  start(): void {
    this.total.start();
    this.headers.start();
  }

  cancel(): void {
    this.headers.cancel();
    this.total.cancel();
  }

  /** What to report when `error` is one of these limits; `undefined` when it is something else. */
  expired(error: unknown): FetchTimeoutError | undefined {
    if (error !== this.headers && error !== this.total) return undefined;
    return new FetchTimeoutError(
      (error as Timeout).message,
      error === this.headers ? 'headers' : 'total',
      '',
    );
  }
}

function header(response: Response, name: string): string | undefined {
  return response.headers.get(name) ?? undefined;
}

/** Lets a small body arrive unread, and gives up the connection of one that may be large. */
function leave(response: Response): void {
  const length = Number(header(response, 'content-length') ?? Infinity);
  if (length > UNWANTED) response.cancel();
}

/** A compressed body whose length the server did not say counts with its inflated size. */
function wireBytes(response: Response, body: Uint8Array): number {
  if (header(response, 'content-encoding') === undefined) return body.byteLength;
  return Number(header(response, 'content-length') ?? body.byteLength);
}

function tooLarge(response: Response, limit: number, headers: number): Failure {
  return {
    type: 'failure',
    kind: 'too_large',
    message: `the body has ${header(response, 'content-length') ?? '?'} bytes; the limit is ${limit}`,
    temporary: false,
    status: response.status,
    wireBytes: 0,
    timings: { headers, body: 0, process: 0 },
  };
}
