import type { SiteOptions } from '../demo/site.ts';
import type { PlannedPoint } from './plan.ts';

/** Where a comparison is held: pages of ours, or of others. */
export interface Arena {
  readonly kind: 'demo' | 'urls';
  /** Where the crawl started, for the report. */
  readonly subjects: readonly string[];
  /** URLs whose hosts may be fetched from although they are private. */
  readonly allowed: readonly string[];
  /** Requests a second that the site can do by itself; `null` where that is not ours to try. */
  readonly capacity: number | null;
  /** Makes the site ready for a run. @returns the pages of the run */
  prepare(at: PlannedPoint): Promise<readonly string[]>;
  /** The most requests the site had under way at once since then; `null` where nobody counts. */
  peak(): Promise<number | null>;
  close(): Promise<void>;
}

/** The least size of a page in bytes, and the seed of the site, which are the same for all. */
export interface SiteShape {
  readonly pageSize: number;
  readonly seed: number;
}

/** The site for a point. */
export function siteFor(at: PlannedPoint, shape: SiteShape): SiteOptions {
  return { ...shape, pages: at.pages, latency: at.point.latency ?? 0, plain: true };
}
