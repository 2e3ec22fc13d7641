import type { Outcome } from '../outcome.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { CrawlOptions } from '../core/options.ts';
import type { Percentiles, Run, Setting, Span } from './result.ts';

/** What the process of a cell is told: one crawl. Plain data. */
export interface CellOrder {
  readonly setting: Setting;
  /** The pages, which are all known from the beginning. */
  readonly seeds: readonly string[];
  readonly crawl: Pick<CrawlOptions, 'robots' | 'concurrency' | 'userAgent' | 'maxCrawlDelay' | 'retries'>;
  readonly fetch: FetchSettings;
  /** A page that is not answered before all places have asked for it. */
  readonly gate: string;
  /** When the process was asked for, in milliseconds since 1970. */
  readonly spawned: number;
}

/** What was found by the process itself. Times are milliseconds; `at` counts from the first request. */
export interface CellFindings {
  readonly run: Omit<Run, 'order' | 'serverPeak' | 'foreign' | 'dirty'>;
  /** When its first request started, in milliseconds since 1970. */
  readonly began: number;
  readonly workers: readonly { readonly name: string; readonly spans: readonly Span[] }[];
  readonly samples: readonly {
    readonly at: number;
    readonly inFlight: number;
    readonly pages: number;
    readonly loopLag: number | null;
  }[];
  /** The first thing that went wrong with a page, for a warning. */
  readonly trouble: string | undefined;
}

/** What the process of a cell says. */
export type CellMessage =
  /** All workers are up, and the first request is about to be made. */
  | { readonly type: 'began' }
  | { readonly type: 'ended'; readonly findings: CellFindings }
  | { readonly type: 'failed'; readonly error: string };

/** Percentiles of a set of times; zeros when there are none. */
export function percentiles(times: readonly number[]): Percentiles {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** From the start of an attempt to its last byte. */
export function latencyOf({ timings }: Outcome): number {
  return timings.headers + timings.body;
}
