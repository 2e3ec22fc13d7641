import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { Histogram } from './histogram.ts';
import type { PageRecord } from './record.ts';

const KEPT = 5;

/** A page and how long its last attempt took, in milliseconds. */
export interface SlowPage {
  readonly url: string;
  readonly milliseconds: number;
}

/** Something that went wrong, for the summary. */
export interface Trouble {
  readonly url: string;
  readonly what: string;
}

/** Figures about the requests of a crawl. */
export class Stats {
  /** Requests started, of any kind. */
  requests = 0;
  retries = 0;
  /** Answers that said "slow down". */
  throttles = 0;
  inFlight = 0;
  peakInFlight = 0;
  wireBytes = 0;
  bodyBytes = 0;
  /** Milliseconds spent on decoding, extracting links and hashing. */
  processing = 0;
  robots = 0;
  sitemaps = 0;
  /** Times from start to last byte of all answered attempts. */
  readonly latencies = new Histogram();
  /** The slowest pages, the slowest first. */
  readonly slowest: SlowPage[] = [];
  /** The first things that went wrong, and how many there were. */
  readonly troubles: Trouble[] = [];
  troubleCount = 0;

  started(job: Job): void {
    this.requests++;
    if (job.attempt > 1) this.retries++;
    this.inFlight++;
    if (this.inFlight > this.peakInFlight) this.peakInFlight = this.inFlight;
  }

  /** A request ended without an outcome. */
  released(): void {
    this.inFlight--;
  }

  ended(job: Job, outcome: Outcome): void {
    this.inFlight--;
    this.wireBytes += outcome.wireBytes;
    this.processing += outcome.timings.process;
    if (outcome.type === 'failure') return;
    this.bodyBytes += outcome.bodyBytes;
    const milliseconds = outcome.timings.headers + outcome.timings.body;
    this.latencies.add(milliseconds);
    if (job.kind === 'page') this.#noteSlow(job.url, milliseconds);
  }

  page(record: PageRecord): void {
    if (record.error !== null && record.outcome !== 'blocked_robots' && record.outcome !== 'bad_type') {
      this.trouble(record.url, `${record.outcome}: ${record.error}`);
    }
  }

  trouble(url: string, what: string): void {
    this.troubleCount++;
    if (this.troubles.length < KEPT) this.troubles.push({ url, what });
  }

  #noteSlow(url: string, milliseconds: number): void {
    const last = this.slowest.at(-1);
    if (this.slowest.length === KEPT && last !== undefined && last.milliseconds >= milliseconds) return;
    const index = this.slowest.findIndex((page) => page.milliseconds < milliseconds);
    this.slowest.splice(index < 0 ? this.slowest.length : index, 0, { url, milliseconds });
    if (this.slowest.length > KEPT) this.slowest.pop();
  }
}
