import type { Outcome } from '../outcome.ts';
import { canonicalUrl } from '../url/canonical.ts';
import { backoff, retryAfter } from './backoff.ts';
import { Entry } from './entry.ts';
import type { Frontier } from './frontier.ts';
import type { Host } from './host.ts';
import type { CrawlOptions } from './options.ts';
import {
  ALLOW_ALL,
  ROBOTS_LIFETIME,
  ROBOTS_REDIRECTS,
  type RobotsRules,
  parseRobots,
  refuseAll,
} from './robots.ts';
import type { Stats } from './stats.ts';
import { judge } from './verdict.ts';

/** Sees to it that a host's robots.txt is known before anything else is asked of it (RFC 9309). */
export class RobotsGate {
  readonly #options: CrawlOptions;
  readonly #frontier: Frontier;
  readonly #stats: Stats;

  constructor(options: CrawlOptions, frontier: Frontier, stats: Stats) {
    this.#options = options;
    this.#frontier = frontier;
    this.#stats = stats;
  }

  /** Whether the rules of `host` are unknown or too old. */
  mustFetch(host: Host, now: number): boolean {
    if (this.#options.robots === 'ignore' || host.robotsEntry !== undefined) return false;
    return host.robots === undefined || now - host.robotsAt > ROBOTS_LIFETIME;
  }

  fetch(host: Host, now: number): void {
    const url = `${host.origin}/robots.txt`;
    this.#frontier.pushRobots(new Entry('robots', url, host, 0, undefined, [], false, now), now);
  }

  /** Takes what came of fetching a robots.txt: has it fetched again, or lets its host go on or gives it up. */
  settle(entry: Entry, outcome: Outcome, now: number): void {
    const { host } = entry;
    const verdict = judge(outcome);
    if (verdict.action !== 'slow_down' && outcome.type === 'answer') host.answered(entry.startedAt);
    if (verdict.action === 'slow_down' || verdict.action === 'retry') {
      // A 429 on robots.txt is "unreachable" like any other trouble: it uses up the retries.
      const resume =
        verdict.action === 'slow_down'
          ? host.penalize(this.#options.backoff, entry.startedAt, now, retryAfter(verdict.retryAfter, now))
          : now + backoff(this.#options.backoff, entry.attempts, entry.url);
      if (entry.attempts <= this.#options.retries && host.givenUp === undefined) {
        this.#frontier.pushRobots(entry, resume);
        return;
      }
      this.#unreachable(entry, outcome, now);
    } else if (verdict.action === 'redirect') {
      const target = canonicalUrl(verdict.location, undefined, entry.url);
      if (target !== undefined && entry.hops < ROBOTS_REDIRECTS) {
        entry.hops++;
        entry.url = target;
        entry.attempts = 0;
        this.#frontier.pushRobots(entry, now);
        return;
      }
      this.#know(host, ALLOW_ALL, now);
    } else if (verdict.action === 'accept') {
      const { content } = verdict.answer;
      const text = content.type === 'robots' ? content.text : '';
      this.#know(host, parseRobots(`${host.origin}/robots.txt`, text, this.#options.userAgent), now);
    } else if (outcome.type === 'answer' && outcome.status < 500) {
      this.#know(host, ALLOW_ALL, now);
    } else {
      this.#unreachable(entry, outcome, now);
    }
  }

  #know(host: Host, rules: RobotsRules, now: number): void {
    this.#stats.robots++;
    host.robots = rules;
    host.robotsAt = now;
    host.robotsEntry = undefined;
    host.robotsInFlight = false;
    host.delay = Math.max(host.delay, Math.min(rules.crawlDelay, this.#options.maxCrawlDelay));
    this.#frontier.arm(host);
  }

  #unreachable(entry: Entry, outcome: Outcome, now: number): void {
    const { host } = entry;
    if (host.robots !== undefined) {
      this.#know(host, host.robots, now); // an old copy is better than none
      return;
    }
    if (outcome.type === 'failure') {
      // Nothing can be reached there: its pages fail for that reason, rather than being "not allowed".
      host.givenUp = { outcome: outcome.kind, error: `robots.txt: ${outcome.message}` };
      this.#stats.trouble(entry.url, `${outcome.kind}: ${outcome.message}`);
      this.#know(host, ALLOW_ALL, now);
    } else {
      const reason = `robots.txt of ${host.origin} cannot be had (HTTP status ${outcome.status}), which forbids everything`;
      this.#stats.trouble(entry.url, reason);
      this.#know(host, refuseAll(reason), now);
    }
  }
}
