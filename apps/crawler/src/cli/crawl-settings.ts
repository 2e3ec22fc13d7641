import { fetch } from '@switchyard/gevent';
import { DEFAULT_BACKOFF } from '../core/backoff.ts';
import type { CrawlOptions, Obedience, SitemapMode } from '../core/options.ts';
import { DEFAULT_SITE, type SiteOptions } from '../demo/site.ts';
import type { Engine } from '../engine.ts';
import { ENGINES } from '../engines/engines.ts';
import { hostsOfSeed } from '../fetch/guard.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { ScopeName } from '../url/scope.ts';
import { startUrl } from './start-url.ts';
import { UsageError } from './usage-error.ts';

/** Pages in flight when nobody says. */
const CONCURRENCY = 64;

/** What commander makes of the options of `crawl`. */
export interface RawCrawlOptions {
  readonly engine: string;
  readonly concurrency?: number;
  readonly workers?: number;
  readonly perHost?: number;
  readonly delay?: number;
  readonly rate: number;
  readonly robots: Obedience;
  readonly nofollow: Obedience;
  readonly maxCrawlDelay: number;
  readonly userAgent: string;
  readonly scope: ScopeName;
  readonly include: readonly RegExp[];
  readonly exclude: readonly RegExp[];
  readonly depth: number;
  readonly maxPages: number;
  readonly maxTime: number;
  readonly maxBytes: number;
  readonly sitemap: SitemapMode;
  readonly dropTracking: boolean;
  readonly sortQuery: boolean;
  readonly connectTimeout: number;
  readonly headersTimeout: number;
  readonly idleTimeout: number;
  readonly totalTimeout: number;
  readonly maxBody: number;
  readonly maxInflated: number;
  readonly retries: number;
  readonly header: readonly (readonly [string, string])[];
  readonly allowPrivate: boolean;
  readonly work: string;
  readonly jsonl?: string;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly seed: number;
  readonly demoPages: number;
  readonly demoLatency: number;
  readonly demoPageSize: number;
}

/** A crawl that can be started, except that the demo site's URL is not known before it runs. */
export interface CrawlSettings {
  /** Canonical URLs; none for the demo site. */
  readonly seeds: readonly string[];
  readonly engine: Engine;
  readonly concurrency: number;
  /** Of an engine that has any. */
  readonly workers: number | undefined;
  readonly maxTime: number;
  readonly jsonl: string | undefined;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly demo: SiteOptions;
  readonly crawl: Omit<CrawlOptions, 'seeds' | 'onRecord'>;
  readonly fetch: Omit<FetchSettings, 'allowedHosts'>;
}

/** All but `--work`, which may take a moment. @throws UsageError for what cannot work, before anything is started. */
export function crawlSettings(urls: readonly string[], raw: RawCrawlOptions): CrawlSettings {
  const engine = ENGINES.get(raw.engine);
  if (engine === undefined)
    throw new UsageError(
      `There is no engine "${raw.engine}"; write one of ${[...ENGINES.keys()].join(', ')}`,
    );
  const canonical = { dropTracking: raw.dropTracking, sortQuery: raw.sortQuery };
  checkHeaders(raw);
  const { concurrency, workers } = placesOf(engine, raw);
  return {
    seeds: [...new Set(urls.map(startUrl))],
    engine,
    concurrency,
    workers,
    maxTime: raw.maxTime,
    jsonl: raw.jsonl,
    quiet: raw.quiet,
    color: raw.color,
    demo: {
      ...DEFAULT_SITE,
      pages: raw.demoPages,
      latency: raw.demoLatency,
      pageSize: raw.demoPageSize,
      seed: raw.seed,
    },
    crawl: {
      scope: raw.scope,
      include: raw.include,
      exclude: raw.exclude,
      depth: raw.depth,
      maxPages: raw.maxPages,
      maxBytes: raw.maxBytes,
      concurrency,
      perHost: raw.perHost,
      delay: raw.delay,
      rate: raw.rate,
      robots: raw.robots,
      nofollow: raw.nofollow,
      userAgent: raw.userAgent,
      maxCrawlDelay: raw.maxCrawlDelay,
      sitemap: raw.sitemap,
      retries: raw.retries,
      backoff: { ...DEFAULT_BACKOFF, seed: raw.seed },
      canonical,
      engine: engine.name,
    },
    fetch: {
      userAgent: raw.userAgent,
      headers: raw.header,
      timeouts: {
        connect: raw.connectTimeout,
        headers: raw.headersTimeout,
        idle: raw.idleTimeout,
        total: raw.totalTimeout,
      },
      maxBody: raw.maxBody,
      maxInflated: raw.maxInflated,
      allowPrivate: raw.allowPrivate,
      canonical,
      hashBodies: raw.jsonl !== undefined, // nothing else tells it
    },
  };
}

/** How many pages may be in flight, and in how many workers. @throws UsageError when these contradict each other */
function placesOf(
  engine: Engine,
  { concurrency, workers }: RawCrawlOptions,
): Pick<CrawlSettings, 'concurrency' | 'workers'> {
  if (engine.workersFor === undefined) {
    if (workers !== undefined) throw new UsageError(noWorkers(engine, workers));
    return { concurrency: engine.name === 'serial' ? 1 : (concurrency ?? CONCURRENCY), workers };
  }
  if (workers !== undefined && concurrency !== undefined && workers > concurrency) {
    throw new UsageError(
      `--workers ${workers} is more than --concurrency ${concurrency} leaves work for: each worker has ${engine.manyEach === true ? 'at least ' : ''}one page at a time; write --workers ${concurrency}, or leave --concurrency out`,
    );
  }
  const count = workers ?? engine.workersFor(concurrency ?? CONCURRENCY);
  if (engine.manyEach === true)
    return { concurrency: concurrency ?? Math.max(count, CONCURRENCY), workers: count };
  return { concurrency: count, workers: count };
}

function noWorkers(engine: Engine, workers: number): string {
  const others = [...ENGINES.values()].filter(({ workersFor }) => workersFor !== undefined);
  const instead = others.map(({ name }) => `--engine ${name}`).join(' or ');
  return engine.name === 'serial'
    ? `--workers ${workers} does not go with --engine serial, which has one page at a time; write ${instead}`
    : `--workers ${workers} does not go with --engine ${engine.name}, which has no workers; write ${instead}, or --concurrency ${workers}`;
}

/** The hosts that may be fetched from although they are private: those that were typed. */
export function allowedHosts(seeds: readonly string[]): string[] {
  return [...new Set(seeds.flatMap(hostsOfSeed))];
}

function checkHeaders({ header, userAgent }: RawCrawlOptions): void {
  try {
    // Making a fetch checks its headers; nothing is sent before somebody waits for it.
    void fetch('http://localhost/', { headers: [...header, ['user-agent', userAgent]] });
  } catch (error) {
    throw new UsageError(
      `A header cannot be sent: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
