import { canonicalUrl } from '../url/canonical.ts';
import type { Discovery } from './discovery.ts';
import { Entry } from './entry.ts';
import type { Frontier } from './frontier.ts';
import type { Host } from './host.ts';
import type { CrawlOptions } from './options.ts';
import type { Stats } from './stats.ts';
import type { Verdict } from './verdict.ts';

/** How deep sitemap indexes may be nested. */
const MAX_NESTING = 3;
const MAX_REDIRECTS = 5;

/** Finds the sitemaps of the hosts that were asked for and hands over the pages they list. */
export class SitemapReader {
  readonly #options: CrawlOptions;
  readonly #frontier: Frontier;
  readonly #discovery: Discovery;
  readonly #stats: Stats;

  constructor(options: CrawlOptions, frontier: Frontier, discovery: Discovery, stats: Stats) {
    this.#options = options;
    this.#frontier = frontier;
    this.#discovery = discovery;
    this.#stats = stats;
  }

  /** Takes a seed of a crawl of sitemaps alone: a sitemap itself by its name, or a site that has one. */
  addSeed(seed: string, host: Host, now: number): void {
    if (/\.(?:xml|xml\.gz|txt)$/i.test(new URL(seed).pathname)) this.#add(seed, host, 0, undefined, now);
    else if (this.#options.robots === 'ignore')
      this.#add(`${host.origin}/sitemap.xml`, host, 0, undefined, now);
    // With robots.txt obeyed it says where the sitemaps are: see `named`.
  }

  /** The robots.txt of `host` is known. */
  named(host: Host, now: number): void {
    const { sitemap } = this.#options;
    if (sitemap === 'off' || !this.#discovery.isSeedHost(host)) return;
    const robots = `${host.origin}/robots.txt`;
    const named = host.robots?.sitemaps ?? [];
    for (const link of named) {
      const url = canonicalUrl(link, undefined, robots);
      if (url !== undefined) this.#addCovered(url, 0, robots, now);
      else this.#stats.trouble(robots, `names a sitemap "${link}", which is no http URL`);
    }
    if (named.length === 0 && sitemap === 'only')
      this.#add(`${host.origin}/sitemap.xml`, host, 0, robots, now);
  }

  /** Takes the last word on a sitemap. */
  settle(entry: Entry, verdict: Verdict, now: number): void {
    if (verdict.action === 'redirect') {
      const target = canonicalUrl(verdict.location, undefined, entry.url);
      if (target === undefined || entry.hops >= MAX_REDIRECTS || !this.#discovery.covers(target)) {
        this.#stats.trouble(entry.url, `sitemap redirects to ${verdict.location}, which is not followed`);
        return;
      }
      entry.hops++;
      entry.url = target;
      this.#frontier.putBack(entry, now);
    } else if (verdict.action === 'accept') {
      const { content } = verdict.answer;
      if (content.type !== 'sitemap') return;
      this.#stats.sitemaps++;
      this.#discovery.listed(content.urls, entry.url, now);
      for (const url of content.sitemaps) {
        if (entry.depth < MAX_NESTING) this.#addCovered(url, entry.depth + 1, entry.url, now);
        else
          this.#stats.trouble(
            entry.url,
            `sitemap index nested more than ${MAX_NESTING} deep; ${url} is left out`,
          );
      }
      if (content.unusable > 0)
        this.#stats.trouble(entry.url, `${content.unusable} entries of the sitemap cannot be used`);
    } else if (verdict.action !== 'slow_down') {
      this.#stats.trouble(entry.url, `sitemap, ${verdict.outcome}: ${verdict.error}`);
    }
  }

  #addCovered(url: string, nesting: number, parent: string, now: number): void {
    if (this.#discovery.covers(url)) this.#add(url, this.#frontier.host(url), nesting, parent, now);
    else this.#stats.trouble(parent, `names a sitemap outside of the scope, ${url}; it is left out`);
  }

  #add(url: string, host: Host, nesting: number, parent: string | undefined, now: number): void {
    if (!this.#discovery.isNewSitemap(url)) return;
    this.#frontier.push(new Entry('sitemap', url, host, nesting, parent, [], false, now));
  }
}
