import { execFileSync } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { BrokenExecutor } from '@switchyard/futures';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { hybrid, hybridEngine } from '../src/engines/hybrid.ts';
import { processEngine, processes } from '../src/engines/processes.ts';
import { DEFAULT_FETCH } from '../src/fetch/settings.ts';
import { SmallSite } from './small-site.ts';
import { deadlyVisit, endlessVisit, oddRead } from './visits.ts';
import { crawled, links, LONG, quick, Run } from './worker-runs.ts';

/** How many workers there are: all children but what loads TypeScript here, and the one that is asked. */
function children(): number {
  const all = execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' }).split('\n');
  const ours = all.filter((line) => line.trimStart().startsWith(`${process.pid} `));
  return ours.filter((line) => !/esbuild| ps -A/.test(line)).length;
}

/** Nothing is answered before so many requests wait. */
async function togetherOnly(count: number, pages: number): Promise<SmallSite> {
  const held: ServerResponse[] = [];
  let all = false;
  return await SmallSite.start(links(pages), (_path, _request, response) => {
    held.push(response);
    all ||= held.length === count;
    if (all) for (const each of held.splice(0)) each.writeHead(200, { 'content-type': 'text/html' }).end();
    return true;
  });
}

const one = suite('the engine processes');

one('one page at a time in each process, over a connection that stays', LONG, async () => {
  const site = await togetherOnly(2, 30);
  const { crawl, records } = await crawled(site, { engine: processes });
  assert.equal([records.length, crawl.totals.ok], [31, 31]);
  assert.equal([crawl.stats.peakInFlight, site.peak, site.connections], [2, 2, 2]);
  assert.is(children(), 0, 'no worker is left');
});

one('a worker that dies fails the page that it was at, and no other', LONG, async () => {
  const site = await SmallSite.start([...links(20), '/deadly', '/shaky', ...links(40).slice(20)]);
  const run = await crawled(site, {
    engine: processEngine(deadlyVisit),
    crawl: { retries: 1, backoff: quick(site) },
  });
  assert.is(run.records.length, 43);
  assert.equal([run.crawl.totals.ok, run.crawl.totals.failed], [42, 1]);
  const { outcome, error, attempts } = run.record('/deadly');
  assert.equal([outcome, attempts], ['internal', 2]);
  assert.match(
    error ?? '',
    /^worker the crawl_\d+ \(pid \d+\) exited with code 3 while it ran the task deadlyVisit$/,
  );
  assert.equal([run.record('/shaky').outcome, run.record('/shaky').attempts], ['ok', 2]);
  assert.is(children(), 0);
});

one('a page that takes for ever to read costs its worker, and fails', LONG, async () => {
  const site = await SmallSite.start([...links(10), '/endless']);
  const timeouts = { ...DEFAULT_FETCH.timeouts, total: 1000 };
  const run = await crawled(site, {
    engine: processEngine(endlessVisit, 1000),
    workers: 1,
    fetch: { timeouts },
  });
  assert.is(run.crawl.totals.ok, 11);
  const { outcome, error, attempts } = run.record('/endless');
  assert.equal([outcome, attempts], ['timeout_total', 1]);
  assert.is(error, 'task endlessVisit ran longer than its 2000 ms');
});

one.run();

const many = suite('the engine hybrid');

many('many pages at a time in each process', LONG, async () => {
  const site = await togetherOnly(8, 40);
  const { crawl, records } = await crawled(site, { engine: hybrid, workers: 2, concurrency: 8 });
  assert.equal([records.length, crawl.totals.ok], [41, 41]);
  assert.equal([crawl.stats.peakInFlight, site.peak, site.connections], [8, 8, 8]);
  assert.is(children(), 0, 'no worker is left');
});

many('manners are kept over all processes', LONG, async () => {
  const site = await SmallSite.start(links(8), undefined, 5);
  const { records } = await crawled(site, { engine: hybrid, concurrency: 8, crawl: { perHost: 1 } });
  assert.is(records.length, 9);
  assert.is(site.peak, 1);
});

many('a page that ends its process, reads for ever or throws costs nobody else a thing', LONG, async () => {
  const odd = ['/deadly', '/shaky', '/endless', '/buggy'];
  const site = await SmallSite.start([...links(20), ...odd, ...links(40).slice(20)]);
  const run = await crawled(site, {
    engine: hybridEngine(oddRead, 1000),
    concurrency: 8,
    crawl: { retries: 1, backoff: quick(site) },
  });
  assert.is(run.records.length, 45);
  assert.equal([run.crawl.totals.ok, run.crawl.totals.failed], [42, 3]);
  for (const [path, outcome, attempts, error] of [
    ['/deadly', 'internal', 2, /^worker the crawl_\d+ \(pid \d+\) exited with code 3 while it ran the task/],
    ['/shaky', 'ok', 2, /^null$/],
    ['/endless', 'timeout_total', 1, /^it took longer than 1000 ms to read$/],
    ['/buggy', 'internal', 1, /^RangeError: the parser tripped\s+at .*visits\.ts/],
  ] as const) {
    const record = run.record(path);
    assert.equal([record.outcome, record.attempts], [outcome, attempts], path);
    assert.match(String(record.error), error);
  }
  for (const path of links(40)) assert.is(run.record(path).attempts, 1, path);
  assert.is(children(), 0);
});

many('processes that cannot be made ready end the crawl, and say why', LONG, async () => {
  const site = await SmallSite.start([]);
  const run = new Run(site, {
    engine: hybrid,
    workers: 1,
    crawl: { backoff: quick(site) },
    fetch: { allowedHosts: null as never },
  });
  const error = await run.greenlet.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await site.stop();
  run.work.abandon();
  assert.instance(error, BrokenExecutor);
  assert.match((error as Error).message, /^the initializer of the crawl failed, so no task can run: .*null/);
});

many(
  'a kill gives up what is under way at once: the fetches are aborted, the processes gone',
  LONG,
  async () => {
    let hanging = 0;
    let closed = 0;
    let allHang: () => void;
    let allClosed: () => void;
    const hang = new Promise<void>((resolve) => (allHang = resolve));
    const close = new Promise<void>((resolve) => (allClosed = resolve));
    const site = await SmallSite.start(links(6), (_path, _request, response) => {
      response.once('close', () => ++closed === 6 && allClosed());
      if (++hanging === 6) allHang();
      return true;
    });
    const run = new Run(site, { engine: hybrid, concurrency: 6 });
    await hang;
    const started = performance.now();
    await run.greenlet.kill();
    const took = performance.now() - started;
    await close;
    run.work.abandon();
    await site.stop();
    assert.ok(took < 5000, `the kill took ${took} ms`);
    assert.equal([run.crawl.totals.ok, run.crawl.totals.pending], [1, 6]);
    assert.is(run.crawl.stats.inFlight, 0);
    assert.is(children(), 0);
  },
);

many.run();
