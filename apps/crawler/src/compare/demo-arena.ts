import { startDemo } from '../demo/demo.ts';
import { DemoSite } from '../demo/site.ts';
import { type Arena, siteFor, type SiteShape } from './arena.ts';
import { capacityOf } from './capacity.ts';
import { canonicalUrl } from '../url/canonical.ts';

/**
 * The demo site, in a process of its own, which becomes what each run needs. All its pages are ordinary and take exactly the time that
 * was asked for.
 *
 * @throws DemoError when it does not come up
 */
export async function demoArena(shape: SiteShape): Promise<Arena> {
  const demo = await startDemo({ ...shape, pages: 20, latency: 0, plain: true });
  try {
    const capacity = await capacityOf(demo.url, async () => (await demo.stats())?.requests ?? 0);
    return {
      kind: 'demo',
      // Its port is another one every time.
      subjects: ['the demo site'],
      allowed: [demo.url],
      capacity,
      async prepare(at) {
        const site = siteFor(at, shape);
        await demo.become(site);
        const paths = new DemoSite(site).linkedPages();
        return paths.map((path) => canonicalUrl(new URL(path, demo.url).href) ?? demo.url);
      },
      async peak() {
        return (await demo.stats())?.peakInFlight ?? null;
      },
      close: () => demo.stop(),
    };
  } catch (error) {
    await demo.stop();
    throw error;
  }
}
