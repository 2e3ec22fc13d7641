import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { decodePage } from '../src/page/charset.ts';

const charset = suite('decodePage');

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

charset('byte order mark, header, meta, content, default: in this order', () => {
  const bom = bytes([0xef, 0xbb, 0xbf, 0xc3, 0xa9]);
  assert.equal(decodePage(bom, 'text/html; charset=windows-1252'), {
    text: 'é',
    charset: { name: 'utf-8', source: 'bom' },
  });

  const meta = bytes('<meta charset="utf-8">', [0xe9]);
  const header = decodePage(meta, 'text/html; charset=ISO-8859-1');
  assert.is(header.text.at(-1), 'é');
  assert.equal(header.charset, { name: 'windows-1252', source: 'header' });

  assert.equal(decodePage(bytes("<meta charset='koi8-r'>", [0xc1]), 'text/html').charset, {
    name: 'koi8-r',
    source: 'meta',
  });
  assert.equal(decodePage(bytes([0xc3, 0xa9]), 'text/html'), {
    text: 'é',
    charset: { name: 'utf-8', source: 'content' },
  });
  assert.equal(decodePage(bytes([0xe9]), 'text/html'), {
    text: 'é',
    charset: { name: 'windows-1252', source: 'default' },
  });
});

charset('windows-1252 is not ISO-8859-1', () => {
  // Node 20's TextDecoder gives U+0080, U+0093, U+0097 here.
  for (const label of ['windows-1252', 'iso-8859-1', 'latin1', 'ascii', 'cp1252']) {
    assert.is(decodePage(bytes([0x80, 0x93, 0x97]), `text/html; charset=${label}`).text, '€“—', label);
  }
});

charset('meta: http-equiv, not in a comment, not beyond the first kilobyte, never UTF-16', () => {
  const of = (...parts: (string | number[])[]): string => {
    const found = decodePage(bytes(...parts, [0xe9]), undefined).charset;
    return `${found.name} ${found.source}`;
  };
  assert.is(
    of('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'),
    'windows-1251 meta',
  );
  assert.is(of('<!-- <meta charset=koi8-r> -->'), 'windows-1252 default');
  assert.is(of(' '.repeat(1024), '<meta charset=koi8-r>'), 'windows-1252 default');
  assert.is(of('<meta charset=utf-16>'), 'utf-8 meta');
  assert.is(of('<meta charset=no-such-thing>'), 'windows-1252 default');
  assert.is(of('<meta charset=base64>'), 'windows-1252 default');
});

charset('other encodings', () => {
  assert.is(decodePage(bytes([0xff, 0xfe, 0x61, 0x00, 0x2f, 0x04]), undefined).text, 'aЯ');
  assert.is(decodePage(bytes([0xfe, 0xff, 0x00, 0x61]), undefined).text, 'a');
  assert.is(decodePage(bytes([0x82, 0xa0]), 'text/html;charset=Shift_JIS').text, 'あ');
  assert.is(decodePage(bytes([0xa4, 0xa2]), 'text/html;charset="euc-jp"').text, 'あ');
  assert.is(decodePage(bytes([0x1b, 0x24, 0x42, 0x24, 0x22]), 'text/html;charset=iso-2022-jp').text, 'あ');
  assert.is(decodePage(bytes([0xc4, 0xe3]), 'text/html;charset=gb2312').text, '你');
  assert.is(decodePage(bytes([0x61, 0xff]), 'text/html;charset=utf-8').text, 'a\ufffd');
  assert.is(decodePage(bytes(), undefined).text, '');
});

charset.run();
