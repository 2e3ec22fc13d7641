import { Scope } from '../url/scope.ts';
import { trapReason } from '../url/trap.ts';
import { DepthLedger, type Place } from './depths.ts';
import { Entry } from './entry.ts';
import type { Frontier } from './frontier.ts';
import type { Host } from './host.ts';
import type { CrawlOptions } from './options.ts';
import { SeenSet } from './seen.ts';
import type { Tally } from './tally.ts';

/** How a URL was met. */
export interface Finding {
  readonly depth: number;
  readonly parent: string | undefined;
  /** The URLs that redirected to it, the first one first. */
  readonly redirects: readonly string[];
  readonly seed: boolean;
}

const NO_REDIRECTS: readonly string[] = [];

/** Decides which of the URLs met become part of the crawl, each once. */
export class Discovery {
  readonly #frontier: Frontier;
  readonly #tally: Tally;
  readonly #scope: Scope;
  readonly #maxDepth: number;
  readonly #seen = new SeenSet();
  /** Only where there is a limit: without one nothing is ever too deep. */
  readonly #ledger: DepthLedger | undefined;
  readonly #seedHosts = new Set<Host>();
  readonly #onTrap: (entry: Entry, reason: string) => void;

  constructor(
    options: CrawlOptions,
    frontier: Frontier,
    tally: Tally,
    onTrap: (entry: Entry, reason: string) => void,
  ) {
    this.#frontier = frontier;
    this.#tally = tally;
    this.#scope = new Scope(options.scope, options.include, options.exclude);
    this.#maxDepth = options.depth;
    this.#ledger = options.depth === Infinity ? undefined : new DepthLedger();
    this.#onTrap = onTrap;
  }

  /** Takes a URL the user gave, or one that such a URL redirected to, and lets its neighbourhood into the scope. */
  seed(url: string, parent: string | undefined, redirects: readonly string[], now: number): void {
    this.admit(url);
    this.#meet(url, { depth: 0, parent, redirects, seed: true }, now);
  }

  /** Lets the neighbourhood of `url` into the scope. @returns its host */
  admit(url: string): Host {
    this.#scope.admit(url);
    const host = this.#frontier.host(url);
    this.#seedHosts.add(host);
    return host;
  }

  isSeedHost(host: Host): boolean {
    return this.#seedHosts.has(host);
  }

  /** Takes the links of the page that `entry` fetched. */
  links(entry: Entry, urls: readonly string[], now: number): void {
    const finding: Finding = {
      depth: entry.depth + 1,
      parent: entry.url,
      redirects: NO_REDIRECTS,
      seed: false,
    };
    this.#record(entry, 1, this.#meetAll(urls, finding, now));
  }

  /** Takes the URL that `entry` redirects to. */
  redirect(entry: Entry, target: string, now: number): void {
    const redirects = [...entry.redirects, entry.url];
    if (entry.seed) {
      this.seed(target, entry.url, redirects, now);
      return;
    }
    const finding: Finding = { depth: entry.depth, parent: entry.url, redirects, seed: false };
    this.#record(entry, 0, this.#meetAll([target], finding, now));
  }

  /** Takes the pages that a sitemap lists. */
  listed(urls: readonly string[], sitemap: string, now: number): void {
    this.#meetAll(urls, { depth: 1, parent: sitemap, redirects: NO_REDIRECTS, seed: false }, now);
  }

  /** Whether a sitemap at `url` may speak for this crawl. */
  covers(url: string): boolean {
    return this.#scope.covers(url);
  }

  /** Takes a sitemap's URL. @returns whether it is new. */
  isNewSitemap(url: string): boolean {
    return this.#seen.add(`sitemap ${url}`);
  }

  /** `entry` is done: nothing but its place is remembered. */
  forget(entry: Entry): void {
    const place = this.#ledger?.get(entry.url);
    if (place !== undefined) place.entry = undefined;
  }

  #meetAll(urls: readonly string[], finding: Finding, now: number): Place[] {
    const places: Place[] = [];
    for (const url of urls) {
      const place = this.#meet(url, finding, now);
      if (place !== undefined) places.push(place);
    }
    return places;
  }

  #record(entry: Entry, step: number, children: Place[]): void {
    const place = this.#ledger?.get(entry.url);
    if (place === undefined) return;
    place.step = step;
    place.children = children;
  }

  /** @returns the place of a URL that belongs to the crawl, where places are kept. */
  #meet(url: string, finding: Finding, now: number): Place | undefined {
    if (!this.#seen.add(url)) return this.#meetAgain(url, finding, now);
    this.#tally.discovered++;
    if (!finding.seed) {
      if (!this.#scope.covers(url)) return this.#leaveOut('scope');
      if (!this.#scope.wants(url)) return this.#leaveOut('filter');
      const trap = trapReason(url);
      if (trap !== undefined) {
        this.#onTrap(this.#entry(url, finding, now), trap);
        return undefined;
      }
    }
    const place = this.#ledger?.add(url, finding.depth, finding.parent);
    if (finding.depth > this.#maxDepth) {
      this.#tally.skip('depth');
      if (place !== undefined) place.beyond = true;
      return place;
    }
    const entry = this.#entry(url, finding, now);
    if (place !== undefined) place.entry = entry;
    this.#frontier.push(entry);
    return place;
  }

  #meetAgain(url: string, { depth, parent }: Finding, now: number): Place | undefined {
    const place = this.#ledger?.get(url);
    if (this.#ledger === undefined || place === undefined || place.depth <= depth) return place;
    for (const lowered of this.#ledger.lower(place, depth, parent)) {
      if (!lowered.beyond || lowered.depth > this.#maxDepth) continue;
      lowered.beyond = false;
      this.#tally.skip('depth', -1);
      const finding = { depth: lowered.depth, parent: lowered.parent, redirects: NO_REDIRECTS, seed: false };
      lowered.entry = this.#entry(lowered.url, finding, now);
      this.#frontier.push(lowered.entry);
    }
    return place;
  }

  #leaveOut(reason: 'scope' | 'filter'): undefined {
    this.#tally.skip(reason);
    return undefined;
  }

  #entry(url: string, { depth, parent, redirects, seed }: Finding, now: number): Entry {
    return new Entry('page', url, this.#frontier.host(url), depth, parent, redirects, seed, now);
  }
}
