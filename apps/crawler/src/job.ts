/** What a job fetches: a page, a site's robots.txt, or a sitemap. */
export type JobKind = 'page' | 'robots' | 'sitemap';

/**
 * One thing to do now: fetch this URL once, without following redirects, and make an `Outcome` of what comes back.
 * Plain data, so that it can be sent to another thread or process.
 */
export interface Job {
  /** Names the job towards the crawl; every attempt has its own. */
  readonly id: number;
  readonly kind: JobKind;
  readonly url: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}
