import { canonicalUrl } from '../url/canonical.ts';
import { UsageError } from './usage-error.ts';

/** The canonical form of a URL that was typed. @throws UsageError when it is none that can be fetched */
export function startUrl(text: string): string {
  const url = canonicalUrl(text);
  if (url === undefined) {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
    const other = scheme !== undefined && !/^https?$/i.test(scheme) && !/^[^:]+:\d+(?:\/|$)/.test(text);
    throw new UsageError(
      other
        ? `Cannot crawl "${text}": only http and https URLs can be fetched, not ${scheme}`
        : `Expected a URL such as https://example.com/, got "${text}"${looksLikeHost(text) ? `; write https://${text}` : ''}`,
    );
  }
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') {
    throw new UsageError(
      `The URL "${url}" was given with a user name or password; pass --header 'Authorization: Basic ...' instead`,
    );
  }
  return url;
}

function looksLikeHost(text: string): boolean {
  return (
    canonicalUrl(`https://${text}`) !== undefined &&
    /^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/|$)|^localhost/.test(text)
  );
}
