import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { scanMarkup } from '../src/page/markup.ts';
import { readPage } from '../src/page/content.ts';
import { DEFAULT_FETCH } from '../src/fetch/settings.ts';

const hrefs = (html: string): string[] => scanMarkup(html).links.map((link) => link.href);

const markup = suite('scanMarkup');

markup('links of every kind, in the order of the page', () => {
  const html = `<a href=/1>x</a><A HREF='/2'>x</A><area href="/3"><iframe src="/4"></iframe><frame src=/5>
    <link rel="next" href="/6"><link rel="alternate" type="text/html" hreflang=de href="/7"><link rel=canonical href=/8>
    <meta http-equiv=Refresh content="5; url=/9"><meta http-equiv=refresh content="0;URL='/10'"><meta http-equiv="refresh" content="3">`;
  assert.equal(hrefs(html), ['/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8', '/9', '/10']);
});

markup('what a page embeds is counted and not followed', () => {
  const html = `<img src=a><script src=b></script><script>1</script><link rel=stylesheet href=c><link rel=icon href=d>
    <link rel="alternate" type="application/rss+xml" href=e><video src=f><source src=g></video><embed src=h><link rel=x>`;
  const found = scanMarkup(html);
  assert.equal(found.links, []);
  assert.is(found.resources, 8);
});

markup('what looks like a link and is none', () => {
  const pages = [
    '<!-- <a href=/x> -->',
    '<script>"<a href=/x>"</script>',
    '<style><a href=/x></style>',
    '<title><a href=/x></title>',
    '<textarea><a href=/x></textarea>',
    '<xmp><a href=/x></xmp>',
    '<iframe><a href=/x></iframe>',
    '<noembed><a href=/x></noembed>',
    '<noframes><a href=/x></noframes>',
    '<plaintext><a href=/x>',
    '<a data-href=/x>',
    '<div href=/x>',
    '<a href>',
    '<a href="">',
    '<a href="/x',
    '<p title="<a href=/x>">',
    '<script><a href=/x>',
  ];
  for (const page of pages) assert.equal(hrefs(page), [], page);
});

markup('what does not look like a link and is one', () => {
  assert.equal(hrefs('<noscript><a href=/x></noscript>'), ['/x']);
  assert.equal(hrefs('<a/href=/x>'), ['/x']);
  assert.equal(hrefs('<a\nhref\n=\n"/x"\n>'), ['/x']);
  assert.equal(hrefs('<a href=/x href=/y>'), ['/x'], 'the first of two attributes of a name counts');
  assert.equal(hrefs('<a title=">" href=/x>'), ['/x']);
  assert.equal(hrefs('<iframe></iframe><a href=/x>'), ['/x']);
  assert.equal(hrefs('<script></script ><a href=/x>'), ['/x']);
  assert.equal(hrefs('<!--><a href=/x>'), ['/x']);
  assert.equal(hrefs('<a href=/x/>'), ['/x/']);
  assert.equal(hrefs('<a href="/x"/>'), ['/x']);
});

markup('references in attributes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['?a=1&amp;b=2', '?a=1&b=2'],
    ['?a=1&b=2', '?a=1&b=2'],
    ['?a=1&copy=2', '?a=1&copy=2'],
    ['?a&copy;', '?a©'],
    ['&#47;x', '/x'],
    ['&#x2F;x', '/x'],
    ['&amp;amp;', '&amp;'],
    ['?x=&lt', '?x=<'],
    ['?x=&notit;', '?x=&notit;'],
    ['/&Auml;', '/Ä'],
    ['&', '&'],
    ['a&&b', 'a&&b'],
    ['?a=1&amp=2', '?a=1&amp=2'],
    ['&ampx', '&ampx'],
  ];
  for (const [raw, decoded] of cases) assert.equal(hrefs(`<a href="${raw}">`), [decoded], raw);
  assert.equal(hrefs(`<a href='"&eacute;"'>`), ['"é"']);
});

markup('title, base, canonical and robots: the first ones', () => {
  const found = scanMarkup(`<title>
    Fish &amp; chips   &lt;b&gt;
    </title><svg><title>Icon</title></svg><base target=_top><base href="/b/"><base href="/c/"><link rel=canonical href="/x?a&amp;b">
    <meta name=ROBOTS content="NoIndex, NOFOLLOW"><meta name=robots content=noarchive>`);
  assert.is(found.title, 'Fish & chips <b>');
  assert.is(found.base, '/b/');
  assert.is(found.canonical, '/x?a&b');
  assert.is(found.robots, 'noindex, nofollow,noarchive');
});

markup('hostile pages take time in proportion to their length', () => {
  // Seconds each with htmlparser2's Parser or a tree; a quadratic step shows as minutes here, not as a percentage.
  const size = 200_000;
  const fill = (part: string): string => part.repeat(Math.ceil(size / part.length)).slice(0, size);
  const patterns = [
    '<div>',
    '<!--',
    '<a href="',
    '<a href=',
    '<',
    '</',
    '<a ',
    '<a href=x ',
    '<script>',
    '<title>',
    '</title>',
    '<title></title',
    '<!',
    '<?',
    '&',
    '&amp',
    '&#x',
    '<iframe>',
    '<a href="&',
    '<a b="&amp;">',
    '<textarea>',
    '<![CDATA[',
    '-->',
    "<a href='\"&copy;'>",
    '<meta name=robots content=x>',
    '<base href=x>',
    '<title>&',
    '</',
    '<script><!--<script>',
    '<plaintext>',
    '\u0000',
    '<svg/><math/>',
  ];
  for (const pattern of patterns) {
    const started = performance.now();
    readPage(
      { url: 'http://x/', bytes: Buffer.from(fill(pattern)), contentType: 'text/html', robotsTag: undefined },
      DEFAULT_FETCH,
    );
    const took = performance.now() - started;
    assert.ok(took < 2000, `${JSON.stringify(pattern)} took ${took.toFixed(0)} ms`);
  }
});

markup.run();

const page = suite('readPage');

const read = (html: string, robotsTag?: string): ReturnType<typeof readPage> =>
  readPage(
    {
      url: 'http://site.example/dir/page',
      bytes: Buffer.from(html),
      contentType: 'text/html; charset=utf-8',
      robotsTag,
    },
    DEFAULT_FETCH,
  );

page('links are absolute, canonical, and each once', () => {
  const found = read(
    '<a href=x><a href=/y><a href="http://SITE.example/y#z"><a href="mailto:a@b"><a href=//other.example>',
  );
  assert.equal(found.links, ['http://site.example/dir/x', 'http://site.example/y', 'http://other.example/']);
  assert.is(found.unusable, 1);
  assert.is(found.sha256?.length, 64);
});

page('base counts for the whole page, also for what stands before it', () => {
  assert.equal(read('<a href=x><base href="/b/"><a href=y>').links, [
    'http://site.example/b/x',
    'http://site.example/b/y',
  ]);
  assert.equal(
    read('<base href="javascript:1"><a href=y>').links,
    ['http://site.example/dir/y'],
    'a base that is none',
  );
});

page('nofollow: of a link, of the page, of the header', () => {
  const link = read('<a rel="external NoFollow" href=/a><a href=/b><a href=/c rel=nofollow><a href=/c>');
  assert.equal(
    [link.links, link.nofollow],
    [['http://site.example/b', 'http://site.example/c'], ['http://site.example/a']],
  );
  assert.equal(read('<meta name=robots content="none"><a href=/a>').links, []);
  assert.equal(read('<meta name=robots content="noindex"><a href=/a>').links, ['http://site.example/a']);
  assert.equal(read('<a href=/a>', 'noindex, nofollow').nofollow, ['http://site.example/a']);
  assert.equal(read('<a href=/a>', 'otherbot: nofollow').links, ['http://site.example/a']);
});

page('what is kept of a page does not keep the page alive', () => {
  // V8 makes a slice of a string a view of the whole of it: a link of 30 bytes held 1 MB.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const padding = ' '.repeat(1024 * 1024);
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const kept: unknown[] = [];
  const before = used();
  for (let index = 0; index < 30; index++) {
    kept.push(
      read(`<title>A-title-of-one-long-word-${index}</title><link rel=canonical href=/canonical/of/page/${index}>
        <a href="/absolute/path/of/${index}"><a href="relative/path/of/${index}"><a href="../up/path/of/${index}">
        <a href="http://site.example/whole/url/of/${index}"><a href="//other.example/whole/url/of/${index}">${padding}`),
    );
  }
  const grown = (used() - before) / 1024 / 1024;
  assert.ok(grown < 5, `${kept.length} pages hold ${grown.toFixed(1)} MB`);
});

page.run();
