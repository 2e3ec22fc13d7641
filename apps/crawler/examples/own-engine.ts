// An engine of one's own: every job gets a greenlet of its own out of a pool, where the built-in engine keeps a fixed
// set of workers. It knows nothing of crawling, and finds the same pages.
import { Pool, spawn } from '@switchyard/gevent';
import {
  attempt,
  Crawl,
  crawlOptions,
  DEFAULT_FETCH,
  DEFAULT_SITE,
  type Engine,
  Fetcher,
  startDemo,
  Work,
} from '../src/index.ts';

const pooled: Engine = {
  name: 'pooled',
  *run(work, settings) {
    const fetcher = new Fetcher(settings.fetch);
    const pool = new Pool(settings.concurrency);
    try {
      for (let job = yield* work.next(); job !== undefined; job = yield* work.next()) {
        const taken = job;
        // Waits while the pool is full. What it gives can be waited for in turn, and is not needed here.
        void (yield* pool.spawn(function* () {
          work.done(taken, yield* attempt(taken, fetcher, settings.fetch));
        }));
      }
      yield* pool.join();
    } finally {
      yield* pool.kill();
      fetcher.close();
    }
  },
};

const demo = await startDemo({ ...DEFAULT_SITE, pages: 40, latency: 1 });
const crawl = new Crawl(
  crawlOptions({ seeds: [demo.url], engine: pooled.name, exclude: [/slow/] }),
  Date.now(),
);
const fetch = { ...DEFAULT_FETCH, allowPrivate: true };
await spawn(pooled.run, new Work(crawl), { concurrency: 8, fetch });
await demo.stop();

const { ok, redirects, failed, pending } = crawl.totals;
console.log(`${ok} ok, ${redirects} redirects, ${failed} failed, ${pending} pending`);
console.log(`not fetched: ${[...crawl.tally.skips.keys()].toSorted().join(', ')}`);

// Output:
// 53 ok, 7 redirects, 8 failed, 0 pending
// not fetched: bad_type, filter, robots, scope, trap
