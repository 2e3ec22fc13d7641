import type { Entry } from './entry.ts';
import { TimeHeap } from './heap.ts';
import { Host } from './host.ts';

/** How one host is treated unless its robots.txt asks for more patience. */
export interface Politeness {
  /** Requests in flight at once. */
  readonly limit: number;
  /** Least time between two starts, in milliseconds. */
  readonly delay: number;
}

/** What can start: an entry now, something at a time, or nothing before something in flight ends. */
export type Turn = { readonly entry: Entry } | { readonly at: number };

/**
 * Everything that waits for its turn, by host. A host that may start something stands in a heap ordered by when, so that
 * a turn costs the logarithm of the number of hosts, however many are paused.
 */
export class Frontier {
  readonly #hosts = new Map<string, Host>();
  readonly #ready = new TimeHeap<Host>();
  readonly #politeness: (origin: string) => Politeness;
  /** Least time between any two starts. */
  readonly #interval: number;
  #nextStart = 0;
  #freshAllowed = true;
  /** Pages that wait, tried before or not. */
  #waitingPages = 0;
  /** Everything that waits: pages, robots.txt, sitemaps. */
  #waiting = 0;
  /** What of it was tried before and waits to be tried again. */
  #waitingRetries = 0;

  constructor(politeness: (origin: string) => Politeness, interval: number) {
    this.#politeness = politeness;
    this.#interval = interval;
  }

  get waitingPages(): number {
    return this.#waitingPages;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get waitingRetries(): number {
    return this.#waitingRetries;
  }

  /** Whether nothing can start, now or later, before something in flight ends. */
  get idle(): boolean {
    return this.#ready.size === 0;
  }

  /** The host of `url`, a canonical URL. */
  host(url: string): Host {
    const slash = url.indexOf('/', url.indexOf('//') + 2);
    const origin = slash < 0 ? url : url.slice(0, slash);
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      const { limit, delay } = this.#politeness(origin);
      host = new Host(origin, limit, delay);
      this.#hosts.set(origin, host);
    }
    return host;
  }

  /** Queues an entry that was not tried yet. */
  push(entry: Entry): void {
    entry.host.fresh.push(entry);
    this.#count(entry, 1);
    this.arm(entry.host);
  }

  /** Queues an entry to be tried again at `at`. */
  retry(entry: Entry, at: number): void {
    entry.host.retries.push(entry, at);
    this.#count(entry, 1);
    this.arm(entry.host);
  }

  /** Returns an entry that was taken and not fetched, to where it was: next in turn. */
  putBack(entry: Entry, now: number): void {
    if (entry.attempts + entry.throttles > 0) {
      this.retry(entry, now);
      return;
    }
    entry.host.fresh.putBack(entry);
    this.#count(entry, 1);
    this.arm(entry.host);
  }

  /** Has the host's robots.txt fetched at `at`; until it is known nothing else starts there. */
  pushRobots(entry: Entry, at: number): void {
    entry.at = at;
    entry.host.robotsEntry = entry;
    entry.host.robotsInFlight = false;
    this.#count(entry, 1);
    this.arm(entry.host);
  }

  next(now: number): Turn {
    for (;;) {
      const host = this.#ready.peek();
      if (host === undefined) return { at: Infinity };
      const at = Math.max(host.at, this.#nextStart);
      if (at > now) return { at };
      this.#ready.remove(host);
      const entry = host.take(now, this.#freshAllowed);
      if (entry !== undefined) {
        this.#count(entry, -1);
        return { entry };
      }
      this.arm(host); // what it stood there for is gone; it may have something later
    }
  }

  started(entry: Entry, now: number): void {
    if (entry.kind === 'robots') entry.host.robotsInFlight = true;
    entry.host.started(now);
    this.#nextStart = now + this.#interval;
    this.arm(entry.host);
  }

  ended(entry: Entry): void {
    entry.host.inFlight--;
    this.arm(entry.host);
  }

  /** Puts the host where it belongs in the order of turns; call after anything about it changed. */
  arm(host: Host): void {
    const at = host.readyAt(this.#freshAllowed);
    if (host.heapIndex >= 0) {
      if (host.at === at) return;
      this.#ready.remove(host);
    }
    if (at !== Infinity) this.#ready.push(host, at);
  }

  /** From now on only what was tried before is tried again. */
  freeze(): void {
    this.#freshAllowed = false;
    for (const host of this.#hosts.values()) this.arm(host);
  }

  /** Takes out everything that waits for `host`, its robots.txt aside. */
  clear(host: Host): Entry[] {
    const entries: Entry[] = [];
    for (let entry = host.retries.pop(); entry !== undefined; entry = host.retries.pop()) entries.push(entry);
    for (let entry = host.fresh.take(); entry !== undefined; entry = host.fresh.take()) entries.push(entry);
    for (const entry of entries) this.#count(entry, -1);
    this.arm(host);
    return entries;
  }

  #count(entry: Entry, by: number): void {
    this.#waiting += by;
    if (entry.kind === 'page') this.#waitingPages += by;
    if (entry.attempts + entry.throttles > 0) this.#waitingRetries += by;
  }
}
