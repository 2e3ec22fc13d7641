import {
  Connections,
  type Coroutine,
  type FetchInit,
  type FetchTimeoutError,
  type Response,
  Timeout,
  fetch,
  isInterrupt,
} from '@switchyard/gevent';
import type { Job } from '../job.ts';
import type { Failure } from '../outcome.ts';
import { type AnswerHead, arrivalOf, mayArriveUnread, tooLarge, wants } from './answer-head.ts';
import type { Arrival } from './arrival.ts';
import { expiry, expiryText } from './expiry.ts';
import { failureOf } from './failure.ts';
import { AddressGuard } from './guard.ts';
import { requestHeaders } from './request-headers.ts';
import type { FetchSettings } from './settings.ts';

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
      page: this.#initFor(settings, 'page'),
      robots: this.#initFor(settings, 'robots'),
      sitemap: this.#initFor(settings, 'sitemap'),
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
      const head = new ResponseHead(response);
      const wanted = wants(job.kind, head, this.#maxBody);
      if (wanted === 'too large') {
        response.cancel();
        return tooLarge(head, this.#maxBody, headersAt - start);
      }
      let body: Uint8Array | undefined;
      if (wanted === 'yes') body = yield* response.bytes();
      else if (!mayArriveUnread(head)) response.cancel();
      return arrivalOf(head, body, { headers: headersAt - start, body: performance.now() - headersAt });
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

  #initFor(settings: FetchSettings, kind: Job['kind']): FetchInit {
    return {
      headers: requestHeaders(settings, kind),
      redirect: 'manual',
      maxBody: settings.maxBody,
      maxInflated: settings.maxInflated,
      timeouts: { connect: settings.timeouts.connect, idle: settings.timeouts.idle },
      connections: this.#connections,
    };
  }
}

/** The limits of one attempt that are kept here: a greenlet's timeouts cost a fraction of a timer each. */
class Limits {
  readonly headers: Timeout;
  readonly total: Timeout;
  readonly #timeouts: FetchSettings['timeouts'];

  constructor({ timeouts }: FetchSettings) {
    this.headers = new Timeout(timeouts.headers, expiryText('headers', timeouts));
    this.total = new Timeout(timeouts.total, expiryText('total', timeouts));
    this.#timeouts = timeouts;
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
    if (error === this.headers) return expiry('headers', this.#timeouts);
    return error === this.total ? expiry('total', this.#timeouts) : undefined;
  }
}

class ResponseHead implements AnswerHead {
  readonly status: number;
  readonly #response: Response;

  constructor(response: Response) {
    this.status = response.status;
    this.#response = response;
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }
}
