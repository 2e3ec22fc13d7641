/** How a URL is brought to the one spelling under which it is remembered. */
export interface CanonicalRules {
  /** Drops query parameters that only follow the reader around (`utm_*`, `gclid`, ...). */
  readonly dropTracking: boolean;
  /** Sorts query parameters by name, for sites whose links list them in any order. */
  readonly sortQuery: boolean;
}

/** Neither rule changes what a well-behaved server sees, but both may on an odd one: off unless asked for. */
export const PLAIN_RULES: CanonicalRules = { dropTracking: false, sortQuery: false };

const TRACKING = /^(?:utm_[a-z_]+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|mc_[ce]id|igshid|_ga|_gl)$/i;

/**
 * The canonical spelling of `url`: as the WHATWG URL standard writes it (default port dropped, dots resolved), without
 * fragment and without credentials, which must not leak from one page's link into a request.
 *
 * @returns `undefined` when `url` is not an absolute http or https URL.
 */
export function canonicalUrl(
  url: string,
  rules: CanonicalRules = PLAIN_RULES,
  base?: string,
): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url, base);
  } catch {
    return undefined;
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return undefined;
  if (parsed.hash !== '' || parsed.href.endsWith('#')) parsed.hash = '';
  if (parsed.username !== '' || parsed.password !== '') {
    parsed.username = '';
    parsed.password = '';
  }
  if (parsed.search !== '' && (rules.dropTracking || rules.sortQuery)) tidyQuery(parsed, rules);
  return parsed.href;
}

function tidyQuery(url: URL, rules: CanonicalRules): void {
  if (rules.dropTracking) {
    const doomed = [...url.searchParams.keys()].filter((name) => TRACKING.test(name));
    // Any write re-encodes the whole query: leave it byte for byte where there is nothing to drop.
    for (const name of doomed) url.searchParams.delete(name);
  }
  if (rules.sortQuery) url.searchParams.sort();
}
