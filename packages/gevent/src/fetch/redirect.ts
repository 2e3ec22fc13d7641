import { RedirectError } from './errors.ts';
import { withoutHeaders } from './request-headers.ts';
import { sentUrl, type OutgoingRequest } from './request.ts';
import { show } from '@switchyard/greenlet/scheduler';

/** Whether a status sends the client elsewhere, given a `Location`. @internal */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** What describes a body that is not sent again. */
const bodyHeaders = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
]);
/** What another origin must not see. */
const secretHeaders = new Set(['authorization', 'cookie', 'host', 'proxy-authorization']);

/**
 * The request that a redirect asks for, by the rules of the fetch standard: 303 (and 301 and 302 after a POST) turns
 * into a GET without a body; another origin sees neither `authorization` nor `cookie`.
 *
 * @throws RedirectError when it leads nowhere, or the body cannot be sent a second time
 * @internal
 */
export function redirected(request: OutgoingRequest, status: number, location: string): OutgoingRequest {
  const from = sentUrl(request.url);
  const url = target(request, location, from);
  let { method, headers, body } = request;
  if (
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST')
  ) {
    method = 'GET';
    body = null;
    headers = withoutHeaders(headers, bodyHeaders);
  }
  if (body !== null && !body.replayable) {
    throw new RedirectError(
      `fetch failed: ${method} ${from}: status ${status} sends the request to ${sentUrl(url)}, but a streamed body ` +
        "cannot be sent twice: pass it as bytes, or use redirect: 'manual'",
      from,
    );
  }
  const origin = url.origin;
  if (origin !== request.origin) headers = withoutHeaders(headers, secretHeaders);
  return { url, origin, path: url.pathname + url.search, method, headers, body };
}

function target(request: OutgoingRequest, location: string, from: string): URL {
  let url: URL;
  try {
    url = new URL(asUtf8(location), request.url);
  } catch (cause) {
    throw new RedirectError(
      `fetch failed: ${request.method} ${from}: it redirects to ${show(location)}, which is not a URL`,
      from,
      cause,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new RedirectError(
      `fetch failed: ${request.method} ${from}: it redirects to ${show(url.href)}; fetch knows http: and https:`,
      from,
    );
  }
  // A name and password in a Location are not sent, as browsers do not.
  url.username = '';
  url.password = '';
  return url;
}

/** Headers arrive as latin1, but servers write a Location in UTF-8. */
function asUtf8(location: string): string {
  return /[\x80-\xff]/.test(location) ? Buffer.from(location, 'latin1').toString() : location;
}
