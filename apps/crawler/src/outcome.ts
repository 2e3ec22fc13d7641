import type { Charset } from './page/charset.ts';
import type { Trace } from './page/trace.ts';

/** Ways in which an attempt can end without an answer that is of any use. */
export type FailureKind =
  | 'timeout_connect'
  | 'timeout_headers'
  | 'timeout_idle'
  | 'timeout_total'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'tls'
  | 'protocol'
  | 'bad_encoding'
  | 'too_large'
  | 'bomb'
  | 'blocked_ssrf'
  | 'internal';

/** Where the time of an attempt went, in milliseconds. */
export interface Timings {
  /** From the start until the answer's headers: connecting, sending, the server thinking. */
  readonly headers: number;
  /** From the headers to the last byte. */
  readonly body: number;
  /** Decoding, extracting links, hashing, and the work that was asked for, as far as nothing was waited for there. */
  readonly process: number;
  /** When it is wanted. */
  readonly trace?: Trace;
}

/** What a crawler wants to know of an HTML page. */
export interface PageContent {
  readonly type: 'page';
  /** SHA-256 of the body after `Content-Encoding` is undone, in hex; when it is wanted. */
  readonly sha256: string | undefined;
  readonly charset: Charset;
  readonly title: string | undefined;
  /** `<link rel="canonical">`, resolved. */
  readonly canonical: string | undefined;
  /** Links to follow: canonical, absolute, each once, in the order of the page. */
  readonly links: readonly string[];
  /** Links marked `rel="nofollow"`, or all when the page or its headers say so. */
  readonly nofollow: readonly string[];
  /** How many images, scripts, styles and other embedded things the page names; they are not fetched. */
  readonly resources: number;
  /** Links that cannot be followed (`mailto:`, `javascript:`, bad syntax) and links beyond the limit of a page. */
  readonly unusable: number;
  /** What the work that was asked for returned, as JSON has it. */
  readonly work?: unknown;
}

export interface SitemapContent {
  readonly type: 'sitemap';
  readonly urls: readonly string[];
  readonly sitemaps: readonly string[];
  /** Entries that are no URL, and entries beyond the limit of a sitemap. */
  readonly unusable: number;
}

export interface RobotsContent {
  readonly type: 'robots';
  readonly text: string;
}

/** The body was not read, for a reason that the status or the content type gives. */
export interface NoContent {
  readonly type: 'none';
}

/** The content type is one that the crawler does not read; the body was not fetched. */
export interface ForeignContent {
  readonly type: 'foreign';
}

export type Content = PageContent | SitemapContent | RobotsContent | NoContent | ForeignContent;

/** The server answered. */
export interface Answer {
  readonly type: 'answer';
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly contentType: string | undefined;
  /** Bytes of the body on the wire, as far as it was read. */
  readonly wireBytes: number;
  /** Bytes of the body after `Content-Encoding` is undone. */
  readonly bodyBytes: number;
  readonly timings: Timings;
  readonly content: Content;
}

/** No answer, or one that broke off or was refused. */
export interface Failure {
  readonly type: 'failure';
  readonly kind: FailureKind;
  /** In words, with what the system said. */
  readonly message: string;
  /** Whether another attempt may do better. */
  readonly temporary: boolean;
  /** The status, when the headers had come. */
  readonly status: number | undefined;
  readonly wireBytes: number;
  readonly timings: Timings;
}

/** How an attempt went. Plain data, so that it can come from another thread or process. */
export type Outcome = Answer | Failure;
