import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { digest } from '../src/page/digest.ts';
import type { Answer } from '../src/outcome.ts';
import { DEFAULT_SITE, DemoSite } from '../src/demo/site.ts';
import { DEFAULT_FETCH } from '../src/fetch/settings.ts';

const ORIGIN = 'http://127.0.0.1:1234';

function linksOf(site: DemoSite, path: string): readonly string[] {
  const { status, headers, body } = site.answer(path, ORIGIN, '');
  const arrival = {
    type: 'arrival' as const,
    status,
    location: headers['location'],
    retryAfter: undefined,
    contentType: headers['content-type'],
    robotsTag: undefined,
    body,
    wireBytes: body.length,
    timings: { headers: 0, body: 0 },
  };
  const { content, location } = digest(
    { id: 1, kind: 'page', url: ORIGIN + path, attempt: 1 },
    arrival,
    DEFAULT_FETCH,
  ) as Answer;
  if (location !== undefined) return [new URL(location, ORIGIN + path).href];
  return content.type === 'page' ? content.links : [];
}

/** Everything that can be reached from the front page by links, as paths. */
function reachable(site: DemoSite): Set<string> {
  const seen = new Set(['/']);
  for (const path of seen) {
    if (path.length > 100) continue; // the trap has no end
    for (const link of linksOf(site, path)) if (link.startsWith(ORIGIN)) seen.add(link.slice(ORIGIN.length));
  }
  return seen;
}

const demo = suite('DemoSite');

for (const pages of [20, 37, 300]) {
  demo(`every linked page of ${pages} and every special one can be reached`, () => {
    const site = new DemoSite({ ...DEFAULT_SITE, pages, pageSize: 1 });
    const found = reachable(site);
    for (const path of site.linkedPages()) assert.ok(found.has(path), path);
    for (const path of site.orphans()) assert.not.ok(found.has(path), path);
    for (const path of [
      '/redirect/target',
      '/redirect/loop-b',
      '/slow',
      '/hostile',
      '/bomb',
      '/quiet/1',
      '/private/2',
      '/missing/2?reason=moved&when=long+ago',
    ]) {
      assert.ok(found.has(path), path);
    }
    for (const path of found) assert.not.match(path, 'hidden');
  });
}

demo('the same seed is the same site on any port, another seed another', () => {
  const text = (seed: number, origin: string): string => {
    const site = new DemoSite({ ...DEFAULT_SITE, seed });
    return site
      .linkedPages()
      .map((path) => site.answer(path, origin, '').body.toString())
      .join('');
  };
  assert.ok(text(1, ORIGIN) === text(1, 'http://127.0.0.1:9999'));
  assert.ok(text(1, ORIGIN) !== text(2, ORIGIN));
});

demo('pages have the size that is asked for, and latency its average', () => {
  const site = new DemoSite({ ...DEFAULT_SITE, pageSize: 16_384, latency: 20 });
  const size = site.answer('/page/3', ORIGIN, '').body.length;
  assert.ok(size >= 16_384 && size < 17_000, String(size));
  const latencies = site.linkedPages().map((path) => site.latency(path));
  const mean = latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length;
  assert.ok(mean > 18 && mean < 22, String(mean));
  assert.is(new DemoSite({ ...DEFAULT_SITE, latency: 0 }).latency('/'), 0);
});

demo('flaky pages fail, recover, and fail again for the next crawl', () => {
  const site = new DemoSite(DEFAULT_SITE);
  const statuses = Array.from({ length: 6 }, () => site.answer('/flaky/1', ORIGIN, '').status);
  assert.equal(statuses, [500, 500, 200, 500, 500, 200]);
});

demo('what is not there is a 404, what cannot be is refused', () => {
  const site = new DemoSite({ ...DEFAULT_SITE, pages: 20 });
  for (const path of ['/page/20', '/page/01', '/page/0', '/page/x', '/nothing', '/redirect/none']) {
    assert.is(site.answer(path, ORIGIN, '').status, 404, path);
  }
  assert.throws(() => new DemoSite({ ...DEFAULT_SITE, pages: 3 }), /whole number from 20 up, got 3/);
});

demo.run();
