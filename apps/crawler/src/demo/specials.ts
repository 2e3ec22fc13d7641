import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { type SiteAnswer, html } from './answer.ts';

/** What a special page may depend on. */
interface Request {
  readonly origin: string;
  readonly acceptEncoding: string;
  /** 1 for the first request of this URL. */
  readonly visit: number;
  readonly site: { linkedPages(): readonly string[]; orphans(): readonly string[] };
}

const SLOW = 1500;
/** More than a crawler should be willing to inflate. */
const BOMB_BYTES = 30 * 1024 * 1024;

/** Pages with something to them that ordinary pages link to, one here and one there. */
export const SPECIAL_LINKS: readonly string[] = [
  '/redirect/1',
  '/missing/1',
  '/flaky/1',
  '/encoded/gzip',
  '/redirect/old-1',
  '/slow',
  '/private/1',
  '/charset/windows-1252',
  '/hostile',
  '/redirect/loop-a',
  '/files/report.pdf',
  '/encoded/brotli',
  '/flaky/2',
  '/missing/2?reason=moved&amp;when=long+ago',
  '/trap/',
  '/redirect/old-2',
  '/quiet/1',
  '/gone',
  '/encoded/deflate',
  '/private/2',
  '/redirect/outside',
  '/unsupported',
  '/bomb',
  '/flaky/3',
  '/files/picture.png',
  '/missing/3',
];

/** The answer for a path that is not an ordinary page; `undefined` when it is one, or nothing. */
export function specialAnswer(path: string, request: Request): SiteAnswer | undefined {
  const [, section = '', name = ''] = /^\/([^/?]*)\/?([^?]*)/.exec(path) ?? [];
  switch (section) {
    case 'robots.txt':
      return text(robots(request.origin));
    case 'sitemap-index.xml':
      return xml(sitemapIndex(request.origin));
    case 'sitemaps':
      return sitemaps(name, request);
    case 'redirect':
      return redirects(name);
    case 'flaky':
      return flaky(name, request.visit);
    case 'encoded':
      return encoded(name, request.acceptEncoding);
    case 'charset':
      return name === 'windows-1252' ? windows1252() : undefined;
    case 'slow':
      return page('The slow train', 'It comes late.', { delay: SLOW });
    case 'hostile':
      return html(hostileMarkup());
    case 'private':
      return page('Staff only', 'Our robots.txt asks robots to stay out.');
    case 'trap':
      return page('Round and round', '<a href="deeper/">deeper</a>');
    case 'quiet':
      return page('Quiet', '<a rel="nofollow" href="/quiet/hidden">not for robots</a>');
    case 'files':
      return {
        status: 200,
        headers: { 'content-type': name.endsWith('.pdf') ? 'application/pdf' : 'image/png' },
        body: Buffer.alloc(4096, name),
      };
    case 'gone':
      return { ...page('Gone', 'The siding was lifted.'), status: 410 };
    case 'unsupported':
      return { ...page('Not implemented', 'No.'), status: 501 };
    case 'bomb':
      return html('', { headers: { 'content-encoding': 'gzip' }, body: bomb() });
    default:
      return undefined;
  }
}

function robots(origin: string): string {
  return `# Robots are welcome, but not everywhere.
User-agent: *
Disallow: /private/
Allow: /

User-agent: greedybot
Disallow: /

Sitemap: ${origin}/sitemap-index.xml
`;
}

function sitemapIndex(origin: string): string {
  const entry = (name: string): string => `<sitemap><loc>${origin}/sitemaps/${name}</loc></sitemap>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entry('pages.xml')}${entry('orphans.xml.gz')}</sitemapindex>`;
}

function sitemaps(name: string, { site, origin }: Request): SiteAnswer | undefined {
  const list = (paths: readonly string[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${paths.map((path) => `<url><loc>${origin}${path}</loc></url>`).join('\n')}
</urlset>`;
  if (name === 'pages.xml') return xml(list(site.linkedPages()));
  if (name !== 'orphans.xml.gz') return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'application/gzip' },
    body: gzipSync(list(site.orphans())),
  };
}

function redirects(name: string): SiteAnswer | undefined {
  const to = (location: string, status: number): SiteAnswer => ({
    ...page('Moved', location),
    status,
    headers: { location },
  });
  switch (name) {
    case '1':
      return to('/redirect/2', 301);
    case '2':
      return to('3', 302);
    case '3':
      return to('/redirect/target', 308);
    case 'target':
      return page('The end of the line', 'Three redirects lead here, and nothing else.');
    case 'old-1':
      return to('/page/7', 301);
    case 'old-2':
      return to('/#top', 303);
    case 'loop-a':
      return to('/redirect/loop-b', 302);
    case 'loop-b':
      return to('/redirect/loop-a', 302);
    case 'outside':
      return to('http://elsewhere.invalid/', 302);
    default:
      return undefined;
  }
}

/** Fails once or twice before it works, then again: every crawl of a running site sees the same. */
function flaky(name: string, visit: number): SiteAnswer {
  const failures = name === '1' ? 2 : 1;
  if ((visit - 1) % (failures + 1) < failures)
    return { ...page('Signal failure', 'Try again.'), status: 500 };
  return page(`Recovered ${name}`, 'It works now.');
}

function encoded(name: string, accept: string): SiteAnswer | undefined {
  const plain = page(`Sent as ${name}`, `${'Compressed. '.repeat(300)} <a href="/page/1">back</a>`);
  const encodings: Record<string, readonly [string, (body: Buffer) => Buffer]> = {
    gzip: ['gzip', (body) => gzipSync(body)],
    brotli: ['br', (body) => brotliCompressSync(body)],
    deflate: ['deflate', (body) => deflateSync(body)],
  };
  const [token, encode] = encodings[name] ?? [];
  if (token === undefined || encode === undefined) return undefined;
  if (!accept.includes(token)) return plain;
  return { ...plain, headers: { ...plain.headers, 'content-encoding': token }, body: encode(plain.body) };
}

/** Says nothing of its encoding; the bytes 0x80, 0x93 and 0x94 are what a wrong decoder gets wrong. */
function windows1252(): SiteAnswer {
  const body = Buffer.from(
    '<!doctype html><title>\x93Caf\xe9\x94 for 5 \x80</title><a href="/page/2?caf\xe9">caf\xe9</a>',
    'latin1',
  );
  return { status: 200, headers: { 'content-type': 'text/html' }, body };
}

/** Markup that costs a tree builder seconds, or hides links, or is simply wrong. The one link in it is real. */
function hostileMarkup(): string {
  return `<!doctype html><title>Hostile &amp; odd</title><a/href=/page/3>real</a>
<!-- <a href="/hidden/comment"> --> <script>"<a href='/hidden/script'>"</script><textarea><a href="/hidden/textarea"></textarea>
<a href="http://[broken/">broken</a><a href="javascript:alert(1)">script</a><a href="&#x68;ttp://elsewhere.invalid/entity">outside</a>
${'<div>'.repeat(40_000)}<!-- never closed <a href="/hidden/end">`;
}

let bombBody: Buffer | undefined;

function bomb(): Buffer {
  bombBody ??= gzipSync(Buffer.alloc(BOMB_BYTES, 0x20), { level: constants.Z_BEST_SPEED });
  return bombBody;
}

function page(title: string, content: string, extra: Partial<SiteAnswer> = {}): SiteAnswer {
  return html(`<!doctype html><title>${title}</title><h1>${title}</h1><p>${content}`, extra);
}

function text(content: string): SiteAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(content),
  };
}

function xml(content: string): SiteAnswer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(content) };
}
