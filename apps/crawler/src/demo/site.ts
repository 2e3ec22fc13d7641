import { type SiteAnswer, html } from './answer.ts';
import { plainPage } from './pages.ts';
import { SPECIAL_LINKS, specialAnswer } from './specials.ts';
import { Dice } from './words.ts';

/** How the demo site is made. */
export interface SiteOptions {
  /** Ordinary pages, the front page and those that only the sitemap knows included; from 20 up. */
  readonly pages: number;
  /** Average time an answer takes, in milliseconds; each URL takes between half and one and a half of it. */
  readonly latency: number;
  /** Least size of an ordinary page in bytes. */
  readonly pageSize: number;
  /** The same seed makes the same site, byte for byte. */
  readonly seed: number;
  /**
   * Ordinary pages and nothing else, each of which takes exactly `latency`: for measurements, which a page that is late or comes at the
   * third attempt would spoil.
   */
  readonly plain?: boolean;
}

export const DEFAULT_SITE: SiteOptions = { pages: 300, latency: 20, pageSize: 8192, seed: 1 };

/** Pages that no other page links to. */
const ORPHANS = 8;
/** Every page links to so many of the following ones, so that each can be reached. */
const BRANCHES = 3;
const RANDOM_LINKS = 12;
/** Every so many pages one links to the next of the special ones. */
const SPECIAL_EVERY = 5;
/** Pages that are kept once they are made: what a measured site costs must not be theirs. */
const KEPT = 4_000;

/** The demo site's content: what it answers, by URL alone, without a server. */
export class DemoSite {
  readonly options: SiteOptions;
  /** How often each URL was asked for: some fail at first. */
  readonly #visits = new Map<string, number>();
  readonly #linked: number;
  readonly #made = new Map<number, SiteAnswer>();

  /** @throws RangeError when there are too few pages for what the site has to show. */
  constructor(options: SiteOptions) {
    const least = options.plain === true ? 1 : 20;
    if (!Number.isInteger(options.pages) || options.pages < least) {
      throw new RangeError(`Expected \`pages\` to be a whole number from ${least} up, got ${options.pages}`);
    }
    this.options = options;
    this.#linked = options.plain === true ? options.pages : options.pages - ORPHANS;
  }

  /** @param origin scheme, host and port under which the site is reached, for robots.txt and sitemaps */
  answer(path: string, origin: string, acceptEncoding: string): SiteAnswer {
    const visit = (this.#visits.get(path) ?? 0) + 1;
    const special =
      this.options.plain === true
        ? undefined
        : specialAnswer(path, { origin, acceptEncoding, visit, site: this });
    if (special !== undefined) {
      if (path.startsWith('/flaky/')) this.#visits.set(path, visit);
      return special;
    }
    const number = this.numberOf(path);
    return number === undefined ? missing(path) : this.#kept(number);
  }

  /** How long the answer to `path` takes, in milliseconds. */
  latency(path: string): number {
    if (this.options.latency === 0 || this.options.plain === true) return this.options.latency;
    return this.options.latency * (0.5 + new Dice(hash(path) ^ this.options.seed).roll(1000) / 1000);
  }

  /** Paths of the pages that can be reached by links. */
  linkedPages(): string[] {
    return Array.from({ length: this.#linked }, (_, number) => pagePath(number));
  }

  /** Paths of the pages that only the sitemap lists. */
  orphans(): string[] {
    return Array.from({ length: ORPHANS }, (_, index) => pagePath(this.#linked + index));
  }

  numberOf(path: string): number | undefined {
    if (path === '/') return 0;
    const digits = /^\/page\/(\d{1,9})$/.exec(path)?.[1];
    if (digits === undefined) return undefined;
    const number = Number(digits);
    return number >= 1 && number < this.options.pages && String(number) === digits ? number : undefined;
  }

  #kept(number: number): SiteAnswer {
    const kept = this.#made.get(number);
    if (kept !== undefined) return kept;
    const made = this.#page(number);
    if (this.#made.size < KEPT) this.#made.set(number, made);
    return made;
  }

  #page(number: number): SiteAnswer {
    const dice = new Dice(this.options.seed * 0x9e3779b1 + number);
    const links: string[] = [];
    for (let branch = 1; branch <= BRANCHES; branch++) {
      const child = number * BRANCHES + branch;
      if (number < this.#linked && child < this.#linked) links.push(pagePath(child));
    }
    for (let index = 0; index < RANDOM_LINKS; index++) links.push(pagePath(dice.roll(this.#linked)));
    if (this.options.plain !== true) links.push(...this.#specialLinks(number));
    return html(plainPage(number === 0 ? 'The yard' : `Track ${number}`, links, this.options.pageSize, dice));
  }

  #specialLinks(number: number): string[] {
    const special = number % SPECIAL_EVERY === 0 ? SPECIAL_LINKS[number / SPECIAL_EVERY] : undefined;
    const links = special === undefined ? [] : [special];
    // A small site has fewer pages than special ones to link to: the front page takes the rest.
    if (number === 0) links.push(...SPECIAL_LINKS.slice(Math.ceil(this.#linked / SPECIAL_EVERY)));
    return links;
  }
}

function missing(path: string): SiteAnswer {
  return html(`<!doctype html><title>Not found</title><p>There is no ${path.replace(/[<&]/g, '')} here.`, {
    status: 404,
  });
}

function pagePath(number: number): string {
  return number === 0 ? '/' : `/page/${number}`;
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
