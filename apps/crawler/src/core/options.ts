import { type CanonicalRules, PLAIN_RULES } from '../url/canonical.ts';
import type { ScopeName } from '../url/scope.ts';
import { type BackoffRules, DEFAULT_BACKOFF } from './backoff.ts';
import type { PageRecord } from './record.ts';

export type SitemapMode = 'auto' | 'only' | 'off';
export type Obedience = 'obey' | 'ignore';

/** The name we go by, and where to read about it. */
export const DEFAULT_USER_AGENT = 'switchyard/0.1 (+https://www.npmjs.com/package/@switchyard/crawler)';

/** What a crawl is to do. Times are milliseconds. */
export interface CrawlOptions {
  /** Where to start: canonical URLs, at least one. */
  readonly seeds: readonly string[];
  readonly scope: ScopeName;
  /** Only URLs that match one of these; all when empty. Seeds are exempt. */
  readonly include: readonly RegExp[];
  /** No URL that matches one of these. Seeds are exempt. */
  readonly exclude: readonly RegExp[];
  /** Links between a seed and a page, at most. */
  readonly depth: number;
  /** Pages to fetch, at most. */
  readonly maxPages: number;
  /** Bytes to read, at most; what is under way when the limit is reached is finished. */
  readonly maxBytes: number;
  /** What the engine can have in flight: the limit of a host on this machine, unless `perHost` says otherwise. */
  readonly concurrency: number;
  /** Requests in flight to one host; `undefined`: 4, or `concurrency` for a host on this machine. */
  readonly perHost: number | undefined;
  /** Least time between two starts at one host; `undefined`: 250, or 0 for a host on this machine. */
  readonly delay: number | undefined;
  /** Starts per second over all hosts. */
  readonly rate: number;
  readonly robots: Obedience;
  /** Whether `nofollow` in links, pages and headers is heeded. */
  readonly nofollow: Obedience;
  readonly userAgent: string;
  /** The longest `Crawl-delay` that is kept. */
  readonly maxCrawlDelay: number;
  readonly sitemap: SitemapMode;
  /** Further attempts after the first one. */
  readonly retries: number;
  readonly backoff: BackoffRules;
  readonly canonical: CanonicalRules;
  /** Written into every record. */
  readonly engine: string;
  /** Called once for every page that ends, in the order in which they end. */
  readonly onRecord: (record: PageRecord) => void;
}

/** The options that are given, over the defaults. */
export function crawlOptions(
  given: Partial<CrawlOptions> & { readonly seeds: readonly string[] },
): CrawlOptions {
  return { ...DEFAULTS, ...given };
}

const DEFAULTS: Omit<CrawlOptions, 'seeds'> = {
  scope: 'host',
  include: [],
  exclude: [],
  depth: Infinity,
  maxPages: Infinity,
  maxBytes: Infinity,
  concurrency: 64,
  perHost: undefined,
  delay: undefined,
  rate: Infinity,
  robots: 'obey',
  nofollow: 'obey',
  userAgent: DEFAULT_USER_AGENT,
  maxCrawlDelay: 30_000,
  sitemap: 'auto',
  retries: 3,
  backoff: DEFAULT_BACKOFF,
  canonical: PLAIN_RULES,
  engine: 'none',
  onRecord: () => {},
};
