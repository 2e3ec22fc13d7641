import robotsParserModule from 'robots-parser';

// The module is CommonJS; its type declaration says `export default`, which NodeNext reads as a `default` property.
const robotsParser = robotsParserModule as unknown as typeof robotsParserModule.default;

/** RFC 9309 section 2.5 asks for at least 500 KiB; what comes after is not read. */
export const ROBOTS_LIMIT = 512 * 1024;
/** Google's own limit. A longer rule would match no real URL and costs time in proportion to its length. */
const MAX_LINE = 2083 * 8;
/** RFC 9309 section 2.3.1.2: at least five redirects are followed. */
export const ROBOTS_REDIRECTS = 5;
/** RFC 9309 section 2.4: a copy should not be used for longer than a day. */
export const ROBOTS_LIFETIME = 24 * 60 * 60 * 1000;

/** What a site's robots.txt means for one user agent. */
export interface RobotsRules {
  /** Whether `url`, a canonical URL on the site the rules came for, may be fetched. */
  allows(url: string): boolean;
  /** Milliseconds between two requests that the site asks for; 0 when it does not. */
  readonly crawlDelay: number;
  readonly sitemaps: readonly string[];
  /** Why everything is refused, when it is for another reason than a rule. */
  readonly refusal?: string;
}

/** The rules of a site that has no robots.txt (any 4xx answer). */
export const ALLOW_ALL: RobotsRules = { allows: () => true, crawlDelay: 0, sitemaps: [] };

/** The rules of a site whose robots.txt cannot be had (5xx, 429, network error): RFC 9309 section 2.3.1.4. */
export function refuseAll(reason: string): RobotsRules {
  return { allows: () => false, crawlDelay: 0, sitemaps: [], refusal: reason };
}

/** The name a robots.txt group may address a crawler by: `switchyard` for `switchyard/0.1 (+https://...)`. */
export function productToken(userAgent: string): string {
  return /^[A-Za-z_-]+/.exec(userAgent.trim())?.[0] ?? '*';
}

/**
 * Reads a robots.txt.
 *
 * @param site URL of the robots.txt that was asked for: the rules hold for its origin, even when it redirected elsewhere
 */
export function parseRobots(site: string, text: string, userAgent: string): RobotsRules {
  const agent = productToken(userAgent);
  const readable = text.slice(0, ROBOTS_LIMIT);
  const robots = robotsParser(site, dropLongLines(readable));
  const delay = robots.getCrawlDelay(agent) ?? 0;
  return {
    allows: (url) => robots.isAllowed(url, agent) ?? true,
    crawlDelay: Number.isFinite(delay) && delay > 0 ? delay * 1000 : 0,
    sitemaps: robots.getSitemaps(),
  };
}

function dropLongLines(text: string): string {
  if (!text.split('\n').some((line) => line.length > MAX_LINE)) return text;
  return text
    .split('\n')
    .filter((line) => line.length <= MAX_LINE)
    .join('\n');
}
