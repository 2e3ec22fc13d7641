/** What the tests of engines with workers share. */
import type { Greenlet } from '@switchyard/gevent';
import { spawn } from '@switchyard/gevent';
import * as assert from 'uvu/assert';
import { Crawl } from '../src/core/crawl.ts';
import { type CrawlOptions, crawlOptions } from '../src/core/options.ts';
import type { PageRecord } from '../src/core/record.ts';
import { addsUp } from '../src/core/tally.ts';
import type { Engine, EngineSettings } from '../src/engine.ts';
import { DEFAULT_FETCH, type FetchSettings } from '../src/fetch/settings.ts';
import { Work } from '../src/work.ts';
import type { SmallSite } from './small-site.ts';

export const LONG = { timeout: 60_000 };

export interface Setup {
  readonly engine: Engine;
  readonly workers?: number;
  /** As many as there are workers, unless told. */
  readonly concurrency?: number;
  readonly crawl?: Partial<CrawlOptions>;
  readonly fetch?: Partial<FetchSettings>;
}

/** A crawl of a site that has been started. */
export class Run {
  readonly crawl: Crawl;
  readonly work: Work;
  readonly records: PageRecord[] = [];
  readonly greenlet: Greenlet<void>;

  constructor(site: SmallSite, { engine, workers = 2, concurrency = workers, crawl, fetch }: Setup) {
    const onRecord = (record: PageRecord): void => void this.records.push(record);
    this.crawl = new Crawl(
      crawlOptions({ seeds: [site.url], sitemap: 'off', concurrency, ...crawl, onRecord }),
      Date.now(),
    );
    this.work = new Work(this.crawl, () => Date.now());
    const settings: EngineSettings = {
      concurrency,
      workers,
      fetch: { ...DEFAULT_FETCH, allowPrivate: true, ...fetch },
    };
    this.greenlet = spawn(engine.run, this.work, settings);
  }

  record(path: string): PageRecord {
    const record = this.records.find(({ url }) => url.endsWith(path));
    assert.ok(record, `a record of ${path}`);
    return record!;
  }
}

export async function crawled(site: SmallSite, setup: Setup): Promise<Run> {
  const run = new Run(site, setup);
  try {
    await run.greenlet;
  } finally {
    await site.stop();
  }
  assert.ok(addsUp(run.crawl.totals));
  return run;
}

export const links = (count: number): string[] => Array.from({ length: count }, (_, index) => `/${index}`);

/** Retries without a pause that would be felt. */
export const quick = ({ url }: SmallSite): CrawlOptions['backoff'] => ({
  ...crawlOptions({ seeds: [url] }).backoff,
  base: 1,
  max: 1,
});
