import { gunzipSync } from 'node:zlib';
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { canonicalUrl } from '../url/canonical.ts';
import type { SitemapContent } from '../outcome.ts';
import { decodePage } from './charset.ts';
import { IGNORE_ALL } from './entities.ts';

/** The protocol's own limits for one sitemap. */
export const SITEMAP_URLS = 50_000;
export const SITEMAP_BYTES = 50 * 1024 * 1024;

/**
 * Reads a sitemap, a sitemap index, or a list of URLs one a line; gzip is undone when the file itself is compressed.
 *
 * @throws RangeError when the file inflates to more than {@link SITEMAP_BYTES}.
 */
export function readSitemap(url: string, bytes: Uint8Array): SitemapContent {
  const inflated =
    bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: SITEMAP_BYTES }) : bytes;
  const { text } = decodePage(inflated, undefined);
  const { pages, sitemaps } = text.trimStart().startsWith('<')
    ? locations(text)
    : { pages: text.split(/\s+/).filter((line) => line !== ''), sitemaps: [] };

  const urls = new Set<string>();
  let unusable = 0;
  for (const link of pages) {
    const page = urls.size < SITEMAP_URLS ? canonicalUrl(link, undefined, url) : undefined;
    if (page === undefined) unusable++;
    else urls.add(page);
  }
  const indexes = new Set<string>();
  for (const link of sitemaps) {
    const sitemap = indexes.size < SITEMAP_URLS ? canonicalUrl(link, undefined, url) : undefined;
    if (sitemap === undefined) unusable++;
    else indexes.add(sitemap);
  }
  return { type: 'sitemap', urls: [...urls], sitemaps: [...indexes], unusable };
}

/** The `<loc>` of every `<url>` and `<sitemap>`, with or without a namespace prefix. */
function locations(xml: string): { pages: string[]; sitemaps: string[] } {
  const pages: string[] = [];
  const sitemaps: string[] = [];
  let inSitemap = false;
  let inLocation = false;
  let location = '';
  const localName = (start: number, end: number): string => {
    const name = xml.slice(start, end);
    return name.slice(name.indexOf(':') + 1);
  };
  const take = (start: number, end: number): void => {
    if (inLocation) location += xml.slice(start, end);
  };
  const callbacks: TokenizerCallbacks = {
    ...IGNORE_ALL,
    onopentagname: (start, end) => {
      const name = localName(start, end);
      if (name === 'url') inSitemap = false;
      else if (name === 'sitemap') inSitemap = true;
      // An <image:loc> belongs to the page, it is not one.
      inLocation = name === 'loc' && !xml.startsWith('image:', start) && !xml.startsWith('video:', start);
      location = '';
    },
    onclosetag: () => {
      if (!inLocation) return;
      inLocation = false;
      (inSitemap ? sitemaps : pages).push(location.trim());
    },
    ontext: take,
    ontextentity: (code) => {
      if (inLocation) location += String.fromCodePoint(code);
    },
    oncdata: (start, end, offset) => {
      take(start, end - offset);
    },
  };
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: true }, callbacks);
  tokenizer.write(xml);
  tokenizer.end();
  return { pages, sitemaps };
}
