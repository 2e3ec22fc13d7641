/**
 * What a comparison finds, as `--json` writes it and the report shows it. Times are milliseconds, sizes bytes, unless a name says
 * otherwise; `null` stands for what this system or this kind of work does not tell.
 */
import type { Estimate, Machine } from '@switchyard/measure';

export type { Estimate };

/** The format of the file: a reader refuses another. */
export const FORMAT = 'switchyard-compare/1';

/** The circumstances that a cell runs under: one place on the two axes. */
export interface Point {
  /** Average time of an answer of the site; `null` where the site is not ours. */
  readonly latency: number | null;
  /** What is done with a page: `links`, `dom`, `4ms`, a module's name; or the name of a task of one's own. */
  readonly work: string;
}

/** An engine, and how it is set. */
export interface Setting {
  /** Unique in a comparison: the engine's name, with `(best)` behind it where it is not shown at equal terms. */
  readonly id: string;
  readonly engine: string;
  /** Whether all engines have the same number in flight, or this one runs the way it is best run. */
  readonly terms: 'equal' | 'best';
  /** Requests in flight at once, over all workers. */
  readonly inFlight: number;
  /** Threads or processes of its own; 0 for those that have none. */
  readonly workers: number;
  /** How many pages a worker, or the one thread, does at a time. */
  readonly each: number;
}

/** Of a set of times in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** One measured run of a cell: a fresh process. */
export interface Run {
  /** Its place in the order in which all runs were made, from 0. */
  readonly order: number;
  /** Milliseconds from the first request to the last page. */
  readonly wall: number;
  /** From the start of the process until all its workers are up and have done one page that does not count. */
  readonly startup: number;
  /** CPU time of the process and all it has started, from the first request to the last page, in milliseconds. */
  readonly cpu: { readonly user: number; readonly system: number };
  readonly pages: number;
  readonly requests: number;
  /** From the start of a fetch to its last byte. */
  readonly latency: Percentiles;
  /** From the moment when the page could have been fetched, had there been a place, to its outcome: free of coordinated omission. */
  readonly fromDue: Percentiles;
  /** How late the event loop of the main thread was. */
  readonly loopLag: Percentiles | null;
  /** Most memory of the whole tree of processes at once: shared pages once (PSS), or resident. */
  readonly memory: { readonly bytes: number; readonly kind: 'pss' | 'rss' };
  readonly switches: { readonly voluntary: number; readonly involuntary: number } | null;
  /** Most requests that the server had under way at once. */
  readonly serverPeak: number | null;
  /** SHA-256 over canonical URL, outcome and body hash of every page, sorted. */
  readonly digest: string;
  /** How much of a core other processes took meanwhile. */
  readonly foreign: number | null;
  /** Whether that was too much to believe the run. */
  readonly dirty: boolean;
}

/** One page's way through a worker. Milliseconds since the first request of the run. */
export interface Span {
  readonly start: number;
  /** When its last byte had come. */
  readonly arrived: number;
  /** When its outcome was there: between the two, a core was at work. */
  readonly done: number;
}

/** What went on during one run, for the picture of it. */
export interface Timeline {
  /** The span of time it shows, from the first request. */
  readonly until: number;
  /** Each thread or process that did pages, with what it had under way. */
  readonly workers: readonly { readonly name: string; readonly spans: readonly Span[] }[];
  /** At regular times over the whole run. */
  readonly samples: readonly {
    readonly at: number;
    readonly inFlight: number;
    /** Pages done so far. */
    readonly pages: number;
    /** Cores in use by the whole tree since the sample before. */
    readonly cores: number | null;
    readonly memory: number | null;
    readonly loopLag: number | null;
  }[];
}

/** The figures of a cell over its clean runs (over all when none was clean). */
export interface CellSummary {
  readonly pagesPerSecond: Estimate;
  /** CPU milliseconds of the whole tree per page. */
  readonly cpuPerPage: Estimate;
  /** How many times as fast as `serial` at the same point; `null` where serial was not run. */
  readonly speedUp: Estimate | null;
  readonly memory: Estimate;
  readonly startup: Estimate;
  readonly latency: Percentiles;
  readonly fromDue: Percentiles;
  readonly loopLag: Percentiles | null;
  readonly serverPeak: number | null;
}

/** One engine in one setting at one point. */
export interface Cell {
  readonly point: Point;
  readonly setting: Setting;
  readonly runs: readonly Run[];
  /** Of the run in the middle. */
  readonly timeline: Timeline | null;
  /** What the command was that made it. */
  readonly command: string;
  readonly summary: CellSummary;
  /** Why it could not be measured; then it has no runs. */
  readonly failed: string | null;
}

/** A comparison, whole. */
export interface Comparison {
  readonly format: typeof FORMAT;
  readonly title: string;
  /** ISO 8601. */
  readonly started: string;
  /** How long it took, in milliseconds. */
  readonly took: number;
  readonly kind: 'demo' | 'urls' | 'tasks';
  readonly seed: number;
  /** Where the crawl started; the names of the tasks. */
  readonly subjects: readonly string[];
  /** Pages of a run. */
  readonly pages: number;
  readonly environment: Machine & {
    readonly node: string;
    readonly v8: string;
    readonly switchyard: string;
    /** Load averages at the start. */
    readonly load: readonly number[];
  };
  /** The command line, word for word. */
  readonly command: string;
  /** What the demo server can do by itself, in requests a second, measured first; `null` for sites of others. */
  readonly capacity: number | null;
  readonly cells: readonly Cell[];
  /** What should be known before the figures are believed: an unequal page set, a server near its capacity, dirty runs. */
  readonly warnings: readonly string[];
}
