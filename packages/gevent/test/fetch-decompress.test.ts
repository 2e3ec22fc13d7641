import * as zlib from 'node:zlib';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { acceptedCodings } from '../src/fetch/codings.ts';
import { BodyLimitError, DecompressionError } from '../src/fetch/errors.ts';
import { fetch } from '../src/fetch/fetch.ts';
import { failure, serve, type TestServer } from './fetch-server.ts';

const decompress = suite('fetch decompression');

/** Sends the same bytes with the same coding to everybody, in pieces of `step`. */
async function sending(encoding: string | string[], bytes: Uint8Array, step = Infinity): Promise<TestServer> {
  return serve(async (_request, answer) => {
    answer.setHeader('content-encoding', encoding);
    for (let i = 0; i < bytes.length; i += step) {
      answer.write(bytes.subarray(i, i + step));
      if (step < bytes.length) await new Promise(setImmediate);
    }
    answer.end();
  });
}

const text = 'one two three '.repeat(1000);
const plain = Buffer.from(text);
const codings: Record<string, (bytes: Uint8Array) => Buffer> = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  GZip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  'deflate ': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
};
const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };
const zstd = acceptedCodings.includes('zstd') ? zstdCompressSync! : null;
if (zstd !== null) codings['zstd'] = zstd;

decompress('undoes each coding, in one piece and in pieces', async () => {
  // Does not compress well, so that it takes the way of large bodies.
  const noise = Buffer.from(Array.from({ length: 150_000 }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 0xff));
  for (const [name, compress] of Object.entries(codings)) {
    await using small = await sending(name, compress(plain));
    await using drip = await sending(name, compress(plain), 11);
    await using large = await sending(name, compress(noise), 20_000);

    assert.is(await (await fetch(small.url)).text(), text, name);
    assert.is(await (await fetch(drip.url)).text(), text, `${name} in pieces`);
    assert.is(Buffer.compare(await (await fetch(large.url)).bytes(), noise), 0, `${name}, large`);
    let streamed = 0;
    for await (const chunk of (await fetch(large.url)).chunks()) streamed += chunk.length;
    assert.is(streamed, noise.length, `${name}, chunk by chunk`);
  }
});

decompress('undoes several codings, up to five', async () => {
  const twice = zlib.gzipSync(zlib.brotliCompressSync(plain));
  await using two = await sending('br, gzip', twice);
  await using lines = await sending(['br', 'identity', 'gzip'], twice);
  let bytes: Buffer = plain;
  for (let i = 0; i < 6; i++) bytes = zlib.gzipSync(bytes);
  await using six = await sending(Array<string>(6).fill('gzip').join(','), bytes);

  assert.is(await (await fetch(two.url)).text(), text);
  assert.is(await (await fetch(lines.url)).text(), text);
  let streamed = '';
  for await (const chunk of (await fetch(two.url)).chunks()) streamed += Buffer.from(chunk).toString();
  assert.is(streamed, text);
  const error = await failure((await fetch(six.url)).text());
  assert.instance(error, DecompressionError);
  assert.match(error.message, 'it is compressed more than 5 times over');
});

decompress('fails for a body that ends in the middle, whichever way it is read', async () => {
  // Found in other clients: 200 and an empty text.
  for (const [name, compress] of Object.entries(codings)) {
    const whole = compress(plain);
    for (const bytes of [whole.subarray(0, whole.length >> 1), whole.subarray(0, -1), whole.subarray(0, 1)]) {
      await using server = await sending(name, bytes);
      const collected = await failure((await fetch(server.url)).text());
      const streamed = await failure(
        (async () => {
          for await (const _ of (await fetch(server.url)).chunks());
        })(),
      );
      for (const error of [collected, streamed]) {
        assert.instance(error, DecompressionError, `${name}, ${bytes.length} bytes`);
        assert.is(error.code, 'ERR_FETCH_DECOMPRESSION');
        assert.match(error.message, `fetch failed: GET ${server.url}/: the body ends in the middle of its `);
      }
    }
  }
});

decompress('fails for a body that is not what its label says', async () => {
  for (const name of Object.keys(codings)) {
    await using server = await sending(name, Buffer.from('<html>plain text</html>'));
    const error = await failure((await fetch(server.url)).text());
    assert.instance(error, DecompressionError, name);
    assert.match(error.message, 'data that its Content-Encoding says');
    assert.match(error.message, 'decompress: false gives it as it came');
    assert.is(await (await fetch(server.url, { decompress: false })).text(), '<html>plain text</html>');
  }
});

decompress('leaves alone what it does not know, and what has no bytes', async () => {
  await using strange = await sending('utf-8', plain);
  await using empty = await sending('gzip', Buffer.alloc(0));

  assert.is(await (await fetch(strange.url)).text(), text);
  assert.is(await (await fetch(empty.url)).text(), '');
  let chunks = 0;
  for await (const _ of (await fetch(empty.url)).chunks()) chunks++;
  assert.is(chunks, 0);
});

if (zstd === null) {
  decompress('says that this Node cannot read zstd', async () => {
    await using server = await sending('zstd', plain);

    const error = await failure((await fetch(server.url)).text());

    assert.instance(error, DecompressionError);
    assert.match(
      error.message,
      'it is compressed with zstd, which this version of Node cannot decompress reliably',
    );
  });
} else {
  decompress('never drops what is behind the first zstd frame', async () => {
    // Node 24 stops there and says nothing; 26 goes on.
    await using server = await sending(
      'zstd',
      Buffer.concat([zstd(Buffer.from('one ')), zstd(Buffer.from('two'))]),
    );

    const result = await fetch(server.url)
      .then((got) => got.text())
      .then(null, (error: unknown) => error);

    if (typeof result === 'string') assert.is(result, 'one two');
    else assert.instance(result, DecompressionError);
  });
}

decompress('stops a bomb at the limit, with little memory', async () => {
  // 300 MB of zeros are 300 KB of gzip.
  const zeros = Buffer.alloc(1024 * 1024);
  const gzip = zlib.createGzip();
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  for (let i = 0; i < 300; i++) {
    if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  await new Promise<void>((resolve) => void gzip.end(resolve));
  const bomb = Buffer.concat(pieces);
  await using large = await sending('gzip', bomb);
  await using doubled = await sending('gzip, gzip', zlib.gzipSync(bomb));
  const before = process.memoryUsage.rss();

  for (const server of [large, doubled]) {
    const collected = await failure((await fetch(server.url, { maxInflated: 10_000_000 })).bytes());
    const streamed = await failure(
      (async () => {
        for await (const _ of (await fetch(server.url, { maxInflated: 10_000_000 })).chunks());
      })(),
    );
    for (const error of [collected, streamed]) {
      assert.instance(error, BodyLimitError);
      assert.is((error as BodyLimitError).limit, 10_000_000);
      assert.match(error.message, 'the body has more than the 10000000 bytes of `maxInflated`');
    }
    const byDefault = await failure(
      (await fetch(server.url))
        .chunks()
        .next()
        .then(async () => (await fetch(server.url)).bytes()),
    );
    assert.is((byDefault as BodyLimitError).limit, 64 * 1024 * 1024);
  }
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 250_000_000, `RSS grew by ${Math.round(grown / 1e6)} MB`);
});

decompress('holds small bodies to the limit too, byte by byte', async () => {
  await using server = await sending('gzip', zlib.gzipSync(plain));

  assert.is(await (await fetch(server.url, { maxInflated: plain.length })).text(), text);
  const error = await failure((await fetch(server.url, { maxInflated: plain.length - 1 })).text());
  assert.instance(error, BodyLimitError);
});

decompress.run();
