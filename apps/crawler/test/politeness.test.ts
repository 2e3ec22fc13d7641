import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { DEFAULT_BACKOFF, backoff, retryAfter, throttleWait } from '../src/core/backoff.ts';
import { answer, crawlSite, failure, outcomes, page, type Site } from './fake-site.ts';

const A = 'http://a.example';
const B = 'http://b.example';
const urls = (origin: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${origin}/${index}`);
const pages = (origin: string, count: number): Site =>
  Object.fromEntries(urls(origin, count).map((url) => [url, page()]));

const polite = suite('politeness');

polite('on the open web: 4 at a time, 250 ms apart; on this machine as fast as it goes', () => {
  const far = crawlSite(pages(A, 8), { seeds: urls(A, 8) }, { latency: 2000 });
  assert.equal(
    far.started.map(({ at }) => at),
    [0, 250, 500, 750, 2000, 2250, 2500, 2750],
  );
  const near = 'http://127.0.0.1:8080';
  const fast = crawlSite(pages(near, 8), { seeds: urls(near, 8), concurrency: 8 });
  assert.equal(
    fast.started.map(({ at }) => at),
    [0, 0, 0, 0, 0, 0, 0, 0],
  );
});

polite('hosts do not wait for each other', () => {
  const run = crawlSite(
    { ...pages(A, 3), ...pages(B, 3) },
    { seeds: [...urls(A, 3), ...urls(B, 3)], delay: 100 },
    { latency: 1 },
  );
  assert.equal(
    run.started.map(({ at, url }) => `${at} ${url.slice(7, 8)}`),
    ['0 a', '0 b', '100 a', '100 b', '200 a', '200 b'],
  );
});

polite('--rate holds over all hosts', () => {
  const run = crawlSite(
    { ...pages(A, 2), ...pages(B, 2) },
    { seeds: [...urls(A, 2), ...urls(B, 2)], delay: 0, rate: 20 },
    { latency: 1 },
  );
  assert.equal(
    run.started.map(({ at }) => at),
    [0, 50, 100, 150],
  );
});

polite('a failed page is tried again later and later, and the tries are counted', () => {
  const site: Site = { [`${A}/`]: [answer(500), failure('reset'), answer(502), page()] };
  const run = crawlSite(site, { seeds: [`${A}/`], delay: 0 });
  assert.is(run.records[0]?.outcome, 'ok');
  assert.is(run.records[0]?.attempts, 4);
  const waits = run.started.map(({ at }, index) => at - (run.started[index - 1]?.at ?? 0)).slice(1);
  [500, 1000, 2000].forEach((step, index) => {
    const wait = (waits[index] ?? 0) - 10;
    assert.ok(wait >= step / 2 && wait <= step, `wait ${index + 1} of at most ${step}: ${wait}`);
  });
  const failed = crawlSite({ [`${A}/`]: failure('timeout_total') }, { seeds: [`${A}/`], retries: 1 });
  assert.equal([failed.records[0]?.outcome, failed.records[0]?.attempts], ['timeout_total', 2]);
});

polite('the same seed waits the same, another one differently', () => {
  const waits = (seed: number): number[] =>
    urls(A, 20).map((url) => backoff({ ...DEFAULT_BACKOFF, seed }, 2, url));
  assert.equal(waits(1), waits(1));
  assert.not.equal(waits(1), waits(2));
  assert.ok(new Set(waits(1)).size > 15, 'pages that fail together do not come back together');
});

polite('Retry-After: seconds, a date, nonsense', () => {
  const now = Date.parse('Sun, 06 Nov 1994 08:49:37 GMT');
  assert.is(retryAfter('120', now), 120_000);
  assert.is(retryAfter(' 0 ', now), 0);
  assert.is(retryAfter('Sun, 06 Nov 1994 08:50:37 GMT', now), 60_000);
  assert.is(retryAfter('Sun, 06 Nov 1994 08:00:00 GMT', now), 0);
  for (const bad of [undefined, '', '-5', '1.5', 'soon', '5 s'])
    assert.is(retryAfter(bad, now), undefined, String(bad));
});

polite('Retry-After is kept to, within reason, and 0 does not cancel the back-off', () => {
  assert.is(throttleWait(DEFAULT_BACKOFF, 1, 'x', 5000), 5000);
  assert.is(throttleWait(DEFAULT_BACKOFF, 1, 'x', 86_400_000), DEFAULT_BACKOFF.maxRetryAfter);
  assert.ok(throttleWait(DEFAULT_BACKOFF, 3, 'x', 0) >= 1000);
  const site: Site = {
    [`${A}/0`]: [answer(429, undefined, { retryAfter: '3' }), page()],
    [`${A}/1`]: page(),
  };
  const run = crawlSite(site, { seeds: urls(A, 2), delay: 0, perHost: 1 }, { latency: 1 });
  assert.equal(
    run.started.slice(0, 2),
    [
      { at: 0, url: `${A}/0` },
      { at: 3001, url: `${A}/1` },
    ],
    'the whole host waits',
  );
});

polite('many 429s at once are one reason to slow down, not many', () => {
  const slow: Site = Object.fromEntries(urls(A, 64).map((url) => [url, [answer(429), page()]]));
  const run = crawlSite(
    slow,
    { seeds: urls(A, 64), delay: 0, perHost: 64 },
    { slots: 64, latency: ({ id }) => 10 + id },
  );
  const second = run.started[64]?.at ?? 0;
  assert.ok(second < 74 + 500 + 500, `the second round starts after one step of back-off, at ${second} ms`);
  assert.ok(run.records.every((record) => record.outcome === 'ok' && record.attempts === 2));
  assert.is(run.crawl.stats.throttles, 64);
});

polite('after a pause a host is tried with one request first', () => {
  const site: Site = { ...pages(A, 10), [`${A}/0`]: [answer(503), page()] };
  const run = crawlSite(site, { seeds: urls(A, 10), delay: 0, perHost: 2 }, { latency: 100 });
  const after = run.started.slice(2).map(({ at }) => at);
  assert.ok((after[1] ?? 0) - (after[0] ?? 0) >= 100, `alone: ${after.slice(0, 4).join(' ')}`);
  assert.is((after[2] ?? 0) - (after[1] ?? 0), 0, 'then as before');
});

polite('a host that only ever says "slow down" is given up, with a record for every page', () => {
  const site: Site = Object.fromEntries(urls(A, 50).map((url) => [url, answer(429)]));
  const run = crawlSite({ ...site, ...pages(B, 3) }, { seeds: [...urls(A, 50), ...urls(B, 3)], delay: 0 });
  assert.is(outcomes(run.records).filter((line) => line.endsWith('throttled')).length, 50);
  assert.is(outcomes(run.records).filter((line) => line.endsWith('ok')).length, 3);
  assert.ok(run.end < 600_000, `it takes ${run.end} ms`);
});

polite('a page that only ever says "slow down" ends, while its host goes on', () => {
  const site: Site = { ...pages(A, 200), [`${A}/0`]: answer(503) };
  const run = crawlSite(site, { seeds: urls(A, 200), delay: 1000, perHost: 1 });
  assert.is(run.records.filter((record) => record.outcome === 'ok').length, 199);
  const bad = run.records.find((record) => record.outcome === 'throttled');
  assert.equal([bad?.url, bad?.status, bad?.attempts], [`${A}/0`, 503, 9]);
});

polite.run();
