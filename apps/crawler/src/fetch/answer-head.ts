import type { Failure } from '../outcome.ts';
import type { JobKind } from '../job.ts';
import type { Arrival } from './arrival.ts';

/** What an answer begins with, whichever client brought it. */
export interface AnswerHead {
  readonly status: number;
  /** The value of a header, its name in lower case; those of one that came several times, with commas between. */
  header(name: string): string | undefined;
}

/** A body that nobody wants is left to arrive up to this size, which keeps the connection; a larger one costs it. */
const UNWANTED = 64 * 1024;
const PAGE_TYPES = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

/** Whether the body is worth reading, as far as the head says. */
export function wants(kind: JobKind, head: AnswerHead, maxBody: number): 'yes' | 'no' | 'too large' {
  if (head.status < 200 || head.status > 299) return 'no';
  if (kind === 'page') {
    const type = head.header('content-type');
    if (type !== undefined && !PAGE_TYPES.test(type)) return 'no';
  }
  return Number(head.header('content-length') ?? 0) > maxBody ? 'too large' : 'yes';
}

/** Whether a body that is not wanted is small enough to arrive unread. */
export function mayArriveUnread(head: AnswerHead): boolean {
  return Number(head.header('content-length') ?? Infinity) <= UNWANTED;
}

/** What came. @param body undefined when it was not wanted */
export function arrivalOf(
  head: AnswerHead,
  body: Uint8Array | undefined,
  timings: Arrival['timings'],
): Arrival {
  const { status } = head;
  return {
    type: 'arrival',
    status,
    // A look at a header costs as much as a link: only where it can mean something.
    location: status >= 300 && status <= 399 ? head.header('location') : undefined,
    retryAfter: status === 429 || status === 503 ? head.header('retry-after') : undefined,
    contentType: head.header('content-type'),
    robotsTag: head.header('x-robots-tag'),
    body,
    wireBytes: body === undefined ? 0 : wireBytes(head, body),
    timings,
  };
}

/** That the head announces a body beyond the limit. */
export function tooLarge(head: AnswerHead, limit: number, headers: number): Failure {
  return {
    type: 'failure',
    kind: 'too_large',
    message: `the body has ${head.header('content-length') ?? '?'} bytes; the limit is ${limit}`,
    temporary: false,
    status: head.status,
    wireBytes: 0,
    timings: { headers, body: 0, process: 0 },
  };
}

/** A compressed body whose length the server did not say counts with its inflated size. */
function wireBytes(head: AnswerHead, body: Uint8Array): number {
  if (head.header('content-encoding') === undefined) return body.byteLength;
  return Number(head.header('content-length') ?? body.byteLength);
}
