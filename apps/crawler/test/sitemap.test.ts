import { gzipSync } from 'node:zlib';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { readSitemap } from '../src/page/sitemap.ts';

const sitemap = suite('readSitemap');
const at = 'http://site.example/sitemap.xml';
const read = (text: string): ReturnType<typeof readSitemap> => readSitemap(at, Buffer.from(text));

sitemap('pages, with references, CDATA, prefixes, and no images', () => {
  const found = read(`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc> http://site.example/?a=1&amp;b=2 </loc><image:image><image:loc>http://site.example/i.png</image:loc></image:image></url>
    <url><loc><![CDATA[http://site.example/c]]></loc></url><s:url><s:loc>http://site.example/d</s:loc></s:url>
    <url><loc>http://site.example/e?f=1&g=2</loc></url><url><loc>ftp://site.example/</loc></url></urlset>`);
  assert.equal(found.urls, [
    'http://site.example/?a=1&b=2',
    'http://site.example/c',
    'http://site.example/d',
    'http://site.example/e?f=1&g=2',
  ]);
  assert.is(found.unusable, 1);
});

sitemap('an index, compressed', () => {
  const xml =
    '<sitemapindex><sitemap><loc>http://site.example/1.xml</loc></sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>';
  const found = readSitemap(at, gzipSync(xml));
  assert.equal(found.sitemaps, ['http://site.example/1.xml', 'http://site.example/2.xml']);
  assert.equal(found.urls, []);
});

sitemap('a list of lines', () => {
  assert.equal(read('http://site.example/a\r\nhttp://site.example/b\n').urls, [
    'http://site.example/a',
    'http://site.example/b',
  ]);
});

sitemap('a bomb is refused', () => {
  assert.throws(() => readSitemap(at, gzipSync(Buffer.alloc(60 * 1024 * 1024))), /larger than/);
});

sitemap.run();
