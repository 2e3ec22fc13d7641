/** How far from its seeds a crawl may go. */
export type ScopeName = 'origin' | 'host' | 'domain' | 'prefix' | 'any';

export const SCOPE_NAMES: readonly ScopeName[] = ['origin', 'host', 'domain', 'prefix', 'any'];

/**
 * Which URLs belong to the crawl.
 *
 * - `origin`: scheme, host name and port of a seed.
 * - `host`: the host name of a seed; `http` and `https` on their usual ports are the same host.
 * - `domain`: the host name of a seed (a leading `www.` aside) and every name below it.
 * - `prefix`: everything below the directory of a seed.
 * - `any`: everything.
 */
export class Scope {
  readonly name: ScopeName;
  readonly #include: readonly RegExp[];
  readonly #exclude: readonly RegExp[];
  /** What a URL is compared with; which field of it depends on the name. */
  readonly #allowed = new Set<string>();

  constructor(name: ScopeName, include: readonly RegExp[] = [], exclude: readonly RegExp[] = []) {
    this.name = name;
    this.#include = include;
    this.#exclude = exclude;
  }

  /** Lets the neighbourhood of `seed`, a canonical URL, into the scope. */
  admit(seed: string): void {
    if (this.name === 'prefix') {
      const { origin, pathname } = new URL(seed);
      this.#allowed.add(origin + pathname.slice(0, pathname.lastIndexOf('/') + 1));
    } else {
      this.#allowed.add(this.#key(seed));
    }
  }

  /** Whether the scope itself, patterns aside, covers `url`, a canonical URL. */
  covers(url: string): boolean {
    switch (this.name) {
      case 'any':
        return true;
      case 'prefix':
        for (const prefix of this.#allowed) if (url.startsWith(prefix)) return true;
        return false;
      case 'domain': {
        const host = this.#key(url);
        if (this.#allowed.has(host)) return true;
        for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
          if (this.#allowed.has(host.slice(dot + 1))) return true;
        }
        return false;
      }
      default:
        return this.#allowed.has(this.#key(url));
    }
  }

  /** Whether `url` passes the patterns: one of `--include`, if there are any, and none of `--exclude`. */
  wants(url: string): boolean {
    if (this.#include.length > 0 && !this.#include.some((pattern) => pattern.test(url))) return false;
    return !this.#exclude.some((pattern) => pattern.test(url));
  }

  #key(url: string): string {
    const start = url.indexOf('//') + 2;
    const slash = url.indexOf('/', start);
    const end = slash < 0 ? url.length : slash;
    if (this.name === 'origin') return url.slice(0, end);
    if (this.name === 'host') return url.slice(start, end); // canonical URLs carry no default port
    const host = url.slice(start, end).replace(/:\d+$/, '');
    return host.startsWith('www.') ? host.slice(4) : host;
  }
}
