import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Crawl } from '../src/core/crawl.ts';
import { crawlOptions } from '../src/core/options.ts';
import { answer, crawlSite, failure, outcomes, page, redirect, type Site } from './fake-site.ts';

const A = 'http://a.example';
/** No manners: the tests here are about what is fetched, not when. */
const RUDE = { delay: 0, perHost: 100 };

const crawl = suite('Crawl');

crawl('follows links, each URL once', () => {
  const site: Site = {
    [`${A}/`]: page([`${A}/1`, `${A}/2`, 'http://b.example/']),
    [`${A}/1`]: page([`${A}/`, `${A}/2`, `${A}/3`]),
    [`${A}/2`]: page([`${A}/1`]),
  };
  const run = crawlSite(site, { seeds: [`${A}/`], ...RUDE });
  assert.equal(outcomes(run.records), [`${A}/ ok`, `${A}/1 ok`, `${A}/2 ok`, `${A}/3 http_error`]);
  const three = run.records.find((record) => record.url === `${A}/3`);
  assert.is(three?.parent, `${A}/1`);
  assert.is(three?.depth, 2);
  assert.is(three?.status, 404);
  assert.equal(run.crawl.totals, { discovered: 5, ok: 3, redirects: 0, failed: 1, skipped: 1, pending: 0 });
  assert.equal([...run.crawl.tally.skips], [['scope', 1]]);
});

crawl('the same pages whatever the order in which they come back', () => {
  const site: Site = {};
  for (let index = 0; index < 200; index++) {
    const links = Array.from({ length: 5 }, (_, link) => `${A}/${(index * 7 + link * 31) % 230}`);
    site[`${A}/${index}`] = index % 17 === 0 ? redirect(links[0] ?? '') : page(links);
  }
  const results = [1, 2, 3, 4].map((seed) => {
    const latency = ({ id }: { id: number }): number => 1 + ((id * 7919 * seed) % 97);
    return outcomes(
      crawlSite(site, { seeds: [`${A}/1`], ...RUDE }, { slots: seed * 5 - 4, latency }).records,
    );
  });
  for (const result of results) assert.equal(result, results[0]);
});

crawl('a redirect is the discovery of its target', () => {
  const site: Site = {
    [`${A}/`]: page([`${A}/old`, `${A}/gone`, `${A}/out`, `${A}/empty`, `${A}/odd`]),
    [`${A}/old`]: redirect('/newer', 301),
    [`${A}/newer`]: redirect(`${A}/newest#x`),
    [`${A}/newest`]: page(),
    [`${A}/gone`]: redirect('/'),
    [`${A}/out`]: redirect('http://b.example/'),
    [`${A}/empty`]: answer(302),
    [`${A}/odd`]: redirect('mailto:a@b.example'),
  };
  const { records, crawl: done } = crawlSite(site, { seeds: [`${A}/`], ...RUDE });
  const newest = records.find((record) => record.url === `${A}/newest`);
  assert.equal(newest?.redirects, [`${A}/old`, `${A}/newer`]);
  assert.is(newest?.depth, 1, 'as deep as where it started');
  assert.is(records.find((record) => record.url === `${A}/old`)?.finalUrl, `${A}/newer`);
  assert.equal(outcomes(records), [
    `${A}/ ok`,
    `${A}/empty http_error`,
    `${A}/gone redirect`,
    `${A}/newer redirect`,
    `${A}/newest ok`,
    `${A}/odd http_error`,
    `${A}/old redirect`,
    `${A}/out redirect`,
  ]);
  assert.equal([...done.tally.skips], [['scope', 1]]);
});

crawl('redirects that lead nowhere end', () => {
  const site: Site = {
    [`${A}/`]: page([`${A}/self`, `${A}/l1`, `${A}/r0`]),
    [`${A}/self`]: redirect('/self'),
    [`${A}/l1`]: redirect('/l2'),
    [`${A}/l2`]: redirect('/l1'),
  };
  for (let index = 0; index < 20; index++) site[`${A}/r${index}`] = redirect(`/r${index + 1}`);
  const ends = outcomes(crawlSite(site, { seeds: [`${A}/`], ...RUDE }).records);
  assert.ok(ends.includes(`${A}/self redirect_loop`));
  assert.ok(ends.includes(`${A}/l2 redirect_loop`));
  assert.ok(ends.includes(`${A}/r10 redirect_limit`));
  assert.not.ok(ends.some((end) => end.startsWith(`${A}/r11`)));
});

crawl('where a seed redirects to is in scope', () => {
  const B = 'https://www.a.example';
  const site: Site = { [`${A}/`]: redirect(`${B}/`), [`${B}/`]: page([`${B}/1`]), [`${B}/1`]: page() };
  const run = crawlSite(site, { seeds: [`${A}/`], ...RUDE });
  assert.equal(outcomes(run.records), [`${A}/ redirect`, `${B}/ ok`, `${B}/1 ok`]);
  assert.ok(run.crawl.reachedSeeds);
});

crawl('depth means the shortest way, however late it is found', () => {
  // /slow is one link from the seed and answers last; /x is first met by the long way over /a/b.
  const site: Site = {
    [`${A}/`]: page([`${A}/a`, `${A}/slow`]),
    [`${A}/a`]: page([`${A}/b`]),
    [`${A}/b`]: page([`${A}/x`]),
    [`${A}/slow`]: page([`${A}/x`]),
    [`${A}/x`]: page([`${A}/y`]),
    [`${A}/y`]: page([`${A}/z`]),
  };
  const latency = ({ url }: { url: string }): number => (url.endsWith('slow') ? 1000 : 1);
  const pages = (depth: number): string => {
    const run = crawlSite(site, { seeds: [`${A}/`], depth, ...RUDE }, { latency });
    return run.records
      .map((record) => record.url.slice(A.length))
      .sort()
      .join(' ');
  };
  assert.is(pages(0), '/');
  assert.is(pages(1), '/ /a /slow');
  assert.is(pages(2), '/ /a /b /slow /x');
  assert.is(pages(3), '/ /a /b /slow /x /y');
  const { crawl: done } = crawlSite(site, { seeds: [`${A}/`], depth: 3, ...RUDE }, { latency });
  assert.equal([...done.tally.skips], [['depth', 1]]);
});

crawl('filters, traps and nofollow', () => {
  const site: Site = {
    [`${A}/`]: page([`${A}/keep/1`, `${A}/keep/no.pdf`, `${A}/other`, `${A}/keep/t/t/t/`], {
      nofollow: [`${A}/keep/quiet`],
    }),
    [`${A}/keep/1`]: page(),
    [`${A}/keep/quiet`]: page(),
  };
  const options = { seeds: [`${A}/`], include: [/\/keep\//], exclude: [/\.pdf$/], ...RUDE };
  const run = crawlSite(site, options);
  assert.equal(outcomes(run.records), [`${A}/ ok`, `${A}/keep/1 ok`, `${A}/keep/t/t/t/ trap`]);
  assert.equal(Object.fromEntries(run.crawl.tally.skips), { filter: 2, trap: 1 });
  const all = crawlSite(site, { ...options, nofollow: 'ignore' });
  assert.ok(outcomes(all.records).includes(`${A}/keep/quiet ok`));
});

crawl('--max-pages starts so many and leaves the rest, but does not drop retries', () => {
  const site: Site = { [`${A}/`]: page(Array.from({ length: 50 }, (_, index) => `${A}/${index}`)) };
  for (let index = 0; index < 50; index++) site[`${A}/${index}`] = [answer(500), page()];
  const run = crawlSite(site, { seeds: [`${A}/`], maxPages: 10, ...RUDE });
  assert.is(run.records.length, 10);
  assert.ok(run.records.every((record) => record.outcome === 'ok'));
  assert.is(run.crawl.totals.pending, 41);
  assert.match(run.crawl.endedBy ?? '', 'started 10 pages');
});

crawl('--max-bytes ends it too', () => {
  const site: Site = { [`${A}/`]: page(Array.from({ length: 50 }, (_, index) => `${A}/${index}`)) };
  const run = crawlSite(site, { seeds: [`${A}/`], maxBytes: 1000, ...RUDE }, { slots: 1 });
  assert.is(run.records.length, 10);
});

crawl('what is cut off is pending again and can be taken up', () => {
  const options = crawlOptions({ seeds: [`${A}/`], robots: 'ignore', ...RUDE });
  const cut = new Crawl(options, 0);
  const next = cut.next(0);
  assert.is(next.type, 'job');
  if (next.type !== 'job') return;
  assert.is(cut.next(0).type, 'busy');
  cut.release(next.job, 5);
  assert.equal(cut.totals.pending, 1);
  assert.throws(() => cut.release(next.job, 5), /is not in flight; give each job back once/);
  const again = cut.next(5);
  assert.is(again.type, 'job');
  if (again.type !== 'job') return;
  assert.is(again.job.attempt, 1);
  cut.stop('test');
  cut.done(again.job, page([`${A}/1`]), 6);
  assert.is(cut.next(6).type, 'finished');
  assert.is(cut.endedBy, 'test');
  assert.equal(cut.totals, { discovered: 2, ok: 1, redirects: 0, failed: 0, skipped: 0, pending: 1 });
});

crawl('seeds that all fail are known to have', () => {
  assert.not.ok(crawlSite({}, { seeds: [`${A}/`, `${A}/2`], ...RUDE }).crawl.reachedSeeds);
  assert.not.ok(crawlSite({ [`${A}/`]: redirect('/x') }, { seeds: [`${A}/`], ...RUDE }).crawl.reachedSeeds);
  assert.ok(
    crawlSite({ [`${A}/`]: redirect('/x'), [`${A}/x`]: page() }, { seeds: [`${A}/`], ...RUDE }).crawl
      .reachedSeeds,
  );
});

crawl('outcomes of every kind are told apart', () => {
  const links = ['type', 'tls', 'big', 'private', 'teapot', 'notmodified'].map((name) => `${A}/${name}`);
  const site: Site = {
    [`${A}/`]: page(links),
    [`${A}/type`]: answer(200, { type: 'foreign' }, { contentType: 'image/png' }),
    [`${A}/tls`]: failure('tls', false),
    [`${A}/big`]: failure('too_large', false),
    [`${A}/private`]: failure('blocked_ssrf', false),
    [`${A}/teapot`]: answer(418),
    [`${A}/notmodified`]: answer(304),
  };
  const run = crawlSite(site, { seeds: [`${A}/`], ...RUDE });
  const { tally } = run.crawl;
  assert.equal(Object.fromEntries(tally.skips), { bad_type: 1, private: 1 });
  assert.equal(Object.fromEntries(tally.failures), { tls: 1, too_large: 1 });
  assert.equal([tally.ok, tally.clientErrors, tally.otherStatuses], [1, 1, 1]);
  assert.is(run.crawl.stats.troubleCount, 5);
  assert.is(run.started.length, 7, 'nothing of this is retried');
});

crawl.run();
