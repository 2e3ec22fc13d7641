import type { ServerResponse } from 'node:http';
import { BrokenExecutor } from '@switchyard/futures';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { threadEngine, threads } from '../src/engines/threads.ts';
import { DEFAULT_FETCH } from '../src/fetch/settings.ts';
import { SmallSite } from './small-site.ts';
import { buggyVisit, deadlyVisit, endlessVisit } from './visits.ts';
import { crawled, links, LONG, quick, Run } from './worker-runs.ts';

/** Worker threads show as the ports to them. */
const ports = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;

const engine = suite('the engine threads');

engine('one page at a time in each worker, over a connection that stays', LONG, async () => {
  // Nothing is answered before every worker has asked for something.
  const held: ServerResponse[] = [];
  let all = false;
  const site = await SmallSite.start(links(30), (_path, _request, response) => {
    held.push(response);
    all ||= held.length === 2;
    if (all) for (const each of held.splice(0)) each.writeHead(200, { 'content-type': 'text/html' }).end();
    return true;
  });
  const { crawl, records } = await crawled(site, { engine: threads });
  assert.equal([records.length, crawl.totals.ok], [31, 31]);
  assert.equal([crawl.stats.peakInFlight, site.peak, site.connections], [2, 2, 2]);
  assert.is(ports(), 0, 'no worker is left');
});

engine(
  'manners are kept over all workers: a host that takes one request at a time gets one',
  LONG,
  async () => {
    const site = await SmallSite.start(links(8), undefined, 5);
    const { records } = await crawled(site, { engine: threads, crawl: { perHost: 1 } });
    assert.is(records.length, 9);
    assert.is(site.peak, 1);
  },
);

engine('a worker that dies fails the page that it was at, and no other', LONG, async () => {
  const site = await SmallSite.start([...links(20), '/deadly', '/shaky', ...links(40).slice(20)]);
  const run = await crawled(site, {
    engine: threadEngine(deadlyVisit),
    crawl: { retries: 1, backoff: quick(site) },
  });
  assert.is(run.records.length, 43);
  assert.equal([run.crawl.totals.ok, run.crawl.totals.failed], [42, 1]);
  const { outcome, error, attempts } = run.record('/deadly');
  assert.equal([outcome, attempts], ['internal', 2]);
  assert.match(error ?? '', /^worker crawler_\d+ exited with code 3 while it ran the task deadlyVisit$/);
  assert.equal([run.record('/shaky').outcome, run.record('/shaky').attempts], ['ok', 2]);
  assert.is(ports(), 0);
});

engine('the only worker may die as well', LONG, async () => {
  const site = await SmallSite.start(['/deadly', '/0']);
  const run = await crawled(site, {
    engine: threadEngine(deadlyVisit),
    workers: 1,
    crawl: { retries: 0 },
  });
  assert.is(run.records.length, 3);
  assert.equal([run.record('/deadly').outcome, run.record('/0').outcome], ['internal', 'ok']);
});

engine('a page that takes for ever to read costs its worker, and fails', LONG, async () => {
  const site = await SmallSite.start([...links(10), '/endless']);
  const timeouts = { ...DEFAULT_FETCH.timeouts, total: 1000 };
  const run = await crawled(site, {
    engine: threadEngine(endlessVisit, 1000),
    workers: 1,
    fetch: { timeouts },
  });
  assert.is(run.crawl.totals.ok, 11);
  const { outcome, error, attempts } = run.record('/endless');
  assert.equal([outcome, attempts], ['timeout_total', 1]);
  assert.is(error, 'task endlessVisit ran longer than its 2000 ms');
});

engine('a page whose processing throws fails alone, and its record says where', LONG, async () => {
  const site = await SmallSite.start([...links(5), '/buggy', ...links(10).slice(5)]);
  const run = await crawled(site, { engine: threadEngine(buggyVisit), workers: 1 });
  assert.equal([run.crawl.totals.ok, run.crawl.totals.failed], [11, 1]);
  const { outcome, error, attempts } = run.record('/buggy');
  assert.equal([outcome, attempts], ['internal', 1]);
  assert.match(error ?? '', /^RangeError: the parser tripped\s+at .*visits\.ts/);
  assert.is(ports(), 0);
});

engine('workers that cannot be made ready end the crawl, and say why', LONG, async () => {
  const site = await SmallSite.start([]);
  const run = new Run(site, {
    engine: threads,
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

engine('limits hold in workers', LONG, async () => {
  const site = await SmallSite.start(['/big', '/bigger', '/silent', '/drip'], (path, _request, response) => {
    if (path === '/silent') return true;
    response.writeHead(200, {
      'content-type': 'text/html',
      ...(path === '/big' && { 'content-length': 5000 }),
    });
    if (path.startsWith('/big')) response.end('x'.repeat(5000));
    else {
      const drip = setInterval(() => response.write('.'), 20);
      response.once('close', () => clearInterval(drip));
    }
    return true;
  });
  const timeouts = { connect: 10_000, headers: 1000, idle: 10_000, total: 2000 };
  const run = await crawled(site, {
    engine: threads,
    crawl: { retries: 0 },
    fetch: { maxBody: 4000, timeouts },
  });
  assert.equal(
    ['/big', '/bigger', '/silent', '/drip'].map((path) => run.record(path).outcome),
    ['too_large', 'too_large', 'timeout_headers', 'timeout_total'],
  );
  assert.is(run.record('/silent').error, 'no headers within 1000 ms');
});

engine(
  'a kill gives up what is under way at once: the fetches are aborted, the workers gone',
  LONG,
  async () => {
    let hanging = 0;
    let closed = 0;
    let allHang: () => void;
    let allClosed: () => void;
    const hang = new Promise<void>((resolve) => (allHang = resolve));
    const close = new Promise<void>((resolve) => (allClosed = resolve));
    const site = await SmallSite.start(links(6), (_path, _request, response) => {
      response.once('close', () => ++closed === 2 && allClosed());
      if (++hanging === 2) allHang();
      return true;
    });
    const run = new Run(site, { engine: threads });
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
    assert.is(ports(), 0);
  },
);

engine('nor does a kill wait for a worker that is busy for ever', LONG, async () => {
  let sent: () => void;
  const isSent = new Promise<void>((resolve) => (sent = resolve));
  const site = await SmallSite.start(['/endless'], (_path, _request, response) => {
    response.once('close', () => sent());
    return false;
  });
  const run = new Run(site, { engine: threadEngine(endlessVisit), workers: 1 });
  await isSent;
  const started = performance.now();
  await run.greenlet.kill();
  const took = performance.now() - started;
  run.work.abandon();
  await site.stop();
  assert.ok(took < 5000, `the kill took ${took} ms`);
  assert.equal([run.crawl.totals.ok, run.crawl.totals.pending], [1, 1]);
  assert.is(ports(), 0);
});

engine.run();
