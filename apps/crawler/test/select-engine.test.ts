import type { ServerResponse } from 'node:http';
import { sleep, spawn } from '@switchyard/gevent';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Crawl } from '../src/core/crawl.ts';
import { crawlOptions } from '../src/core/options.ts';
import type { PageRecord } from '../src/core/record.ts';
import { addsUp } from '../src/core/tally.ts';
import { DemoServer } from '../src/demo/server.ts';
import { DEFAULT_SITE } from '../src/demo/site.ts';
import type { Engine } from '../src/engine.ts';
import { ENGINES } from '../src/engines/engines.ts';
import { greenlet } from '../src/engines/greenlet.ts';
import { select } from '../src/engines/select.ts';
import { DEFAULT_FETCH } from '../src/fetch/settings.ts';
import { Work, wallClock } from '../src/work.ts';
import { RawServer } from './http-clients.ts';
import { SmallSite } from './small-site.ts';
import { crawled, links, LONG, quick, Run } from './worker-runs.ts';

/** The whole demo site, with all that is odd about it, as an engine sees it. */
async function demoRecords(engine: Engine): Promise<string[]> {
  const server = new DemoServer({ ...DEFAULT_SITE, pages: 150, latency: 2 });
  const seed = await server.listen(0, '127.0.0.1');
  const found: string[] = [];
  const onRecord = ({
    url,
    outcome,
    sha256,
    status,
    finalUrl,
    attempts,
    title,
    contentType,
  }: PageRecord): void => {
    const facts = { url, outcome, sha256, status, finalUrl, attempts, title, contentType };
    found.push(JSON.stringify(facts).replaceAll(seed, 'http://demo/'));
  };
  const backoff = { ...crawlOptions({ seeds: [seed] }).backoff, base: 1, max: 1 };
  const crawl = new Crawl(crawlOptions({ seeds: [seed], concurrency: 32, backoff, onRecord }), wallClock());
  await spawn(engine.run, new Work(crawl), {
    concurrency: 32,
    fetch: { ...DEFAULT_FETCH, allowPrivate: true },
  });
  await server.close();
  assert.ok(addsUp(crawl.totals));
  return found.sort();
}

const engine = suite('the engine select');

engine('is there by its name', () => {
  assert.is(ENGINES.get('select'), select);
});

engine('the same crawl gives the same pages as with the engine greenlet', LONG, async () => {
  const [ours, theirs] = await Promise.all([demoRecords(select), demoRecords(greenlet)]);
  assert.ok(ours.length > 170, `${ours.length} records`);
  assert.equal(ours, theirs);
});

engine('as many pages are in flight as there may be, over connections that stay', LONG, async () => {
  // Nothing is answered before all of them are here.
  const held: ServerResponse[] = [];
  let most = 0;
  const site = await SmallSite.start(links(128), (_path, _request, response) => {
    held.push(response);
    most = Math.max(most, held.length);
    if (held.length === 64) {
      for (const each of held.splice(0)) each.writeHead(200, { 'content-type': 'text/html' }).end();
    }
    return true;
  });
  const { crawl, records } = await crawled(site, { engine: select, concurrency: 64 });
  assert.equal([records.length, crawl.totals.ok, crawl.stats.peakInFlight], [129, 129, 64]);
  assert.equal([most, site.connections], [64, 64]);
});

engine('manners are kept: a host that takes one request at a time gets one', LONG, async () => {
  const site = await SmallSite.start(links(8), undefined, 5);
  const { records } = await crawled(site, {
    engine: select,
    concurrency: 8,
    crawl: { perHost: 1, delay: 10 },
  });
  assert.equal([records.length, site.peak, site.connections], [9, 1, 1]);
});

engine('pages that may not be fetched at all do not hold it up', LONG, async () => {
  const site = await SmallSite.start(links(3));
  const run = await crawled(site, {
    engine: select,
    concurrency: 2,
    crawl: { scope: 'any', retries: 0, robots: 'ignore' },
    fetch: { allowPrivate: false },
  });
  assert.equal(
    run.records.map(({ outcome }) => outcome),
    ['blocked_ssrf'],
  );
});

engine(
  'a page that fails for a moment is tried again, and a host that is told to slow down waits',
  LONG,
  async () => {
    const seen = new Map<string, number>();
    const site = await SmallSite.start(['/flaky', '/busy', '/0'], (path, _request, response) => {
      const visit = (seen.get(path) ?? 0) + 1;
      seen.set(path, visit);
      if (path === '/0' || visit > 1) return false;
      if (path === '/busy') response.writeHead(429).end();
      else response.writeHead(500).end();
      return true;
    });
    const run = await crawled(site, { engine: select, concurrency: 4, crawl: { backoff: quick(site) } });
    assert.equal([run.crawl.totals.ok, run.record('/flaky').attempts], [4, 2]);
  },
);

engine('a kill gives up what is under way, and closes every connection', LONG, async () => {
  const hanging = await RawServer.start((socket, path) => {
    const page = links(20).map((link) => `<a href="${link}">x</a>`);
    if (path === '/') {
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.join('').length}\r\n\r\n`,
      );
      socket.write(page.join(''));
    } else if (path === '/robots.txt') socket.write('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n');
    else if (path === '/1') socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nhalf');
    else if (path === '/2')
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\nhalf');
  });
  const run = new Run(hanging as never, { engine: select, concurrency: 16 });
  while (hanging.requests.length < 19) await sleep(1);
  assert.is(hanging.sockets.size, 17, '16 pages, and the picture that nobody waits for');
  await run.greenlet.kill();
  while (hanging.sockets.size > 0) await sleep(1);
  run.work.abandon();
  await hanging.stop();
  assert.equal([run.crawl.totals.ok, run.crawl.stats.inFlight], [1, 0]);
  assert.ok(addsUp(run.crawl.totals));
});

engine(
  'a kill while a large body is being decompressed, a name looked up, a connection made',
  LONG,
  async () => {
    const site = await SmallSite.start([]);
    const run = new Run(site, {
      engine: select,
      concurrency: 4,
      crawl: { seeds: ['http://no-such-host.invalid/', 'https://127.0.0.1:1/', site.url], delay: 0 },
    });
    await sleep(0);
    await run.greenlet.kill();
    run.work.abandon();
    await site.stop();
    assert.is(run.crawl.stats.inFlight, 0);
  },
);

engine('a crawl that is stopped ends when what is under way has ended', LONG, async () => {
  const held: ServerResponse[] = [];
  const site = await SmallSite.start(links(10), (_path, _request, response) => {
    held.push(response);
    return true;
  });
  const run = new Run(site, { engine: select, concurrency: 3 });
  while (held.length < 3) await sleep(1);
  run.work.stop('enough');
  for (const each of held) each.writeHead(200, { 'content-type': 'text/html' }).end();
  await run.greenlet;
  await site.stop();
  assert.equal([run.records.length, held.length, run.crawl.endedBy], [4, 3, 'enough']);
});

engine(
  'nothing is started while nobody takes the records, and it goes on when somebody does',
  LONG,
  async () => {
    const site = await SmallSite.start(links(5));
    const run = new Run(site, { engine: select, concurrency: 2 });
    run.work.outputFull = true;
    await sleep(20);
    assert.is(run.records.length, 0);
    run.work.outputFull = false;
    run.work.pump();
    await run.greenlet;
    await site.stop();
    assert.is(run.records.length, 6);
  },
);

engine('work that has to be waited for holds up its page, and a place, but not the loop', LONG, async () => {
  const text = `
    let most = 0;
    let now = 0;
    export default async function ({ url }) {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      if (url.endsWith('/3')) throw new RangeError('odd');
      return most;
    }`;
  for (const concurrency of [1, 4]) {
    const site = await SmallSite.start(links(12));
    const href = `data:text/javascript,${encodeURIComponent(text)}//${concurrency}`;
    const run = await crawled(site, {
      engine: select,
      concurrency,
      crawl: { retries: 0 },
      fetch: { work: { type: 'module', href, name: 'async' } },
    });
    assert.equal([run.records.length, run.crawl.totals.ok, run.record('/3').outcome], [13, 12, 'internal']);
    const most = Math.max(...run.records.map(({ work }) => (typeof work === 'number' ? work : 0)));
    assert.ok(concurrency === 1 ? most === 1 : most > 1 && most <= 4, `${most} at a time of ${concurrency}`);
  }
});

engine('a kill while a page is being worked on', LONG, async () => {
  const site = await SmallSite.start([]);
  const began = ((globalThis as { began?: { count: number } }).began = { count: 0 });
  const text = 'export default () => { globalThis.began.count++; return new Promise(() => {}); }';
  const run = new Run(site, {
    engine: select,
    concurrency: 2,
    fetch: { work: { type: 'module', href: `data:text/javascript,${text}`, name: 'endless' } },
  });
  while (began.count === 0) await sleep(1);
  await run.greenlet.kill();
  run.work.abandon();
  await site.stop();
  assert.equal([run.crawl.totals.ok, run.crawl.stats.inFlight], [0, 0]);
});

engine.run();
