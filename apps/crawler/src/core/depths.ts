import type { Entry } from './entry.ts';

/** What a depth-limited crawl remembers of a URL. */
export class Place {
  readonly url: string;
  depth: number;
  parent: string | undefined;
  /** While it waits or is in flight. */
  entry: Entry | undefined = undefined;
  /** Whether it was left out because it lay too deep. */
  beyond = false;
  /** Where its links or its redirect lead, once known. */
  children: Place[] = [];
  /** How much deeper than this place its children are: 1 for links, 0 for a redirect. */
  step = 1;

  constructor(url: string, depth: number, parent: string | undefined) {
    this.url = url;
    this.depth = depth;
    this.parent = parent;
  }
}

/**
 * Makes `--depth` mean the same under every engine. Where pages come back in any order, a URL may be met first by a
 * long way and later by a shorter one; what was left out behind it may then be near enough after all.
 */
export class DepthLedger {
  readonly #places = new Map<string, Place>();

  get(url: string): Place | undefined {
    return this.#places.get(url);
  }

  add(url: string, depth: number, parent: string | undefined): Place {
    const place = new Place(url, depth, parent);
    this.#places.set(url, place);
    return place;
  }

  /** `place` was found on `parent` at `depth`: lowers it and all behind it. @returns the places whose depth became smaller. */
  lower(place: Place, depth: number, parent: string | undefined): Place[] {
    const lowered: Place[] = [];
    const open: [Place, number, string | undefined][] = [[place, depth, parent]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [target, nearer, from] = next;
      if (nearer >= target.depth) continue;
      target.depth = nearer;
      target.parent = from;
      if (target.entry !== undefined) target.entry.depth = nearer;
      lowered.push(target);
      for (const child of target.children) open.push([child, nearer + target.step, target.url]);
    }
    return lowered;
  }
}
