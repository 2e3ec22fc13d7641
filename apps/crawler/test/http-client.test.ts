import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, isIP, type LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Coroutine, sleep, spawn } from '@switchyard/gevent';
import { certificate, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import type { Arrival } from '../src/fetch/arrival.ts';
import { hostsOfSeed } from '../src/fetch/guard.ts';
import type { FetchSettings } from '../src/fetch/settings.ts';
import { Client } from '../src/http/client.ts';
import type { Failure } from '../src/outcome.ts';
import { byGreenlet, bySelect, essence, fetchAll, RawServer, settingsWith, short } from './http-clients.ts';

const { cert, key } = certificate;

const HTML = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';

/** Fetches one after the other with one client. */
function* inTurn(urls: readonly string[], settings: FetchSettings): Coroutine<(Arrival | Failure)[]> {
  const results: (Arrival | Failure)[] = [];
  const client = new Client(settings, (_job, result) => results.push(result));
  try {
    for (const [id, url] of urls.entries()) {
      client.start({ id, kind: 'page', url, attempt: 1 });
      while (client.underWay > 0) yield* client.turn();
    }
  } finally {
    client.close();
  }
  return results;
}

const kinds = (results: readonly (Arrival | Failure)[]): string[] =>
  results.map((result) => (result.type === 'failure' ? result.kind : String(result.status)));

const requests = suite('requests');

for (const [name, given] of Object.entries({
  'the usual one': {},
  'headers of the user': {
    headers: [
      ['X-Extra', ' yes '],
      ['Accept-Encoding', 'identity'],
      ['User-Agent', 'me'],
    ],
  },
  'the host that the user says': {
    headers: [
      ['Host', 'elsewhere.example'],
      ['Content-Length', '0'],
    ],
  },
  'no connection kept': { headers: [['Connection', 'close']] },
} satisfies Record<string, Partial<FetchSettings>>)) {
  requests(`byte for byte as with the Fetcher: ${name}`, async () => {
    const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 0\r\n\r\n`));
    const settings = settingsWith({ userAgent: 'them/1', ...given } as Partial<FetchSettings>);
    for (const kind of ['page', 'robots', 'sitemap'] as const) {
      const url = `${server.url}a/b?c=%20d`;
      assert.is(short(await byGreenlet(url, settings, kind)), short(await bySelect(url, settings, kind)));
      const [theirs, ours] = server.requests.splice(0);
      assert.is(ours, theirs);
    }
    await server.stop();
  });
}

requests('a header that cannot be sent fails the page, as with the Fetcher', async () => {
  const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 0\r\n\r\n`));
  for (const header of [
    ['X: y\r\nZ', 'a'],
    ['X', 'a\r\nZ: b'],
    ['Transfer-Encoding', 'chunked'],
  ] as const) {
    const settings = settingsWith({ headers: [header] });
    const [theirs, ours] = [await byGreenlet(server.url, settings), await bySelect(server.url, settings)];
    assert.equal([short(ours), short(theirs)], ['failure internal', 'failure internal']);
    assert.match((ours as Failure).message, 'header');
  }
  assert.equal(server.requests, []);
  await server.stop();
});

requests('one that is larger than what a socket takes at once', async () => {
  const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 1\r\n\r\nx`));
  const settings = settingsWith({ headers: [['X-Large', 'y'.repeat(300_000)]] });
  assert.equal(kinds(await spawn(inTurn, [server.url, server.url], settings)), ['200', '200']);
  assert.equal(
    [server.connections, server.requests.map(({ length }) => length > 300_000)],
    [1, [true, true]],
  );
  await server.stop();
});

requests.run();

const connections = suite('connections');

connections('one is used again, for one request at a time', async () => {
  const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 1\r\n\r\nx`));
  const urls = Array.from({ length: 5 }, () => server.url);
  assert.equal(kinds(await spawn(inTurn, urls, settingsWith())), Array(5).fill('200'));
  assert.equal([server.connections, server.requests.length], [1, 5]);
  await spawn(fetchAll, urls, settingsWith());
  assert.is(server.connections, 6, 'five at once are five connections');
  while (server.sockets.size > 0) await sleep(1);
  await server.stop();
});

for (const [name, head, expected] of [
  ['Connection: close', `${HTML}Connection: close\r\nContent-Length: 1\r\n\r\nx`, 3],
  ['Connection: x, Close', `${HTML}Connection: x, Close\r\nContent-Length: 1\r\n\r\nx`, 3],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', 3],
  ['HTTP/1.0 with keep-alive', 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx', 1],
  ['chunks', `${HTML}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`, 1],
  ['no body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 1],
  ['an error with a small body', 'HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nabcde', 1],
  [
    'a server that keeps it for a moment only',
    `${HTML}Keep-Alive: timeout=1\r\nContent-Length: 1\r\n\r\nx`,
    3,
  ],
  ['a server that keeps it for long', `${HTML}Keep-Alive: timeout=60\r\nContent-Length: 1\r\n\r\nx`, 1],
  ['more than was promised', `${HTML}Content-Length: 1\r\n\r\nxyz`, 3],
] as const) {
  connections(`how many are made for three requests: ${name}`, async () => {
    const server = await RawServer.start((socket) => socket.write(head));
    await spawn(inTurn, [server.url, server.url, server.url], settingsWith());
    const made = server.connections;
    await server.stop();
    assert.is(made, expected);
  });
}

connections(
  'one that the server closes when it is used again is no failure: the page is asked for once more',
  async () => {
    for (const ending of ['end', 'resetAndDestroy'] as const) {
      const server = await RawServer.start((socket) => {
        if (server.requests.length % 3 === 2) socket[ending]();
        else socket.write(`${HTML}Content-Length: 1\r\n\r\nx`);
      });
      assert.equal(kinds(await spawn(inTurn, [server.url, server.url], settingsWith())), ['200', '200']);
      assert.equal([server.connections, server.requests.length], [2, 3]);
      await server.stop();
    }
  },
);

connections('but of one that was new, or has begun to answer, it is', async () => {
  const server = await RawServer.start((socket) => {
    if (server.requests.length === 1) socket.write(`${HTML}Content-Length: 1\r\n\r\nx`);
    else socket.end(`${HTML}Content-Length: 5\r\n\r\nx`);
  });
  assert.equal(kinds(await spawn(inTurn, [server.url, server.url], settingsWith())), ['200', 'reset']);
  assert.is(server.requests.length, 2);
  await server.stop();
  const silent = await RawServer.start((socket) => socket.end());
  assert.equal(kinds(await spawn(inTurn, [silent.url], settingsWith())), ['reset']);
  assert.is(silent.requests.length, 1);
  await silent.stop();
});

connections('one that idles and hears something, or its end, is not used again', async () => {
  for (const last of ['surplus', '']) {
    const server = await RawServer.start((socket) => {
      socket.write(`${HTML}Content-Length: 1\r\n\r\nx`, () => setImmediate(() => socket.end(last)));
    });
    function* twice(): Coroutine<string[]> {
      const results: (Arrival | Failure)[] = [];
      const client = new Client(settingsWith(), (_job, result) => results.push(result));
      for (let id = 0; id < 2; id++) {
        client.start({ id, kind: 'page', url: server.url, attempt: 1 });
        while (client.underWay > 0 || server.sockets.size > 0) {
          const poke = setTimeout(() => client.wake(), 5);
          yield* client.turn();
          clearTimeout(poke);
        }
      }
      client.close();
      return kinds(results);
    }
    assert.equal(await spawn(twice), ['200', '200']);
    assert.equal([server.connections, server.requests.length], [2, 2]);
    await server.stop();
  }
});

connections('many at once are in flight at once', async () => {
  const server = await RawServer.start((socket) => {
    if (server.requests.length < 64) return;
    // The last of them has come: nothing was answered before.
    for (const each of server.sockets) each.write(`${HTML}Content-Length: 1\r\n\r\nx`);
    void socket;
  });
  const urls = Array.from({ length: 64 }, (_, index) => `${server.url}${index}`);
  assert.equal(kinds(await spawn(fetchAll, urls, settingsWith())), Array(64).fill('200'));
  assert.is(server.connections, 64);
  await server.stop();
});

// The server is at the IPv4 address only, and nobody at all is at the second one: it refuses, or never answers.
connections('a name has several addresses: the next one is tried when one fails', async () => {
  const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 1\r\n\r\nx`));
  const url = server.url.replace('127.0.0.1', 'several.example');
  const lookup =
    (...addresses: string[]): LookupFunction =>
    (_name, _options, callback) =>
      setImmediate(() =>
        callback(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        ),
      );
  function* visit(found: LookupFunction): Coroutine<string> {
    let kind = '';
    const client = new Client(settingsWith(), (_job, result) => (kind = kinds([result])[0]!));
    (client.guard as { lookup: LookupFunction }).lookup = found;
    try {
      client.start({ id: 0, kind: 'page', url, attempt: 1 });
      while (client.underWay > 0) yield* client.turn();
    } finally {
      client.close();
    }
    return kind;
  }
  assert.is(await spawn(visit, lookup('::1', '192.0.2.1', '127.0.0.1')), '200');
  assert.is(await spawn(visit, lookup('127.0.0.1', '::1')), '200');
  await server.stop();
  assert.is(await spawn(visit, lookup('127.0.0.1', '::1')), 'refused');
});

connections(
  'private addresses are refused, names that there are not, and ports where nobody is',
  async () => {
    const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 1\r\n\r\nx`));
    const { port } = new URL(server.url);
    const strict = settingsWith({ allowPrivate: false });
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
      const url = new URL(`http://${host}:${port}/`).href;
      assert.equal(essence(await bySelect(url, strict)), essence(await byGreenlet(url, strict)), host);
      assert.is(short(await bySelect(url, strict)), 'failure blocked_ssrf', host);
    }
    const allowed = settingsWith({
      allowPrivate: false,
      allowedHosts: hostsOfSeed(`http://localhost:${port}/`),
    });
    assert.is(short(await bySelect(`http://localhost:${port}/`, allowed)), 'answer 200 page');
    await server.stop();
    assert.is(short(await bySelect(server.url, settingsWith())), 'failure refused');
    assert.is(short(await bySelect(`https${server.url.slice(4)}`, settingsWith())), 'failure refused');
    assert.is(short(await bySelect('http://no-such-host.invalid/', settingsWith())), 'failure dns');
  },
);

connections.run();

const deadlines = suite('limits of time');

deadlines('each of them is kept', async () => {
  const mute = await RawServer.start((socket, path) => {
    if (path === '/stalls') socket.write(`${HTML}Content-Length: 9\r\n\r\nabc`);
    if (path === '/drips') {
      socket.write(`${HTML}Content-Length: 9999\r\n\r\n`);
      const drip = setInterval(() => socket.write('.'), 20);
      socket.once('close', () => clearInterval(drip));
    }
    if (path === '/drips-head') {
      const drip = setInterval(() => socket.write('.'), 20);
      socket.write('HTTP/1.1 200 OK\r\nX: ');
      socket.once('close', () => clearInterval(drip));
    }
  });
  const timeouts = { connect: 600, headers: 900, idle: 700, total: 1800 };
  const settings = settingsWith({ timeouts });
  // Nobody shakes hands there.
  const urls = [
    `https${mute.url.slice(4)}`,
    mute.url,
    `${mute.url}drips-head`,
    `${mute.url}stalls`,
    `${mute.url}drips`,
  ];
  const started = performance.now();
  const theirs = Promise.all(urls.map((url) => byGreenlet(url, settings)));
  const results = await spawn(fetchAll, urls, settings);
  assert.ok(performance.now() - started >= 1799);
  assert.equal(
    results.map((result) => (result as Failure).message),
    [
      'no connection within 600 ms',
      'no headers within 900 ms',
      'no headers within 900 ms',
      'no more of the body came for 700 ms',
      'not complete within 1800 ms',
    ],
  );
  assert.equal(
    kinds(results),
    ['connect', 'headers', 'headers', 'idle', 'total'].map((phase) => `timeout_${phase}`),
  );
  assert.equal(
    (await theirs).map(
      (outcome) => outcome.type === 'failure' && [outcome.kind, outcome.status, outcome.temporary],
    ),
    results.map((result) => result.type === 'failure' && [result.kind, result.status, result.temporary]),
  );
  while (mute.sockets.size > 0) await sleep(1);
  await mute.stop();
});

deadlines('what has come in time counts, however late the loop looks at it', async () => {
  const server = await RawServer.start((socket) => socket.write(`${HTML}Content-Length: 1\r\n\r\nx`));
  const settings = settingsWith({ timeouts: { connect: 5000, headers: 50, idle: 50, total: 50 } });
  function* late(): Coroutine<string[]> {
    const results: (Arrival | Failure)[] = [];
    const client = new Client(settings, (_job, result) => results.push(result));
    try {
      client.start({ id: 0, kind: 'page', url: server.url, attempt: 1 });
      // The answer comes while the loop is held up by something else.
      while (server.requests.length === 0) yield* client.turn();
      for (const end = performance.now() + 100; performance.now() < end;);
      yield* sleep(0);
      while (client.underWay > 0) yield* client.turn();
    } finally {
      client.close();
    }
    return kinds(results);
  }
  assert.equal(await spawn(late), ['200']);
  await server.stop();
});

deadlines.run();

const tls = suite('TLS');

tls('a certificate that nobody has signed is refused, one that is trusted is not', async () => {
  const server = createHttpsServer({ cert, key }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>safe</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `https://localhost:${port}/`;
  const [ours, theirs] = [await bySelect(url, settingsWith()), await byGreenlet(url, settingsWith())];
  assert.is(short(ours), 'failure tls');
  assert.equal(essence(ours), essence(theirs));
  assert.is(
    short(await bySelect(`http://localhost:${port}/`, settingsWith())),
    short(await byGreenlet(`http://localhost:${port}/`, settingsWith())),
  );

  const folder = await mkdtemp(join(tmpdir(), 'switchyard-tls-'));
  await writeFile(join(folder, 'ca.pem'), cert);
  const program = fileURLToPath(new URL('tls-visit.ts', import.meta.url));
  const hosts = ['localhost', '127.0.0.1'].map((host) => `https://${host}:${port}/`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...hosts], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
  });
  await rm(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  assert.equal(stdout, 'answer 200 page\nanswer 200 page\n');
});

tls('what is no TLS at all is refused', async () => {
  const server = createServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end('hello, this is no handshake\r\n'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const [ours, theirs] = [await bySelect(url, settingsWith()), await byGreenlet(url, settingsWith())];
  assert.is(short(ours), 'failure tls');
  assert.equal(essence(ours), essence(theirs));
  server.close();
  await once(server, 'close');
});

tls.run();
