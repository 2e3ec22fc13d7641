import type { Dispatcher } from 'undici';
import { Connections } from './connections.ts';
import type { FetchBody } from './request-body.ts';
import type { FetchHeaders } from './request-headers.ts';
import { show } from '@switchyard/greenlet/scheduler';

/** Limits in milliseconds, `Infinity` for none. Each that runs out is a `FetchTimeoutError`. */
export interface FetchTimeouts {
  /** To open a connection, name look-up and TLS included: 10,000 unless told. Waiting for a free one is not counted. */
  connect?: number;
  /** From the request on its way to the response's headers: 300,000 unless told. */
  headers?: number;
  /** Between two pieces of the body, or with nobody reading a body that has to wait: 300,000 unless told. */
  idle?: number;
  /** The whole fetch: waiting for a connection, redirects and the body to its end. None unless told. */
  total?: number;
}

/** What a fetch may be told. */
export interface FetchInit {
  /** `GET` unless told. */
  method?: string;
  headers?: FetchHeaders;
  body?: FetchBody | null;
  /** `follow` (the default), `manual`: give back the redirect itself, or `error`: throw a `RedirectError`. */
  redirect?: 'follow' | 'manual' | 'error';
  /** How many redirects to follow: 20 unless told. One more is a `RedirectError`. */
  maxRedirects?: number;
  /** Aborts the fetch, and after it the body: both then throw the signal's reason. A greenlet's kill needs no signal. */
  signal?: AbortSignal | null;
  /** False leaves the body as it travels, and asks for no compression. */
  decompress?: boolean;
  /** The most bytes a body may have as it travels; no limit unless told. One more is a `BodyLimitError`. */
  maxBody?: number;
  /** The most bytes a compressed body may turn into: 64 MiB unless told. One more is a `BodyLimitError`. */
  maxInflated?: number;
  timeouts?: FetchTimeouts;
  /** The connections to use, which carry limits per origin and TLS options; those that all fetches share unless told. */
  connections?: Connections;
  /** A dispatcher of undici's instead of `connections`: an `Agent`, a `ProxyAgent`, a `MockAgent`. */
  dispatcher?: Dispatcher;
}

/** A URL together with what may be told; a `Request` of the standard is one. */
export interface FetchTarget extends FetchInit {
  url: string | URL;
}

/** What holds for a whole fetch, over all its redirects. @internal */
export interface FetchSettings {
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly maxRedirects: number;
  readonly signal: AbortSignal | null;
  readonly decompress: boolean;
  readonly maxBody: number;
  readonly maxInflated: number;
  readonly connectTimeout: number;
  /** Undefined leaves it to undici's default, which costs nothing per request. */
  readonly headersTimeout: number | undefined;
  readonly idleTimeout: number | undefined;
  readonly totalTimeout: number;
  /** Where a connection comes from. */
  readonly route: Connections | Dispatcher | null;
}

/** How long an unread body may hold its connection, and undici's own limit for headers and idle bodies. @internal */
export const DEFAULT_IDLE = 300_000;

const defaults: FetchSettings = {
  redirect: 'follow',
  maxRedirects: 20,
  signal: null,
  decompress: true,
  maxBody: Infinity,
  maxInflated: 64 * 1024 * 1024,
  connectTimeout: 10_000,
  headersTimeout: undefined,
  idleTimeout: undefined,
  totalTimeout: Infinity,
  route: null,
};

/** One option: from `init`, or else from the target. @internal */
export function option<K extends keyof FetchInit>(
  key: K,
  init: FetchInit | undefined,
  target: FetchTarget | undefined,
): FetchInit[K] {
  return init?.[key] !== undefined ? init[key] : target?.[key];
}

/** @throws TypeError for an option that is not what it should be, naming it @internal */
export function fetchSettings(init: FetchInit | undefined, target: FetchTarget | undefined): FetchSettings {
  if (init === undefined && target === undefined) return defaults;
  if (init !== undefined && (typeof init !== 'object' || init === null)) {
    throw new TypeError(`Expected the options of fetch as an object, got ${show(init)}`);
  }
  if (init !== undefined && 'timeout' in init) {
    throw new TypeError(
      'fetch has no option `timeout`: write `timeouts: { total: ms }`, or use withTimeout(ms, ...)',
    );
  }
  const redirect = option('redirect', init, target) ?? 'follow';
  if (redirect !== 'follow' && redirect !== 'manual' && redirect !== 'error') {
    throw new TypeError(`Expected \`redirect\` to be 'follow', 'manual' or 'error', got ${show(redirect)}`);
  }
  const signal = option('signal', init, target) ?? null;
  if (signal !== null && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Expected \`signal\` to be an AbortSignal, got ${show(signal)}`);
  }
  const timeouts = option('timeouts', init, target) ?? {};
  return {
    redirect,
    signal,
    maxRedirects: count('maxRedirects', option('maxRedirects', init, target), defaults.maxRedirects),
    decompress: option('decompress', init, target) ?? true,
    maxBody: count('maxBody', option('maxBody', init, target), defaults.maxBody),
    maxInflated: count('maxInflated', option('maxInflated', init, target), defaults.maxInflated),
    connectTimeout: milliseconds('connect', timeouts.connect) ?? defaults.connectTimeout,
    headersTimeout: milliseconds('headers', timeouts.headers),
    idleTimeout: milliseconds('idle', timeouts.idle),
    totalTimeout: milliseconds('total', timeouts.total) ?? Infinity,
    route: route(option('connections', init, target), option('dispatcher', init, target)),
  };
}

function route(connections: unknown, dispatcher: unknown): Connections | Dispatcher | null {
  if (connections !== undefined && dispatcher !== undefined) {
    throw new TypeError('Expected one of `connections` and `dispatcher`, got both');
  }
  if (connections !== undefined && !(connections instanceof Connections)) {
    throw new TypeError(`Expected \`connections\` to be a Connections, got ${show(connections)}`);
  }
  if (
    dispatcher !== undefined &&
    typeof (dispatcher as { dispatch?: unknown } | null)?.dispatch !== 'function'
  ) {
    throw new TypeError(`Expected \`dispatcher\` to be a Dispatcher of undici's, got ${show(dispatcher)}`);
  }
  return (connections as Connections | undefined) ?? (dispatcher as Dispatcher | undefined) ?? null;
}

function count(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (value !== Infinity && !(Number.isInteger(value) && value >= 0)) {
    throw new TypeError(
      `Expected \`${name}\` to be a whole number from 0 up, or Infinity for none, got ${show(value)}`,
    );
  }
  return value;
}

function milliseconds(name: keyof FetchTimeouts, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value > 0)) {
    throw new TypeError(
      `Expected \`timeouts.${name}\` to be milliseconds above 0, or Infinity for none, got ${show(value)}`,
    );
  }
  return value;
}
