import { type CanonicalRules, PLAIN_RULES, canonicalUrl } from './canonical.ts';

const SLASH = 0x2f;
const HASH = 0x23;
const QUESTION = 0x3f;
const DOT = 0x2e;
const COLON = 0x3a;

/**
 * Characters that the URL parser leaves alone in a path and in a query. `%` is not among them (`%2e` is a dot) and
 * neither is `'` (escaped in a query only).
 */
const UNCHANGED = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~/=&+,;!$()*@') {
  UNCHANGED[char.charCodeAt(0)] = 1;
}

/**
 * Turns the links of one page into canonical absolute URLs.
 *
 * A link that a URL parser would leave as it is (`/a/b?c=1`, `page.html`, an absolute link to the page's own site) is
 * joined by hand, which costs a fifth of a `URL` object; everything else goes through {@link canonicalUrl}.
 */
export class LinkResolver {
  readonly #base: string;
  readonly #rules: CanonicalRules;
  /** Scheme, host and port, without a slash at the end. */
  readonly #origin: string;
  /** The base up to and including the last slash of its path. */
  readonly #directory: string;
  /** Whether a query has to go through the rules, and so through a `URL` object. */
  readonly #queryRules: boolean;

  /** @param base a canonical URL: it is taken apart as it stands. */
  constructor(base: string, rules: CanonicalRules = PLAIN_RULES) {
    const path = base.indexOf('/', base.indexOf('//') + 2);
    const query = base.indexOf('?', path);
    this.#base = base;
    this.#rules = rules;
    this.#origin = base.slice(0, path);
    this.#directory = base.slice(0, base.lastIndexOf('/', query < 0 ? base.length : query) + 1);
    this.#queryRules = rules.dropTracking || rules.sortQuery;
  }

  /** @returns the canonical URL, or `undefined` for what a crawler cannot follow (`mailto:`, `javascript:`, bad syntax). */
  resolve(link: string): string | undefined {
    const first = link.charCodeAt(0);
    if (first === SLASH && link.charCodeAt(1) !== SLASH) {
      const end = this.#plainEnd(link, 0);
      if (end >= 0) return this.#origin + (end === link.length ? link : link.slice(0, end));
    } else if (first !== SLASH && first !== HASH && first !== QUESTION && first !== DOT && link !== '') {
      const { length } = this.#origin;
      if (link.charCodeAt(length) === SLASH && link.startsWith(this.#origin)) {
        const end = this.#plainEnd(link, length);
        // Joined anew although it stands there in one piece: a slice would keep the whole page alive.
        if (end >= 0) return this.#origin + link.slice(length, end);
      } else {
        const end = this.#plainEnd(link, 0);
        if (end >= 0) return this.#directory + (end === link.length ? link : link.slice(0, end));
      }
    }
    return canonicalUrl(link, this.#rules, this.#base);
  }

  /**
   * Where the part of `link` that counts ends (at its fragment or its end), or -1 when a URL parser might change
   * anything in it.
   */
  #plainEnd(link: string, start: number): number {
    let inQuery = false;
    for (let index = start; index < link.length; index++) {
      const code = link.charCodeAt(index);
      if (code < 128 && UNCHANGED[code] === 1) continue;
      if (code === DOT) {
        // "/." may be a dot segment; a dot anywhere else is a letter like any other.
        if (inQuery || (index > start && link.charCodeAt(index - 1) !== SLASH)) continue;
        return -1;
      }
      if (code === COLON && inQuery) continue;
      if (code === QUESTION && !this.#queryRules) {
        inQuery = true;
        continue;
      }
      if (code === HASH) return index;
      return -1;
    }
    return link.length;
  }
}
