import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { parseRobots, productToken } from '../src/core/robots.ts';
import type { CrawlOptions } from '../src/core/options.ts';
import {
  answer,
  crawlSite,
  failure,
  outcomes,
  page,
  redirect,
  robots,
  sitemap,
  type Run,
  type Site,
} from './fake-site.ts';

const A = 'http://a.example';
const run = (site: Site, options: Partial<CrawlOptions> = {}): Run =>
  crawlSite(
    { [`${A}/`]: page([`${A}/x`]), [`${A}/x`]: page(), ...site },
    { seeds: [`${A}/`], robots: 'obey', delay: 0, ...options },
  );
const ends = (site: Site, options: Partial<CrawlOptions> = {}): string[] =>
  outcomes(run(site, options).records).map((line) => line.slice(A.length));

const rules = suite('parseRobots');

rules('a group for us goes before the group for all', () => {
  const found = parseRobots(
    `${A}/robots.txt`,
    'User-agent: *\nDisallow: /\n\nUser-agent: Switchyard\nDisallow: /b\nCrawl-delay: 2\nSitemap: /s.xml',
    'switchyard/0.1 (+url)',
  );
  assert.ok(found.allows(`${A}/a`));
  assert.not.ok(found.allows(`${A}/b/c`));
  assert.is(found.crawlDelay, 2000);
  assert.equal(found.sitemaps, ['/s.xml']);
});

rules('patterns, the longest rule, percent-encoding, a byte order mark', () => {
  const found = parseRobots(
    `${A}/robots.txt`,
    '\ufeffuser-agent:*\ndisallow:/*.pdf$\ndisallow:/d\nallow:/d/open\ndisallow:/ü',
    'x',
  );
  assert.not.ok(found.allows(`${A}/a.pdf`));
  assert.ok(found.allows(`${A}/a.pdf?x`));
  assert.not.ok(found.allows(`${A}/dir`));
  assert.ok(found.allows(`${A}/d/open/1`));
  assert.not.ok(found.allows(`${A}/%C3%BC`));
});

rules('the product token of a user agent', () => {
  assert.is(productToken('switchyard/0.1 (+https://x)'), 'switchyard');
  assert.is(productToken('Foo-Bar_b baz'), 'Foo-Bar_b');
  assert.is(productToken('123'), '*');
});

rules('a hostile file takes no time', () => {
  const started = performance.now();
  const found = parseRobots(
    `${A}/robots.txt`,
    `user-agent: *\ndisallow: ${'*a'.repeat(250_000)}$\ndisallow: /b`,
    'x',
  );
  assert.not.ok(found.allows(`${A}/b`));
  assert.ok(found.allows(`${A}/${'a'.repeat(2000)}`));
  assert.ok(performance.now() - started < 1000);
});

rules.run();

const gate = suite('robots.txt in a crawl');

gate('it is fetched once, before anything else of the host', () => {
  const done = run({ [`${A}/robots.txt`]: robots('user-agent: *\ndisallow: /x') });
  assert.equal(
    done.started.map(({ url }) => url),
    [`${A}/robots.txt`, `${A}/`],
  );
  assert.equal(outcomes(done.records), [`${A}/ ok`, `${A}/x blocked_robots`]);
  assert.match(
    done.records.find((record) => record.outcome === 'blocked_robots')?.error ?? '',
    'does not allow it',
  );
  assert.equal([...done.crawl.tally.skips], [['robots', 1]]);
  assert.ok(
    outcomes(
      run({ [`${A}/robots.txt`]: robots('user-agent: *\ndisallow: /x') }, { robots: 'ignore' }).records,
    ).includes(`${A}/x ok`),
  );
});

gate('pages that are not allowed do not hold up those behind them', () => {
  // A regression: a host with nothing in flight was not looked at again after a page of it had been turned away.
  const site: Site = {
    [`${A}/robots.txt`]: robots('user-agent: *\ndisallow: /no'),
    [`${A}/`]: page([`${A}/no/1`, `${A}/no/2`, `${A}/x`, `${A}/no/3`, `${A}/y`]),
  };
  const done = crawlSite(
    { ...site, [`${A}/x`]: page(), [`${A}/y`]: page() },
    { seeds: [`${A}/`], robots: 'obey', delay: 0, perHost: 1 },
    { slots: 1 },
  );
  assert.is(done.crawl.totals.pending, 0);
  assert.is(done.crawl.totals.ok, 3);
});

gate('4xx allows all, 5xx forbids all, a dead host fails', () => {
  assert.equal(ends({ [`${A}/robots.txt`]: answer(403) }), ['/ ok', '/x ok']);
  assert.equal(ends({ [`${A}/robots.txt`]: answer(501) }), ['/ blocked_robots']);
  const failing = run({ [`${A}/robots.txt`]: answer(500) });
  assert.equal(failing.started.length, 4, 'after retries');
  assert.match(failing.records[0]?.error ?? '', 'cannot be had (HTTP status 500)');
  assert.equal(ends({ [`${A}/robots.txt`]: answer(429) }), ['/ blocked_robots']);
  assert.equal(ends({ [`${A}/robots.txt`]: failure('refused') }), ['/ refused']);
  assert.equal(ends({ [`${A}/robots.txt`]: [answer(503), failure('reset'), robots('')] }), ['/ ok', '/x ok']);
});

gate('redirects are followed, to another host too, and the rules hold for the first one', () => {
  const site: Site = {
    [`${A}/robots.txt`]: redirect('http://b.example/r'),
    'http://b.example/r': robots('user-agent: *\ndisallow: /x'),
  };
  assert.equal(ends(site), ['/ ok', '/x blocked_robots']);
  const endless: Site = {
    [`${A}/robots.txt`]: redirect('/robots.txt?1'),
    [`${A}/robots.txt?1`]: redirect('/robots.txt'),
  };
  const done = run(endless);
  assert.is(done.started.filter(({ url }) => url.includes('robots')).length, 6);
  assert.equal(outcomes(done.records), [`${A}/ ok`, `${A}/x ok`]);
});

gate('Crawl-delay is kept to, up to a limit', () => {
  const at = (delay: number): number[] =>
    run({ [`${A}/robots.txt`]: robots(`user-agent: *\ncrawl-delay: ${delay}`) }).started.map(
      (start) => start.at,
    );
  assert.equal(at(2).slice(1), [10, 2010]);
  assert.equal(at(3600).slice(1), [10, 30_010]);
});

gate('rules older than a day are fetched again, and kept when they cannot be', () => {
  const day = 24 * 60 * 60 * 1000;
  const site: Site = {
    [`${A}/robots.txt`]: [robots('user-agent: *\ndisallow: /y'), answer(500)],
    [`${A}/x`]: page([`${A}/y`]),
  };
  const done = crawlSite(
    { ...site, [`${A}/`]: page([`${A}/x`]) },
    { seeds: [`${A}/`], robots: 'obey', delay: day + 1 },
  );
  assert.equal(outcomes(done.records), [`${A}/ ok`, `${A}/x ok`, `${A}/y blocked_robots`]);
  assert.ok(done.started.filter(({ url }) => url.includes('robots')).length > 1);
});

gate.run();

const maps = suite('sitemaps in a crawl');
const listing = robots(`sitemap: ${A}/index.xml`);

maps('those named by robots.txt are read, nested too, within the scope', () => {
  const site: Site = {
    [`${A}/robots.txt`]: listing,
    [`${A}/index.xml`]: sitemap([], [`${A}/1.xml`, 'http://b.example/2.xml']),
    [`${A}/1.xml`]: sitemap([`${A}/orphan`, 'http://b.example/x']),
    [`${A}/orphan`]: page(),
  };
  assert.equal(ends(site), ['/ ok', '/orphan ok', '/x ok']);
  assert.equal(ends(site, { sitemap: 'off' }), ['/ ok', '/x ok']);
  const done = run(site);
  assert.is(done.crawl.stats.sitemaps, 2);
  assert.match(done.crawl.stats.troubles[0]?.what ?? '', 'outside of the scope, http://b.example/2.xml');
});

maps('alone: links are not followed', () => {
  const site: Site = {
    [`${A}/robots.txt`]: listing,
    [`${A}/index.xml`]: sitemap([`${A}/`]),
    [`${A}/sitemap.xml`]: sitemap([`${A}/x`]),
  };
  assert.equal(ends(site, { sitemap: 'only' }), ['/ ok']);
  assert.equal(
    ends({ ...site, [`${A}/robots.txt`]: answer(404) }, { sitemap: 'only' }),
    ['/x ok'],
    'the usual place',
  );
  assert.equal(ends(site, { sitemap: 'only', robots: 'ignore' }), ['/x ok']);
  assert.equal(ends(site, { sitemap: 'only', seeds: [`${A}/index.xml`] }), ['/ ok'], 'a sitemap as seed');
  const none = run({}, { sitemap: 'only' });
  assert.not.ok(none.crawl.reachedSeeds);
  assert.is(none.crawl.stats.troubleCount, 1);
});

maps('a sitemap that fails is tried again and then reported', () => {
  const done = run({ [`${A}/robots.txt`]: listing, [`${A}/index.xml`]: failure('timeout_total') });
  assert.is(done.started.filter(({ url }) => url.endsWith('index.xml')).length, 4);
  assert.match(done.crawl.stats.troubles[0]?.what ?? '', 'sitemap, timeout_total');
});

maps('indexes that name each other end', () => {
  const site: Site = { [`${A}/robots.txt`]: listing };
  for (let index = 0; index < 10; index++)
    site[`${A}/${index}.xml`] = sitemap([], [`${A}/${index + 1}.xml`, `${A}/index.xml`]);
  site[`${A}/index.xml`] = sitemap([], [`${A}/0.xml`, `${A}/index.xml`]);
  const done = run(site);
  assert.is(done.crawl.stats.sitemaps, 4);
  assert.match(done.crawl.stats.troubles[0]?.what ?? '', 'nested more than 3 deep');
});

maps.run();
