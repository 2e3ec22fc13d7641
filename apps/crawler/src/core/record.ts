import type { Charset } from '../page/charset.ts';
import type { FailureKind, Outcome } from '../outcome.ts';
import type { Entry } from './entry.ts';

/** How the story of one page ended. */
export type PageOutcome =
  | 'ok'
  | 'redirect'
  | 'http_error'
  | FailureKind
  | 'redirect_loop'
  | 'redirect_limit'
  | 'throttled'
  | 'bad_type'
  | 'blocked_robots'
  | 'trap';

/** Times of the last attempt, in milliseconds. */
export interface RecordTimings {
  /** Waiting in the frontier, from discovery to the start of the last attempt; earlier attempts are part of it. */
  readonly queue: number;
  readonly headers: number;
  readonly body: number;
  readonly process: number;
}

/** One line of the JSONL output: everything known about one page. */
export interface PageRecord {
  readonly url: string;
  /** Where the answer points to for a redirect, else the URL itself. */
  readonly finalUrl: string;
  /** The URLs that redirected here, the first one first; empty for a page found by a link. */
  readonly redirects: readonly string[];
  readonly depth: number;
  /** The page or sitemap that named this URL; null for a seed. */
  readonly parent: string | null;
  readonly status: number | null;
  readonly outcome: PageOutcome;
  /** What went wrong, in words. */
  readonly error: string | null;
  readonly attempts: number;
  readonly timings: RecordTimings | null;
  readonly bytes: { readonly wire: number; readonly body: number };
  readonly sha256: string | null;
  readonly contentType: string | null;
  readonly charset: Charset | null;
  readonly title: string | null;
  readonly canonical: string | null;
  readonly links: {
    readonly follow: number;
    readonly nofollow: number;
    readonly resources: number;
    readonly unusable: number;
  } | null;
  /** What the work that was asked for returned; left out where none was. */
  readonly work?: unknown;
  readonly engine: string;
}

/** Makes the record of `entry`, which ended as `outcome` after `last`, its last attempt, if there was one. */
export function pageRecord(
  entry: Entry,
  outcome: PageOutcome,
  engine: string,
  details: { readonly last?: Outcome; readonly finalUrl?: string; readonly error?: string },
): PageRecord {
  const { last } = details;
  const answer = last?.type === 'answer' ? last : undefined;
  const page = answer?.content.type === 'page' ? answer.content : undefined;
  return {
    url: entry.url,
    finalUrl: details.finalUrl ?? entry.url,
    redirects: entry.redirects,
    depth: entry.depth,
    parent: entry.parent ?? null,
    status: last?.status ?? null,
    outcome,
    error: details.error ?? (last?.type === 'failure' ? last.message : null),
    attempts: entry.attempts + entry.throttles,
    timings: last === undefined ? null : { queue: round(entry.startedAt - entry.foundAt), ...rounded(last) },
    bytes: { wire: last?.wireBytes ?? 0, body: answer?.bodyBytes ?? 0 },
    sha256: page?.sha256 ?? null,
    contentType: answer?.contentType ?? null,
    charset: page?.charset ?? null,
    title: page?.title ?? null,
    canonical: page?.canonical ?? null,
    links:
      page === undefined
        ? null
        : {
            follow: page.links.length,
            nofollow: page.nofollow.length,
            resources: page.resources,
            unusable: page.unusable,
          },
    ...(page?.work !== undefined && { work: page.work }),
    engine,
  };
}

function rounded({ timings }: Outcome): { headers: number; body: number; process: number } {
  return { headers: round(timings.headers), body: round(timings.body), process: round(timings.process) };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
