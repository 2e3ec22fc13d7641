import type { Arrival } from '../fetch/arrival.ts';
import type { Job } from '../job.ts';
import type { Content, Failure, Outcome } from '../outcome.ts';
import { ROBOTS_LIMIT } from '../core/robots.ts';
import { type ReadingRules, readPage } from './content.ts';
import { readSitemap } from './sitemap.ts';
import { now, WORKER } from './trace.ts';

/**
 * Makes the outcome of a job from what arrived for it. This is all the work that a page costs besides its transfer; it
 * depends on nothing but its arguments, so that any thread or process can do it, once `loadWork` has loaded what the work needs
 * that was asked for. What a module's function is waited for is not there yet: `read` waits for it.
 */
export function digest(job: Job, arrival: Arrival, rules: ReadingRules): Outcome {
  const start = performance.now();
  const arrived = rules.trace === true ? now() : undefined;
  try {
    const content = contentOf(job, arrival, rules);
    return {
      type: 'answer',
      status: arrival.status,
      location: arrival.location,
      retryAfter: arrival.retryAfter,
      contentType: arrival.contentType,
      wireBytes: arrival.wireBytes,
      bodyBytes: arrival.body?.byteLength ?? 0,
      timings: {
        headers: arrival.timings.headers,
        body: arrival.timings.body,
        process: performance.now() - start,
        ...(arrived !== undefined && { trace: { worker: WORKER, arrived, ended: now() } }),
      },
      content,
    };
  } catch (error) {
    return unreadable(arrival, error, performance.now() - start);
  }
}

function contentOf(
  job: Job,
  { status, body, contentType, robotsTag }: Arrival,
  rules: ReadingRules,
): Content {
  if (status < 200 || status > 299) return { type: 'none' };
  if (body === undefined) return { type: 'foreign' };
  switch (job.kind) {
    case 'page':
      return readPage({ url: job.url, bytes: body, contentType, robotsTag }, rules);
    case 'sitemap':
      return readSitemap(job.url, body);
    case 'robots':
      return { type: 'robots', text: new TextDecoder().decode(body.subarray(0, ROBOTS_LIMIT)) };
  }
}

function unreadable(arrival: Arrival, error: unknown, process: number): Failure {
  const tooLarge =
    error instanceof RangeError && (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
  const compressed = error instanceof Error && String((error as { code?: unknown }).code).startsWith('Z_');
  return {
    type: 'failure',
    kind: tooLarge ? 'bomb' : compressed ? 'bad_encoding' : 'internal',
    message:
      error instanceof Error
        ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ')
        : String(error),
    temporary: false,
    status: arrival.status,
    wireBytes: arrival.wireBytes,
    timings: { headers: arrival.timings.headers, body: arrival.timings.body, process },
  };
}
