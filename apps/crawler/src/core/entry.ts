import type { JobKind } from '../job.ts';
import type { Timed } from './heap.ts';
import type { Host } from './host.ts';

/** A URL on its way through the crawl, from discovery until it is done. */
export class Entry implements Timed {
  readonly kind: JobKind;
  /** Where the next attempt goes. Only a robots.txt or sitemap changes it, by redirects; a page's is its name. */
  url: string;
  /** Whose politeness it counts against. */
  readonly host: Host;
  /** Links between it and a seed. Becomes smaller when a shorter way is found before it is done. */
  depth: number;
  /** The page or sitemap that named it; `undefined` for a seed. */
  readonly parent: string | undefined;
  /** The URLs that redirected here, the first one first. */
  readonly redirects: readonly string[];
  /** Given by the user, or where a seed redirected to. */
  readonly seed: boolean;
  /** When it was discovered. */
  readonly foundAt: number;
  /** When the last attempt started. */
  startedAt = 0;
  /** Attempts that count against the retries. */
  attempts = 0;
  /** Attempts answered with "slow down" (429, 503), which do not count. */
  throttles = 0;
  /** How many redirects a robots.txt or sitemap has followed. */
  hops = 0;
  /** When a retry is due. Belongs to the host's heap of retries. */
  at = 0;
  heapIndex = -1;

  constructor(
    kind: JobKind,
    url: string,
    host: Host,
    depth: number,
    parent: string | undefined,
    redirects: readonly string[],
    seed: boolean,
    foundAt: number,
  ) {
    this.kind = kind;
    this.url = url;
    this.host = host;
    this.depth = depth;
    this.parent = parent;
    this.redirects = redirects;
    this.seed = seed;
    this.foundAt = foundAt;
  }
}
