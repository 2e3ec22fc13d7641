import { type BackoffRules, throttleWait } from './backoff.ts';
import type { Entry } from './entry.ts';
import { Fifo } from './fifo.ts';
import { TimeHeap, type Timed } from './heap.ts';
import type { PageOutcome } from './record.ts';
import type { RobotsRules } from './robots.ts';

/** How often in a row, without one good answer between, a host may say "slow down" before it is given up. */
export const MAX_PENALTIES = 8;

/**
 * One origin's queue and the manners kept towards it. Times are those of the caller's clock; nothing here waits.
 */
export class Host implements Timed {
  /** Scheme, host name and port. */
  readonly origin: string;
  /** How many requests may be in flight. */
  readonly limit: number;
  /** Least time between two starts; a robots.txt may raise it. */
  delay: number;
  inFlight = 0;
  /** Pages not tried yet. */
  readonly fresh = new Fifo<Entry>();
  /** Entries that were tried and are to be tried again, by due time. */
  readonly retries = new TimeHeap<Entry>();
  /** `undefined` until known. */
  robots: RobotsRules | undefined = undefined;
  /** When the rules were fetched. */
  robotsAt = 0;
  /** The robots.txt, while it is to be fetched; nothing else starts until it is there. */
  robotsEntry: Entry | undefined = undefined;
  /** Whether the robots.txt is under way. */
  robotsInFlight = false;
  /** How all its pages end, once nothing more is asked of it. */
  givenUp: { readonly outcome: PageOutcome; readonly error: string } | undefined = undefined;
  /** When it may start something. Belongs to the crawl's heap of hosts. */
  at = 0;
  heapIndex = -1;

  #nextStart = 0;
  /** Nothing starts before: the host asked to be left alone. */
  #pausedUntil = 0;
  /** When the pause was imposed: what started earlier belongs to the same burst. */
  #pausedSince = -Infinity;
  /** Pauses in a row. */
  #penalties = 0;

  constructor(origin: string, limit: number, delay: number) {
    this.origin = origin;
    this.limit = limit;
    this.delay = delay;
  }

  /** When the next thing may start, `Infinity` when only the end of something in flight can change that. */
  readyAt(freshAllowed: boolean): number {
    // After a pause the host is tried with one request at a time until one is answered well.
    if (this.inFlight >= (this.#penalties > 0 ? 1 : this.limit)) return Infinity;
    return Math.max(this.#dueAt(freshAllowed), this.#nextStart, this.#pausedUntil);
  }

  /** Takes what is due at `now`; call only when {@link readyAt} has come. */
  take(now: number, freshAllowed: boolean): Entry | undefined {
    if (this.robotsEntry !== undefined) {
      return this.robotsInFlight ? undefined : this.robotsEntry;
    }
    const retry = this.retries.peek();
    if (retry !== undefined && retry.at <= now) return this.retries.pop();
    return freshAllowed ? this.fresh.take() : undefined;
  }

  started(now: number): void {
    this.inFlight++;
    this.#nextStart = now + this.delay;
  }

  /**
   * The host said "slow down" to a request that started at `startedAt`. Any number of such answers to requests of one
   * burst count as one.
   *
   * @param asked what `Retry-After` said, in milliseconds
   * @returns when the next request may be made
   */
  penalize(rules: BackoffRules, startedAt: number, now: number, asked: number | undefined): number {
    if (startedAt >= this.#pausedSince) {
      this.#penalties++;
      this.#pausedSince = now;
    }
    const wait = throttleWait(rules, this.#penalties, this.origin, asked);
    this.#pausedUntil = Math.max(this.#pausedUntil, now + wait);
    if (this.#penalties > MAX_PENALTIES) {
      this.givenUp = {
        outcome: 'throttled',
        error: `${this.origin} said "slow down" ${this.#penalties} times in a row`,
      };
    }
    return this.#pausedUntil;
  }

  /** A request that started at `startedAt` was answered, and not with "slow down". */
  answered(startedAt: number): void {
    if (startedAt >= this.#pausedSince) this.#penalties = 0;
  }

  #dueAt(freshAllowed: boolean): number {
    if (this.robotsEntry !== undefined) {
      const wanted = freshAllowed || this.retries.size > 0;
      return this.robotsInFlight || !wanted ? Infinity : this.robotsEntry.at;
    }
    if (freshAllowed && this.fresh.size > 0) return -Infinity;
    return this.retries.peek()?.at ?? Infinity;
  }
}
