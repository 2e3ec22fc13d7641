import type { FetchInit, FetchTarget } from './options.ts';
import { option } from './options.ts';
import { requestBody, type RequestBody } from './request-body.ts';
import { findHeader, flatHeaders, isToken } from './request-headers.ts';
import { acceptedCodings } from './codings.ts';
import { show } from '@switchyard/greenlet/scheduler';

/** The version of this package, as its package.json has it (a test compares them). @internal */
export const VERSION = '0.1.0';

/** One request as it goes to one origin: a redirect makes another one. @internal */
export interface OutgoingRequest {
  readonly url: URL;
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value. Shared: never changed in place. */
  readonly headers: string[];
  readonly body: RequestBody | null;
}

const userAgent = `switchyard/${VERSION}`;
const plainDefaults = ['accept', '*/*', 'user-agent', userAgent];
const compressedDefaults = [...plainDefaults, 'accept-encoding', acceptedCodings];

/** Methods that the standard writes in capitals whichever way they are given; PATCH is ours. */
const capitals = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
const forbidden = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** @throws TypeError for a URL, method, header or body that cannot be sent, naming it @internal */
export function outgoingRequest(
  input: string | URL | FetchTarget,
  init: FetchInit | undefined,
  target: FetchTarget | undefined,
  decompress: boolean,
): OutgoingRequest {
  const url = httpUrl(target === undefined ? (input as string | URL) : target.url);
  const given = option('headers', init, target);
  const method = methodOf(option('method', init, target));
  const content = option('body', init, target) ?? null;
  const body = content === null ? null : requestBody(content);
  if (body !== null && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`A ${method} request has no body: pass method: 'POST' (or 'PUT') with \`body\``);
  }
  return {
    url,
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: headersOf(given, body, decompress),
    body,
  };
}

/** The URL as responses and messages have it: without the fragment, which is not sent. @internal */
export function sentUrl(url: URL): string {
  return url.hash === '' ? url.href : url.href.slice(0, -url.hash.length);
}

function httpUrl(input: unknown): URL {
  if (typeof input !== 'string' && !(input instanceof URL)) {
    throw new TypeError(`Expected a URL to fetch, as a string or a URL, got ${show(input)}`);
  }
  let url: URL;
  try {
    url = new URL(input);
  } catch (cause) {
    throw new TypeError(
      `Expected an absolute URL such as 'https://example.org/', got ${show(String(input))}`,
      { cause },
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`fetch knows http: and https:, got ${show(String(input))}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      `Expected a URL without a user name and password, got one for ${url.host}: pass them as the header ` +
        "authorization: `Basic ${btoa('name:password')}`",
    );
  }
  return url;
}

function methodOf(given: unknown): string {
  if (given === undefined || given === 'GET') return 'GET';
  if (typeof given !== 'string' || !isToken(given)) {
    throw new TypeError(`Expected \`method\` to be an HTTP method such as 'POST', got ${show(given)}`);
  }
  const upper = given.toUpperCase();
  if (forbidden.has(upper)) throw new TypeError(`fetch cannot send the method ${show(given)}`);
  return capitals.has(upper) ? upper : given;
}

function headersOf(given: FetchInit['headers'], body: RequestBody | null, decompress: boolean): string[] {
  const defaults = decompress ? compressedDefaults : plainDefaults;
  if (given === undefined && body === null) return defaults;
  const headers = given === undefined ? [] : flatHeaders(given);
  for (let i = 0; i < defaults.length; i += 2) addDefault(headers, defaults[i]!, defaults[i + 1]!);
  if (body !== null && body.contentType !== null) addDefault(headers, 'content-type', body.contentType);
  if (body !== null && body.length !== null) addDefault(headers, 'content-length', String(body.length));
  return headers;
}

function addDefault(headers: string[], name: string, value: string): void {
  if (findHeader(headers, name) === -1) headers.push(name, value);
}
