import { hash } from 'node:crypto';
import { type CanonicalRules, canonicalUrl } from '../url/canonical.ts';
import { LinkResolver } from '../url/resolver.ts';
import type { PageContent } from '../outcome.ts';
import { decodePage } from './charset.ts';
import { perform } from '../workload/perform.ts';
import type { Workload } from '../workload/workload.ts';
import { type Markup, scanMarkup } from './markup.ts';

/** Links of one page that are taken; what comes after is counted as unusable. */
const MAX_LINKS = 20_000;

/** A page as it came from the server. */
export interface PageSource {
  /** Where it was fetched from. */
  readonly url: string;
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** The `X-Robots-Tag` header. */
  readonly robotsTag: string | undefined;
}

/** How pages are read. */
export interface ReadingRules {
  readonly canonical: CanonicalRules;
  readonly hashBodies: boolean;
  /** What else is done with a page; its links alone when left out. */
  readonly work?: Workload;
  /** Whether an outcome tells who read it and when. */
  readonly trace?: boolean;
}

/**
 * Makes of a page's bytes what the crawl wants to know. Depends on nothing but its arguments: any thread can
 * run it, once `loadWork` has what their work needs.
 */
export function readPage(source: PageSource, rules: ReadingRules): PageContent {
  const { text, charset } = decodePage(source.bytes, source.contentType);
  const markup = scanMarkup(text);
  const base = baseOf(markup, source.url);
  const pageNofollow = saysNofollow(markup.robots) || saysNofollow(source.robotsTag?.toLowerCase() ?? '');

  const resolver = new LinkResolver(base, rules.canonical);
  const follow = new Set<string>();
  const nofollow = new Set<string>();
  let unusable = 0;
  for (const link of markup.links) {
    if (follow.size + nofollow.size >= MAX_LINKS) {
      unusable++;
      continue;
    }
    // A set hashes its strings, and so makes one piece of what was joined: what is kept is no slice of the page.
    const url = resolver.resolve(link.href);
    if (url === undefined) unusable++;
    else if (pageNofollow || link.nofollow) nofollow.add(url);
    else follow.add(url);
  }
  for (const url of follow) nofollow.delete(url);

  return {
    type: 'page',
    sha256: rules.hashBodies ? hash('sha256', source.bytes, 'hex') : undefined,
    charset,
    title: markup.title,
    canonical: markup.canonical === undefined ? undefined : resolver.resolve(markup.canonical),
    links: [...follow],
    nofollow: [...nofollow],
    resources: markup.resources,
    unusable,
    ...(rules.work !== undefined && { work: perform(rules.work, { url: source.url, html: text }) }),
  };
}

function baseOf({ base }: Markup, url: string): string {
  return base === undefined ? url : (canonicalUrl(base, undefined, url) ?? url);
}

/** Whether robots directives, in lower case, tell us not to follow links; those addressed to other agents do not count. */
function saysNofollow(directives: string): boolean {
  if (directives === '') return false;
  return directives.split(',').some((directive) => {
    const word = directive.trim();
    return word === 'nofollow' || word === 'none';
  });
}
