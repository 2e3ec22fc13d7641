import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { byGreenlet, bySelect, essence, RawServer, settingsWith, short } from './http-clients.ts';

const PAGE = '<title>T</title><a href="/x">x</a>';
const HTML = 'Content-Type: text/html\r\n';
const OK = `HTTP/1.1 200 OK\r\n${HTML}`;
const chunks = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), Buffer.from(part), Buffer.from('\r\n')]),
    ),
  );
const sized = (body: string | Buffer, more = ''): Buffer =>
  Buffer.concat([Buffer.from(`${OK}${more}Content-Length: ${body.length}\r\n\r\n`), Buffer.from(body)]);
const big = 'x'.repeat(150_000);
/** Nothing that compresses. */
const noise = Buffer.alloc(120_000);
for (let at = 0, state = 1; at < noise.length; at++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  noise[at] = state >>> 24;
}

type Way = 'stays' | 'ends' | 'resets' | 'slowly';
/** What a server says, what it does afterwards, and what has to come of it. */
const ANSWERS: Record<string, readonly [Way, string | Buffer, string]> = {
  // Good ones.
  length: ['stays', sized(PAGE), 'answer 200 page'],
  'length, byte by byte': ['slowly', sized(PAGE), 'answer 200 page'],
  'no length': ['ends', `${OK}\r\n${PAGE}`, 'answer 200 page'],
  'no length, byte by byte': [
    'slowly',
    `${OK}Connection: close\r\nContent-Length: 34\r\n\r\n${PAGE}`,
    'answer 200 page',
  ],
  chunks: [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n${chunks('<title>', 'T</title>')}0\r\n\r\n`,
    'answer 200 page',
  ],
  'chunks, byte by byte': [
    'slowly',
    `${OK}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\n<p>ab\r\n${chunks('', 'cd').subarray(5)}0\r\nX-Trailer: 1\r\n\r\n`,
    'answer 200 page',
  ],
  'chunks in capitals, and a lone end': [
    'stays',
    `${OK}transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n`,
    'answer 200 page',
  ],
  'chunks behind another coding': [
    'stays',
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    'answer 200 page',
  ],
  'another coding alone': ['ends', `${OK}Transfer-Encoding: gzip\r\n\r\nabc`, 'answer 200 page'],
  trailers: [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n`,
    'answer 200 page',
  ],
  'HTTP/1.0': ['ends', `HTTP/1.0 200 OK\r\n${HTML}\r\n${PAGE}`, 'answer 200 page'],
  'no reason': ['stays', `HTTP/1.1 200\r\n${HTML}Content-Length: 1\r\n\r\nx`, 'answer 200 page'],
  'empty lines first': ['stays', `\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`, 'answer 200 page'],
  'more than was promised': ['stays', `${OK}Content-Length: 3\r\n\r\nabcdef`, 'answer 200 page'],
  'two answers': ['stays', Buffer.concat([sized('a'), sized('b')]), 'answer 200 page'],
  'a header twice': [
    'stays',
    `${OK}X-Robots-Tag: noindex\r\nX-Robots-Tag: nofollow\r\nContent-Length: 34\r\n\r\n${PAGE}`,
    'answer 200 page',
  ],
  'bytes above ASCII in a header': [
    'stays',
    Buffer.from(`HTTP/1.1 302 Found\r\nLocation: /caf\xc3\xa9\r\nContent-Length: 0\r\n\r\n`, 'latin1'),
    'answer 302 none',
  ],
  'no type': ['stays', `HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n${PAGE}`, 'answer 200 page'],
  'not a page': [
    'stays',
    'HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\nabc',
    'answer 200 foreign',
  ],
  'never the rest of what is not a page': [
    'stays',
    'HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 900000\r\n\r\nabc',
    'answer 200 foreign',
  ],
  '204': ['stays', `HTTP/1.1 204 No Content\r\n${HTML}\r\n`, 'answer 204 page'],
  '204 with a length': [
    'stays',
    `HTTP/1.1 204 No Content\r\n${HTML}Content-Length: 9\r\n\r\n`,
    'answer 204 page',
  ],
  '205': ['stays', `HTTP/1.1 205 Reset\r\n${HTML}Content-Length: 3\r\n\r\nabc`, 'answer 205 page'],
  '304 with a length': ['stays', `HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n`, 'answer 304 none'],
  '999': ['stays', `HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n`, 'answer 999 none'],
  '429': ['stays', `HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n`, 'answer 429 none'],
  announced: [
    'stays',
    Buffer.concat([
      Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n'),
      sized('x'),
    ]),
    'answer 200 page',
  ],
  'upgrade offered': [
    'stays',
    `${OK}Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\nx`,
    'answer 200 page',
  ],
  'reset at the end of what has no length': ['resets', `${OK}\r\n${PAGE}`, 'answer 200 page'],
  // Compressed ones.
  gzip: ['stays', sized(gzipSync(PAGE), 'Content-Encoding: gzip\r\n'), 'answer 200 page'],
  'gzip in chunks, byte by byte': [
    'slowly',
    Buffer.concat([
      Buffer.from(`${OK}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`),
      chunks(gzipSync(PAGE)),
      Buffer.from('0\r\n\r\n'),
    ]),
    'answer 200 page',
  ],
  deflate: ['stays', sized(deflateSync(PAGE), 'Content-Encoding: deflate\r\n'), 'answer 200 page'],
  'raw deflate': ['stays', sized(deflateRawSync(PAGE), 'Content-Encoding: deflate\r\n'), 'answer 200 page'],
  br: ['stays', sized(brotliCompressSync(PAGE), 'Content-Encoding: br\r\n'), 'answer 200 page'],
  'gzip over deflate': [
    'stays',
    sized(gzipSync(deflateSync(PAGE)), 'Content-Encoding: deflate, x-gzip\r\n'),
    'answer 200 page',
  ],
  'large gzip': ['stays', sized(gzipSync(noise), 'Content-Encoding: gzip\r\n'), 'answer 200 page'],
  'large gzip over deflate': [
    'stays',
    sized(gzipSync(deflateSync(noise)), 'Content-Encoding: deflate, gzip\r\n'),
    'answer 200 page',
  ],
  'an unknown coding': ['stays', sized(PAGE, 'Content-Encoding: smoke\r\n'), 'answer 200 page'],
  'gzip of nothing': ['stays', sized('', 'Content-Encoding: gzip\r\n'), 'answer 200 page'],
  'truncated gzip': [
    'stays',
    sized(gzipSync(PAGE).subarray(0, 30), 'Content-Encoding: gzip\r\n'),
    'failure bad_encoding 200',
  ],
  'truncated large gzip': [
    'stays',
    sized(gzipSync(noise).subarray(0, 100_000), 'Content-Encoding: gzip\r\n'),
    'failure bad_encoding 200',
  ],
  'no gzip': ['stays', sized('plain', 'Content-Encoding: gzip\r\n'), 'failure bad_encoding 200'],
  'no gzip, and large': ['stays', sized(big, 'Content-Encoding: gzip\r\n'), 'failure bad_encoding 200'],
  'no br': ['stays', sized('plain', 'Content-Encoding: br\r\n'), 'failure bad_encoding 200'],
  'too many codings': [
    'stays',
    sized('plain', 'Content-Encoding: gzip,gzip,gzip,gzip,gzip,gzip\r\n'),
    'failure bad_encoding 200',
  ],
  bomb: ['stays', sized(gzipSync(Buffer.alloc(300_000)), 'Content-Encoding: gzip\r\n'), 'failure bomb 200'],
  'large bomb': [
    'stays',
    sized(gzipSync(Buffer.concat([noise, Buffer.alloc(4_000_000)])), 'Content-Encoding: gzip\r\n'),
    'failure bomb 200',
  ],
  'bomb in a bomb': [
    'stays',
    sized(gzipSync(gzipSync(Buffer.alloc(3_000_000))), 'Content-Encoding: gzip, gzip\r\n'),
    'failure bomb 200',
  ],
  'endless bomb': [
    'stays',
    Buffer.concat([
      Buffer.from(`${OK}Content-Encoding: gzip\r\n\r\n`),
      gzipSync(Buffer.concat([noise, Buffer.alloc(4_000_000)])),
    ]),
    'failure bomb 200',
  ],
  // Too large.
  'too long': ['stays', sized('x'.repeat(200_001)), 'failure too_large 200'],
  'too long, unannounced': ['stays', `${OK}\r\n${'x'.repeat(200_001)}`, 'failure too_large 200'],
  'too many headers': [
    'stays',
    `${OK}${'X-Filler: abcdefgh\r\n'.repeat(6000)}Content-Length: 0\r\n\r\n`,
    'failure protocol',
  ],
  'too long a header': [
    'stays',
    `${OK}X: ${'y'.repeat(100_000)}\r\nContent-Length: 0\r\n\r\n`,
    'failure protocol',
  ],
  'endless header': ['stays', `${OK}X: ${'y'.repeat(100_000)}`, 'failure protocol'],
  'too many trailers': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: abc\r\n'.repeat(20_000)}\r\n`,
    'failure protocol 200',
  ],
  // Broken off.
  nothing: ['ends', '', 'failure reset'],
  'a reset': ['resets', '', 'failure reset'],
  'half a head': ['ends', `${OK}Content-Le`, 'failure reset'],
  'less than promised': ['ends', `${OK}Content-Length: 50\r\n\r\nabc`, 'failure reset 200'],
  'less than promised, closing': [
    'ends',
    `${OK}Connection: close\r\nContent-Length: 50\r\n\r\nabc`,
    'failure protocol 200',
  ],
  'less than promised, reset': ['resets', `${OK}Content-Length: 50\r\n\r\nabc`, 'failure reset 200'],
  'less than promised, closing, reset': [
    'resets',
    `${OK}Connection: close\r\nContent-Length: 50\r\n\r\nabc`,
    'failure protocol 200',
  ],
  'no last chunk': ['ends', `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`, 'failure reset 200'],
  'no last chunk, closing': [
    'ends',
    `${OK}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    'failure protocol 200',
  ],
  'HTTP/1.0 with less than promised': [
    'ends',
    `HTTP/1.0 200 OK\r\n${HTML}Content-Length: 50\r\n\r\nabc`,
    'failure protocol 200',
  ],
  // No HTTP.
  SSH: ['stays', 'SSH-2.0-OpenSSH_9.9\r\n', 'failure protocol'],
  'SSH without a line': ['stays', 'SSH-2.0', 'failure protocol'],
  'HTTP/0.9': ['stays', '<html><p>no head at all', 'failure protocol'],
  'HTTP/3': ['stays', `HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n`, 'failure protocol'],
  '099': ['stays', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n', 'failure protocol'],
  '1000': ['stays', 'HTTP/1.1 1000 Odd\r\nContent-Length: 0\r\n\r\n', 'failure protocol'],
  'no status': ['stays', 'HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n', 'failure protocol'],
  'a status glued to its reason': [
    'stays',
    'HTTP/1.1 200OK\r\nContent-Length: 0\r\n\r\n',
    'failure protocol',
  ],
  'bare line feeds': [
    'stays',
    `HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 1\n\nx`,
    'failure protocol',
  ],
  'one bare line feed': ['stays', `${OK}X: y\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'a bare carriage return': ['stays', `${OK}X: y\rz\r\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'no colon': ['stays', `${OK}Nonsense\r\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'no name': ['stays', `${OK}: x\r\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'a blank before the colon': ['stays', `${OK}X : y\r\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'a folded header': ['stays', `${OK}X: y\r\n z\r\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'a zero in a header': ['stays', `${OK}X: \0\r\nContent-Length: 1\r\n\r\nx`, 'failure protocol'],
  'a length and chunks': [
    'stays',
    `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    'failure protocol',
  ],
  'chunks and a length': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    'failure protocol',
  ],
  'two lengths': ['stays', `${OK}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 'failure protocol'],
  'the same length twice': [
    'stays',
    `${OK}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
    'failure protocol',
  ],
  'a list of lengths': ['stays', `${OK}Content-Length: 3, 3\r\n\r\nabc`, 'failure protocol'],
  'a length below zero': ['stays', `${OK}Content-Length: -5\r\n\r\nabc`, 'failure protocol'],
  'a length in hexadecimal': ['stays', `${OK}Content-Length: 0x3\r\n\r\nabc`, 'failure protocol'],
  'no length in the length': ['stays', `${OK}Content-Length:\r\n\r\nabc`, 'failure protocol'],
  'a length beyond all numbers': [
    'stays',
    `${OK}Content-Length: 99999999999999999999999999\r\n\r\nabc`,
    'failure protocol',
  ],
  'no number of a chunk': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
    'failure protocol 200',
  ],
  'no number of a chunk, and no line': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\nzz`,
    'failure protocol 200',
  ],
  'a chunk of no number at all': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n`,
    'failure protocol 200',
  ],
  'a chunk below zero': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n`,
    'failure protocol 200',
  ],
  'a chunk with a prefix': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`,
    'failure protocol 200',
  ],
  'a chunk beyond all numbers': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc`,
    'failure protocol 200',
  ],
  'a chunk longer than its number': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n`,
    'failure protocol 200',
  ],
  'chunks with bare line feeds': [
    'stays',
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n`,
    'failure protocol 200',
  ],
  // What nobody has asked for.
  '100': [
    'stays',
    Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), sized('x')]),
    'failure reset',
  ],
  '101': ['stays', 'HTTP/1.1 101 Switching\r\nUpgrade: ws\r\nConnection: Upgrade\r\n\r\n', 'failure reset'],
};

function say(socket: Socket, way: Way, bytes: Buffer): void {
  if (way === 'ends') socket.end(bytes);
  else if (way === 'resets') {
    // Once the bytes are with the client: a reset overtakes what is still on its way.
    if (bytes.length === 0) socket.resetAndDestroy();
    else socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 50));
  } else if (way === 'stays') socket.write(bytes);
  else {
    let at = 0;
    const next = (): void => {
      if (at === bytes.length || socket.destroyed) return;
      socket.write(bytes.subarray(at, ++at), () => setImmediate(next));
    };
    next();
  }
}

/** More at once would have to wait for each other, and for time limits. */
const AT_ONCE = 12;

const answers = suite('answers of all kinds, to both clients');

answers('the same outcome of each', { timeout: 60_000 }, async () => {
  const names = Object.keys(ANSWERS);
  const server = await RawServer.start((socket, path) => {
    const [way, bytes] = ANSWERS[names[Number(path.slice(1))]!]!;
    socket.setNoDelay(true);
    say(socket, way, Buffer.from(bytes));
  });
  const settings = settingsWith({ maxBody: 200_000, maxInflated: 250_000 });
  const wrong: string[] = [];
  const one = async (name: string, index: number): Promise<void> => {
    const url = `${server.url}${index}`;
    const [theirs, ours] = await Promise.all([byGreenlet(url, settings), bySelect(url, settings)]);
    const expected = ANSWERS[name]![2];
    if (short(ours) !== expected || short(theirs) !== expected) {
      wrong.push(
        `${name}: ${short(ours)} here, ${short(theirs)} there, ${expected} expected: ${JSON.stringify(ours)}`,
      );
    } else assert.equal(essence(ours), essence(theirs), name);
  };
  for (let from = 0; from < names.length; from += AT_ONCE) {
    await Promise.all(names.slice(from, from + AT_ONCE).map((name, index) => one(name, from + index)));
  }
  await server.stop();
  assert.equal(wrong, []);
});

answers('what only announces an answer, without end, is no answer', async () => {
  const server = await RawServer.start((socket) => {
    const flood = setInterval(
      () => socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(3000)),
      20,
    );
    socket.once('close', () => clearInterval(flood));
  });
  const settings = settingsWith({ timeouts: { connect: 5000, headers: 300, idle: 5000, total: 5000 } });
  const [theirs, ours] = await Promise.all([
    byGreenlet(server.url, settings),
    bySelect(server.url, settings),
  ]);
  await server.stop();
  assert.equal([short(ours), short(theirs)], ['failure timeout_headers', 'failure timeout_headers']);
});

answers.run();
