import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { canonicalUrl } from '../src/url/canonical.ts';
import { LinkResolver } from '../src/url/resolver.ts';
import { isLoopbackHost, isPrivateAddress } from '../src/url/private.ts';
import { Scope } from '../src/url/scope.ts';
import { trapReason } from '../src/url/trap.ts';

const canonical = suite('canonicalUrl');

canonical('one spelling for many', () => {
  const spellings = [
    'http://example.com/a',
    'HTTP://EXAMPLE.com:80/a',
    'http://example.com/b/../a',
    'http://example.com/a#part',
    'http://example.com/a#',
    'http://user:secret@example.com/a',
    'http://example.com\\a',
    ' http://example.com/./a\n',
  ];
  for (const spelling of spellings) assert.is(canonicalUrl(spelling), 'http://example.com/a', spelling);
  assert.is(canonicalUrl('https://example.com:443'), 'https://example.com/');
  assert.is(canonicalUrl('http://bücher.example/ä?ö'), 'http://xn--bcher-kva.example/%C3%A4?%C3%B6');
});

canonical('what is no http URL is undefined', () => {
  for (const bad of [
    '',
    'a',
    '/a',
    'mailto:a@b',
    'javascript:alert(1)',
    'http://',
    'ftp://a/',
    'http://a b/',
  ]) {
    assert.is(canonicalUrl(bad), undefined, bad);
  }
});

canonical('tracking parameters and the order of the query count unless told otherwise', () => {
  const url = 'http://a.example/?b=2&utm_source=x&a=1&gclid=3';
  assert.is(canonicalUrl(url), url);
  assert.is(canonicalUrl(url, { dropTracking: true, sortQuery: false }), 'http://a.example/?b=2&a=1');
  assert.is(canonicalUrl(url, { dropTracking: true, sortQuery: true }), 'http://a.example/?a=1&b=2');
  // Nothing to drop: the query stays byte for byte, where URLSearchParams would write %20 as +.
  assert.is(
    canonicalUrl('http://a.example/?q=a%20b', { dropTracking: true, sortQuery: false }),
    'http://a.example/?q=a%20b',
  );
});

canonical.run();

const resolver = suite('LinkResolver');

resolver('agrees with URL on every kind of link', () => {
  const links = [
    '/',
    '/a',
    '/a/b.html',
    '/a/b?c=1&d=2',
    '/a#b',
    '/a?b#c',
    '/a/../b',
    '/a/./b',
    '/.hidden',
    '/a/.hidden',
    '/a..b',
    '/..',
    '/a/..',
    '//other.example/x',
    '//x',
    '/a b',
    '/ä',
    '/%7euser',
    '/%2e%2e/x',
    '/a\\b',
    '/a\tb',
    'a',
    'a/b',
    'a/../b',
    './a',
    '../a',
    '?q=1',
    '?',
    '#',
    '#top',
    '',
    ' /a ',
    'a:b',
    'a/b:c',
    '/a:b',
    '/a?b:c',
    '/a?b=.',
    '/a?b=/../c',
    "/a'b",
    "/a?b='c",
    'http://site.example/x',
    'http://site.example',
    'http://site.example?x',
    'http://site.example/../x',
    'HTTP://SITE.EXAMPLE/x',
    'http://site.example:80/x',
    'http://site.example@evil.example/',
    'http://site.example.evil/',
    'https://site.example/x',
    'mailto:a@b',
    'javascript:void(0)',
    'data:,x',
    'http:x',
    'http:/x',
    'http:///x',
    '/a|b',
    '/a^b',
    '/a{b}',
    '/a"b',
    '/a<b>',
    '/a`b',
    '/~a',
    '/a;b,c=d+e!f$g(h)*i@j&k',
    '/a?b?c',
    'a?b/c:d',
    'http://site.example/a?b#c',
    'tel:1',
    'x.html?y=http://z/',
    '/\u0000',
    '/a%',
    '/a%zz',
    'page.html',
    'page..html',
    'a.b/c.d',
  ];
  for (const base of [
    'http://site.example/dir/page',
    'http://site.example/',
    'http://site.example/dir/',
    'http://site.example/dir/p?q=/x/',
  ]) {
    const resolve = new LinkResolver(base);
    for (const link of links)
      assert.is(resolve.resolve(link), canonicalUrl(link, undefined, base), `${link} on ${base}`);
  }
});

resolver('keeps to the rules for queries', () => {
  const resolve = new LinkResolver('http://site.example/', { dropTracking: true, sortQuery: true });
  assert.is(resolve.resolve('/a?b=1&a=2&utm_medium=x'), 'http://site.example/a?a=2&b=1');
});

resolver.run();

const addresses = suite('private addresses');

addresses('IPv4 and IPv6 in every spelling that a URL may leave', () => {
  const hosts = (urls: readonly string[]): string[] => urls.map((url) => new URL(url).hostname);
  const near = [
    'http://127.0.0.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0',
    'http://10.1.2.3',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.1.1',
    'http://169.254.169.254',
    'http://100.64.0.1',
    'http://224.0.0.1',
    'http://255.255.255.255',
    'http://[::1]',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'http://[::127.0.0.1]',
    'http://[fe80::1]',
    'http://[fd00::1]',
    'http://[ff02::1]',
    'http://[64:ff9b::7f00:1]',
    'http://[2002:7f00:1::]',
    'http://[::ffff:0:10.0.0.1]',
  ];
  const far = [
    'http://8.8.8.8',
    'http://172.32.0.1',
    'http://100.128.0.1',
    'http://[2606:4700::1111]',
    'http://[::ffff:8.8.8.8]',
    'http://example.com',
  ];
  for (const host of hosts(near)) assert.ok(isPrivateAddress(host), host);
  for (const host of hosts(far)) assert.not.ok(isPrivateAddress(host), host);
  assert.ok(isPrivateAddress('::ffff:127.0.0.1'), 'as a socket writes it');
  assert.ok(isPrivateAddress('fe80::1%eth0'));
});

addresses('hosts on this machine', () => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
    assert.ok(isLoopbackHost(host), host);
  for (const host of ['example.com', '128.0.0.1', '127.example.com', 'localhost.example.com'])
    assert.not.ok(isLoopbackHost(host), host);
});

addresses.run();

const scope = suite('Scope');

scope('each scope covers what its name says', () => {
  const seed = 'http://www.site.example/docs/index.html';
  const urls = {
    same: 'http://www.site.example/docs/a/b',
    above: 'http://www.site.example/other',
    secure: 'https://www.site.example/docs/',
    port: 'http://www.site.example:8080/docs/',
    sibling: 'http://blog.site.example/docs/',
    parent: 'http://site.example/docs/',
    lookalike: 'http://evilsite.example/docs/',
  };
  const expected = {
    origin: ['same', 'above'],
    host: ['same', 'above', 'secure'],
    domain: ['same', 'above', 'secure', 'port', 'sibling', 'parent'],
    prefix: ['same'],
    any: Object.keys(urls),
  } as const;
  for (const name of ['origin', 'host', 'domain', 'prefix', 'any'] as const) {
    const covering = new Scope(name);
    covering.admit(seed);
    const covered = Object.entries(urls).filter(([, url]) => covering.covers(url));
    assert.equal(
      covered.map(([key]) => key),
      expected[name],
      name,
    );
  }
});

scope('patterns', () => {
  const filtered = new Scope('any', [/\/a/, /\/b/], [/\.pdf$/]);
  assert.ok(filtered.wants('http://x/a'));
  assert.ok(filtered.wants('http://x/b'));
  assert.not.ok(filtered.wants('http://x/c'));
  assert.not.ok(filtered.wants('http://x/a.pdf'));
});

scope.run();

const traps = suite('trapReason');

traps('repetition, depth and length', () => {
  const fine = [
    'http://x/',
    'http://x/a/a/',
    'http://x/a/b/a/b/',
    'http://x/a/b/a/c/a',
    'http://x/1/2/3/4/5/6/7/8',
    'http://x/?/a/a/a/a',
  ];
  for (const url of fine) assert.is(trapReason(url), undefined, url);
  assert.match(trapReason('http://x/a/a/a') ?? '', '"/a" stands 3 times');
  assert.match(trapReason('http://x/p/a/b/a/b/a/b/') ?? '', '"/a/b" stands 3 times');
  assert.match(
    trapReason(`http://x/${Array.from({ length: 21 }, (_, i) => i).join('/')}`) ?? '',
    '21 segments',
  );
  assert.match(trapReason(`http://x/${'y'.repeat(2100)}`) ?? '', '2109 characters');
});

traps.run();
