import { canonicalUrl } from '../url/canonical.ts';
import type { Job } from '../job.ts';
import type { Answer, Outcome } from '../outcome.ts';
import { backoff, retryAfter } from './backoff.ts';
import { Discovery } from './discovery.ts';
import type { Entry } from './entry.ts';
import { Frontier } from './frontier.ts';
import type { Host } from './host.ts';
import type { CrawlOptions } from './options.ts';
import { politeness } from './politeness.ts';
import { type PageOutcome, pageRecord } from './record.ts';
import { RobotsGate } from './robots-gate.ts';
import { SitemapReader } from './sitemap-reader.ts';
import { Stats } from './stats.ts';
import { Tally, type Totals } from './tally.ts';
import { judge } from './verdict.ts';

/** What there is to do. */
export type Next =
  /** Do this now. */
  | { readonly type: 'job'; readonly job: Job }
  /** Nothing before this time, unless something in flight ends earlier. */
  | { readonly type: 'wait'; readonly until: number }
  /** Nothing before something in flight ends. */
  | { readonly type: 'busy' }
  | { readonly type: 'finished' };

/** Redirects in a row that are followed. */
export const MAX_REDIRECTS = 10;
/** "Slow down" answers to one page that do not count against its retries. */
const FREE_THROTTLES = 5;

/**
 * A crawl, without any engine: what to fetch next and what came of it. It does no I/O, sets no timer and reads no
 * clock; `now` is always the caller's, in milliseconds since 1970.
 *
 * Give every job that {@link next} hands out back exactly once, to {@link done} or to {@link release}.
 */
export class Crawl {
  readonly options: CrawlOptions;
  readonly tally = new Tally();
  readonly stats = new Stats();
  readonly #frontier: Frontier;
  readonly #discovery: Discovery;
  readonly #robots: RobotsGate;
  readonly #sitemaps: SitemapReader;
  readonly #inFlight = new Map<number, Entry>();
  #pagesInFlight = 0;
  #jobs = 0;
  #pagesStarted = 0;
  #seedsReached = 0;
  /** Why no page is started any more that was not tried before. */
  #limit: string | undefined = undefined;
  /** Why nothing is started any more. */
  #stopped: string | undefined = undefined;

  constructor(options: CrawlOptions, now: number) {
    this.options = options;
    this.#frontier = new Frontier((origin) => politeness(options, origin), 1000 / options.rate);
    this.#discovery = new Discovery(options, this.#frontier, this.tally, (entry, reason) => {
      this.#end(entry, 'trap', { error: reason });
    });
    this.#robots = new RobotsGate(options, this.#frontier, this.stats);
    this.#sitemaps = new SitemapReader(options, this.#frontier, this.#discovery, this.stats);
    for (const seed of options.seeds) {
      if (options.sitemap === 'only') this.#addSite(seed, now);
      else this.#discovery.seed(seed, undefined, [], now);
    }
  }

  /** Whether at least one seed, or what it redirected to, was fetched; in a crawl of sitemaps, whether any page was. */
  get reachedSeeds(): boolean {
    return this.options.sitemap === 'only' ? this.tally.ok > 0 : this.#seedsReached > 0;
  }

  /** Why the crawl ended, or will end, before its frontier was empty. */
  get endedBy(): string | undefined {
    return this.#stopped ?? (this.#frontier.waiting > 0 ? this.#limit : undefined);
  }

  /** What waits for its turn: pages, robots.txt files and sitemaps. */
  get waiting(): number {
    return this.#frontier.waiting;
  }

  /** What of that was tried before. */
  get waitingRetries(): number {
    return this.#frontier.waitingRetries;
  }

  /** Whether nothing is in flight and nothing will be. */
  get finished(): boolean {
    return this.#inFlight.size === 0 && (this.#stopped !== undefined || this.#frontier.idle);
  }

  get totals(): Totals {
    return this.tally.totals(this.#frontier.waitingPages + this.#pagesInFlight);
  }

  /** What to do now. Counts the job as started. */
  next(now: number): Next {
    while (this.#stopped === undefined) {
      const turn = this.#frontier.next(now);
      if ('at' in turn) {
        if (turn.at !== Infinity) return { type: 'wait', until: turn.at };
        break;
      }
      const { entry } = turn;
      if (this.#admits(entry, now)) return { type: 'job', job: this.#start(entry, now) };
      this.#frontier.arm(entry.host); // nothing started there, so nothing will end there: its next entry must not wait
    }
    return this.#inFlight.size > 0 ? { type: 'busy' } : { type: 'finished' };
  }

  /** Takes what came of `job`. */
  done(job: Job, outcome: Outcome, now: number): void {
    const entry = this.#takeBack(job);
    this.stats.ended(job, outcome);
    if (this.stats.wireBytes >= this.options.maxBytes) this.#close(`read ${this.stats.wireBytes} bytes`);
    if (entry.kind === 'robots') {
      this.#robots.settle(entry, outcome, now);
      if (entry.host.givenUp !== undefined) this.#clear(entry.host);
      else if (entry.host.robotsEntry === undefined) this.#sitemaps.named(entry.host, now);
    } else {
      this.#settle(entry, outcome, now);
    }
    this.#frontier.ended(entry);
  }

  /** Takes back a job that was cut off; it counts as never tried. */
  release(job: Job, now: number): void {
    const entry = this.#takeBack(job);
    this.stats.released();
    entry.attempts--;
    if (entry.kind === 'page' && entry.attempts + entry.throttles === 0) this.#pagesStarted--;
    if (entry.kind === 'robots') this.#frontier.pushRobots(entry, now);
    else this.#frontier.putBack(entry, now);
    this.#frontier.ended(entry);
  }

  /** Starts nothing any more. What is in flight may still be given to {@link done}. */
  stop(reason: string): void {
    this.#stopped ??= reason;
  }

  #close(reason: string): void {
    if (this.#limit !== undefined) return;
    this.#limit = reason;
    this.#frontier.freeze();
  }

  /** Whether `entry` may be fetched now; when not, it has been dealt with. */
  #admits(entry: Entry, now: number): boolean {
    if (entry.kind === 'robots') return true;
    const { host } = entry;
    if (host.givenUp !== undefined) {
      this.#giveUp(entry, host.givenUp);
      return false;
    }
    if (this.#robots.mustFetch(host, now)) {
      this.#robots.fetch(host, now);
      this.#frontier.putBack(entry, now);
      return false;
    }
    if (entry.kind === 'page' && host.robots?.allows(entry.url) === false) {
      const error = host.robots.refusal ?? `robots.txt of ${host.origin} does not allow it`;
      this.#end(entry, 'blocked_robots', { error });
      return false;
    }
    return true;
  }

  #start(entry: Entry, now: number): Job {
    if (entry.kind === 'page') {
      this.#pagesInFlight++;
      if (entry.attempts + entry.throttles === 0 && ++this.#pagesStarted >= this.options.maxPages) {
        this.#close(`started ${this.#pagesStarted} pages`);
      }
    }
    entry.attempts++;
    entry.startedAt = now;
    this.#frontier.started(entry, now);
    const job: Job = {
      id: ++this.#jobs,
      kind: entry.kind,
      url: entry.url,
      attempt: entry.attempts + entry.throttles,
    };
    this.#inFlight.set(job.id, entry);
    this.stats.started(job);
    return job;
  }

  #takeBack(job: Job): Entry {
    const entry = this.#inFlight.get(job.id);
    if (entry === undefined) {
      throw new RangeError(`Job ${job.id} (${job.url}) is not in flight; give each job back once`);
    }
    this.#inFlight.delete(job.id);
    if (entry.kind === 'page') this.#pagesInFlight--;
    return entry;
  }

  /** Decides what follows from an attempt at a page or a sitemap. */
  #settle(entry: Entry, outcome: Outcome, now: number): void {
    const verdict = judge(outcome);
    if (verdict.action === 'slow_down') {
      this.#slowDown(entry, outcome, verdict.retryAfter, now);
      return;
    }
    if (outcome.type === 'answer') entry.host.answered(entry.startedAt);
    if (verdict.action === 'retry' && entry.attempts <= this.options.retries) {
      this.#frontier.retry(entry, now + backoff(this.options.backoff, entry.attempts, entry.url));
    } else if (entry.kind === 'sitemap') {
      this.#sitemaps.settle(entry, verdict, now);
    } else if (verdict.action === 'accept') {
      this.#end(entry, 'ok', { last: outcome });
      this.#follow(entry, verdict.answer, now);
    } else if (verdict.action === 'redirect') {
      this.#redirect(entry, verdict.answer, verdict.location, now);
    } else {
      this.#end(entry, verdict.outcome, { last: outcome, error: verdict.error });
    }
  }

  #slowDown(entry: Entry, outcome: Outcome, header: string | undefined, now: number): void {
    this.stats.throttles++;
    const { host } = entry;
    const resume = host.penalize(this.options.backoff, entry.startedAt, now, retryAfter(header, now));
    if (entry.throttles < FREE_THROTTLES) {
      entry.throttles++;
      entry.attempts--;
    }
    if (host.givenUp !== undefined) {
      this.#giveUp(entry, { ...host.givenUp, last: outcome });
      this.#clear(host);
    } else if (entry.attempts <= this.options.retries) {
      // Later than the host itself: where only this page is told to slow down, the others show that the host is well.
      const wait = backoff(this.options.backoff, entry.attempts + entry.throttles, entry.url);
      this.#frontier.retry(entry, resume + wait);
    } else {
      const error = `still told to slow down at attempt ${entry.attempts + entry.throttles}`;
      this.#giveUp(entry, { outcome: 'throttled', error, last: outcome });
    }
  }

  #follow(entry: Entry, answer: Answer, now: number): void {
    if (answer.content.type !== 'page' || this.options.sitemap === 'only') return;
    const { links, nofollow } = answer.content;
    const all = this.options.nofollow === 'ignore' && nofollow.length > 0 ? [...links, ...nofollow] : links;
    this.#discovery.links(entry, all, now);
  }

  #redirect(entry: Entry, answer: Answer, location: string, now: number): void {
    const last = answer;
    const target = canonicalUrl(location, this.options.canonical, entry.url);
    if (target === undefined) {
      this.#end(entry, 'http_error', {
        last,
        error: `HTTP status ${answer.status} to "${location}", which is no http URL`,
      });
    } else if (target === entry.url || entry.redirects.includes(target)) {
      this.#end(entry, 'redirect_loop', { last, finalUrl: target, error: `redirects back to ${target}` });
    } else if (entry.redirects.length >= MAX_REDIRECTS) {
      this.#end(entry, 'redirect_limit', {
        last,
        finalUrl: target,
        error: `more than ${MAX_REDIRECTS} redirects in a row`,
      });
    } else {
      this.#end(entry, 'redirect', { last, finalUrl: target });
      this.#discovery.redirect(entry, target, now);
    }
  }

  #giveUp(entry: Entry, end: { outcome: PageOutcome; error: string; last?: Outcome }): void {
    if (entry.kind === 'page') this.#end(entry, end.outcome, end);
    else this.stats.trouble(entry.url, end.error);
  }

  /** Ends everything that waits for a host that was given up. */
  #clear(host: Host): void {
    if (host.givenUp === undefined) return;
    for (const entry of this.#frontier.clear(host)) this.#giveUp(entry, host.givenUp);
  }

  /** Starts a crawl of the sitemaps of a seed's site. */
  #addSite(seed: string, now: number): void {
    const host = this.#discovery.admit(seed);
    this.#sitemaps.addSeed(seed, host, now);
    if (this.#robots.mustFetch(host, now)) this.#robots.fetch(host, now);
  }

  #end(
    entry: Entry,
    outcome: PageOutcome,
    details: { last?: Outcome; finalUrl?: string; error?: string },
  ): void {
    const record = pageRecord(entry, outcome, this.options.engine, details);
    this.#discovery.forget(entry);
    this.tally.ended(record);
    this.stats.page(record);
    if (entry.seed && outcome === 'ok') this.#seedsReached++;
    this.options.onRecord(record);
  }
}
