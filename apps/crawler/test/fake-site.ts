import type { Job } from '../src/job.ts';
import type { Answer, Content, Failure, FailureKind, Outcome, PageContent } from '../src/outcome.ts';
import { Crawl } from '../src/core/crawl.ts';
import { type CrawlOptions, crawlOptions } from '../src/core/options.ts';
import type { PageRecord } from '../src/core/record.ts';
import { addsUp } from '../src/core/tally.ts';

const TIMINGS = { headers: 10, body: 5, process: 1 };

const CONTENT: PageContent = {
  type: 'page',
  sha256: 'x',
  charset: { name: 'utf-8', source: 'header' },
  title: 'T',
  canonical: undefined,
  links: [],
  nofollow: [],
  resources: 0,
  unusable: 0,
};

/** An answer; `extra` changes fields of it. */
export function answer(
  status: number,
  content: Content = { type: 'none' },
  extra: Partial<Answer> = {},
): Answer {
  return {
    type: 'answer',
    status,
    location: undefined,
    retryAfter: undefined,
    contentType: 'text/html',
    wireBytes: 100,
    bodyBytes: 100,
    timings: TIMINGS,
    content,
    ...extra,
  };
}

export function page(links: readonly string[] = [], extra: Partial<PageContent> = {}): Answer {
  return answer(200, { ...CONTENT, links, ...extra });
}

export function redirect(location: string, status = 302): Answer {
  return answer(status, { type: 'none' }, { location });
}

export function robots(text: string): Answer {
  return answer(200, { type: 'robots', text });
}

export function sitemap(urls: readonly string[], sitemaps: readonly string[] = []): Answer {
  return answer(200, { type: 'sitemap', urls, sitemaps, unusable: 0 });
}

export function failure(kind: FailureKind, temporary = true): Failure {
  return {
    type: 'failure',
    kind,
    message: `it was ${kind}`,
    temporary,
    status: undefined,
    wireBytes: 0,
    timings: TIMINGS,
  };
}

/** What a site answers: by URL, or computed. A list is given out one by one, the last one for ever. */
export type Site = Record<string, Outcome | readonly Outcome[] | ((job: Job) => Outcome)>;

export interface Started {
  readonly at: number;
  readonly url: string;
}

export interface Run {
  readonly crawl: Crawl;
  readonly records: PageRecord[];
  readonly started: Started[];
  /** When the crawl was finished. */
  readonly end: number;
  readonly peak: number;
}

/** Runs a crawl of `site` on a clock of its own. Every request takes `latency` ms, or what the function says. */
export function crawlSite(
  site: Site,
  options: Partial<CrawlOptions> & { readonly seeds: readonly string[] },
  setup: {
    readonly slots?: number;
    readonly latency?: number | ((job: Job) => number);
    readonly start?: number;
  } = {},
): Run {
  const records: PageRecord[] = [];
  const started: Started[] = [];
  const given = new Map<string, number>();
  const { slots = 8, latency = 10, start = 1_000_000 } = setup;
  let now = start;
  let peak = 0;
  const crawl = new Crawl(
    crawlOptions({ robots: 'ignore', ...options, onRecord: (record) => records.push(record) }),
    now,
  );
  const flying: { job: Job; at: number }[] = [];

  const outcomeOf = (job: Job): Outcome => {
    const known = site[job.url];
    if (known === undefined) return answer(404);
    if (typeof known === 'function') return known(job);
    if (!Array.isArray(known)) return known as Outcome;
    const index = given.get(job.url) ?? 0;
    given.set(job.url, index + 1);
    const list = known as readonly Outcome[];
    return list[Math.min(index, list.length - 1)] ?? answer(404);
  };

  for (let steps = 0; steps < 1_000_000; steps++) {
    const totals = crawl.totals;
    if (!addsUp(totals)) throw new Error(`does not add up: ${JSON.stringify(totals)}`);
    const next = flying.length < slots ? crawl.next(now) : { type: 'busy' as const };
    if (next.type === 'finished') {
      if (!crawl.finished) throw new Error('finished, and does not say so');
      const { pending } = crawl.totals;
      if (crawl.endedBy === undefined && pending > 0)
        throw new Error(`finished with ${pending} pages pending`);
      return { crawl, records, started, end: now - start, peak };
    }
    if (crawl.finished) throw new Error(`finished, and gives ${next.type}`);
    if (next.type === 'job') {
      started.push({ at: now - start, url: next.job.url });
      flying.push({ job: next.job, at: now + (typeof latency === 'number' ? latency : latency(next.job)) });
      peak = Math.max(peak, flying.length);
      continue;
    }
    flying.sort((a, b) => a.at - b.at);
    const first = flying[0];
    if (next.type === 'wait' && (first === undefined || next.until < first.at)) {
      if (next.until <= now) throw new Error(`told to wait until ${next.until}, and it is ${now}`);
      now = next.until;
    } else if (first === undefined) {
      throw new Error('told to wait for something in flight, and nothing is');
    } else {
      flying.shift();
      now = first.at;
      crawl.done(first.job, outcomeOf(first.job), now);
    }
  }
  throw new Error('the crawl does not end');
}

/** `url outcome` of every record, sorted. */
export function outcomes(records: readonly PageRecord[]): string[] {
  return records.map((record) => `${record.url} ${record.outcome}`).sort();
}
