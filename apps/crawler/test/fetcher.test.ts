import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, createServer as createTcpServer } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { sleep, spawn } from '@switchyard/gevent';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { attempt } from '../src/attempt.ts';
import { Fetcher } from '../src/fetch/fetcher.ts';
import { AddressGuard, PrivateAddressError, hostsOfSeed } from '../src/fetch/guard.ts';
import { DEFAULT_FETCH, type FetchSettings } from '../src/fetch/settings.ts';
import type { JobKind } from '../src/job.ts';
import type { Outcome } from '../src/outcome.ts';

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A server that does with each connection what it is told, which need not be HTTP. */
async function serveRaw(connected: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    connected(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function get(
  url: string,
  given: Partial<FetchSettings> = {},
  kind: JobKind = 'page',
): Promise<Outcome> {
  const settings: FetchSettings = { ...DEFAULT_FETCH, allowPrivate: true, ...given };
  const fetcher = new Fetcher(settings);
  try {
    return await spawn(attempt, { id: 1, kind, url, attempt: 1 }, fetcher, settings);
  } finally {
    fetcher.close();
  }
}

/** `failure kind` or `answer status content`. */
function short(outcome: Outcome): string {
  return outcome.type === 'failure'
    ? `failure ${outcome.kind}`
    : `answer ${outcome.status} ${outcome.content.type}`;
}

const fetcher = suite('an attempt');

fetcher('a page, with everything that is known of it', async () => {
  const server = await serve((request, response) => {
    assert.is(request.headers['user-agent'], 'me/1');
    assert.is(request.headers['x-extra'], 'yes');
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-encoding': 'gzip',
      'x-robots-tag': 'nofollow',
    });
    response.end(gzipSync('<title>A</title><a href=/x>x</a>'));
  });
  const outcome = await get(server.url, { userAgent: 'me/1', headers: [['X-Extra', 'yes']] });
  await server.close();
  assert.is(short(outcome), 'answer 200 page');
  if (outcome.type !== 'answer' || outcome.content.type !== 'page') return;
  assert.equal(
    [outcome.content.title, outcome.content.links, outcome.content.nofollow],
    ['A', [], [`${server.url}x`]],
  );
  assert.is(outcome.bodyBytes, 32);
  assert.ok(outcome.timings.headers > 0);
});

fetcher('what the headers say is believed before a body is read', async () => {
  let closed = 0;
  const server = await serve((request, response) => {
    response.on('close', () => closed++);
    const big = Buffer.alloc(1024 * 1024);
    if (request.url === '/image')
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': big.length * 100 });
    else if (request.url === '/big')
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': big.length * 100 });
    else if (request.url === '/to')
      response.writeHead(302, { location: '/elsewhere', 'content-length': big.length * 100 });
    else response.writeHead(429, { 'retry-after': '7', 'content-length': big.length * 100 });
    response.write(big); // and never the rest
  });
  assert.is(short(await get(`${server.url}image`)), 'answer 200 foreign');
  assert.is(short(await get(`${server.url}big`)), 'failure too_large');
  const to = await get(`${server.url}to`);
  assert.equal([short(to), to.type === 'answer' && to.location], ['answer 302 none', '/elsewhere']);
  const slow = await get(`${server.url}slow`);
  assert.equal([short(slow), slow.type === 'answer' && slow.retryAfter], ['answer 429 none', '7']);
  while (closed < 4) await sleep(1); // each connection is given up, for all that is still to come on it
  await server.close();
});

fetcher('limits of a body, announced or not', async () => {
  const server = await serve((request, response) => {
    response.writeHead(200, {
      'content-type': 'text/html',
      ...(request.url === '/bomb' ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(request.url === '/bomb' ? gzipSync(Buffer.alloc(200_000)) : Buffer.alloc(200_000, 'x'));
  });
  assert.is(short(await get(server.url, { maxBody: 100_000 })), 'failure too_large');
  assert.is(short(await get(`${server.url}bomb`, { maxInflated: 100_000 })), 'failure bomb');
  assert.is(short(await get(server.url, { maxBody: 200_000 })), 'answer 200 page');
  await server.close();
});

fetcher('every limit of time is kept, also by a server that drips', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n';
  const timers: NodeJS.Timeout[] = [];
  const mute = await serveRaw(() => {});
  const stalling = await serveRaw((socket) => socket.write(`${head}abc`));
  const dripping = await serveRaw((socket) => {
    socket.write(head);
    timers.push(setInterval(() => socket.write('x'), 20));
  });
  const timeouts = { connect: 1000, headers: 150, idle: 150, total: 400 };
  assert.is(short(await get(mute.url, { timeouts })), 'failure timeout_headers');
  assert.is(short(await get(stalling.url, { timeouts })), 'failure timeout_idle');
  assert.is(short(await get(dripping.url, { timeouts })), 'failure timeout_total');
  for (const timer of timers) clearInterval(timer);
  await Promise.all([mute.close(), stalling.close(), dripping.close()]);
});

fetcher('servers that are no good are told apart', async () => {
  const answers: Record<string, string> = {
    'failure reset': '',
    'failure protocol': 'SSH-2.0-OpenSSH_9.9\r\n',
    'failure bad_encoding':
      'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain',
  };
  for (const [expected, answer] of Object.entries(answers)) {
    const server = await serveRaw((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const outcome = await get(server.url);
    await server.close();
    assert.is(short(outcome), expected);
    assert.is(outcome.type === 'failure' && outcome.temporary, expected === 'failure reset', expected);
  }
  const closed = await serve(() => {});
  await closed.close();
  assert.is(short(await get(closed.url)), 'failure refused');
  assert.is(short(await get('https' + closed.url.slice(4))), 'failure refused');
  assert.is(short(await get('http://no-such-host.invalid/')), 'failure dns');
  const plain = await serve((_, response) => response.end());
  assert.is(short(await get('https' + plain.url.slice(4))), 'failure tls');
  await plain.close();
});

fetcher('robots.txt and sitemaps are read whatever their type says', async () => {
  const server = await serve((request, response) => {
    response.setHeader('content-type', 'application/octet-stream');
    response.end(
      request.url === '/robots.txt' ? 'User-agent: *' : gzipSync('<urlset><url><loc>/a</loc></url></urlset>'),
    );
  });
  assert.is(short(await get(`${server.url}robots.txt`, {}, 'robots')), 'answer 200 robots');
  const map = await get(`${server.url}map.xml.gz`, {}, 'sitemap');
  assert.equal(map.type === 'answer' && map.content.type === 'sitemap' && map.content.urls, [
    `${server.url}a`,
  ]);
  await server.close();
});

fetcher.run();

const guard = suite('the address guard');

guard('private addresses are refused, except those that were typed', async () => {
  const server = await serve((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('x'),
  );
  const { port } = new URL(server.url);
  const strict = { allowPrivate: false };
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
    assert.is(
      short(await get(new URL(`http://${host}:${port}/`).href, strict)),
      'failure blocked_ssrf',
      host,
    );
  }
  assert.is(
    short(await get(server.url, { ...strict, allowedHosts: hostsOfSeed(server.url) })),
    'answer 200 page',
  );
  assert.is(
    short(await get(server.url, { ...strict, allowedHosts: hostsOfSeed('http://127.0.0.1:1/') })),
    'failure blocked_ssrf',
    'another port',
  );
  await server.close();
});

guard('a name that leads to a private address is refused in the look-up', async () => {
  const look = async (settings: { allowPrivate: boolean; allowedHosts: string[] }): Promise<Error | null> =>
    new Promise((resolve) => {
      new AddressGuard(settings).lookup('localhost', { all: true }, (error) => {
        resolve(error);
      });
    });
  assert.instance(await look({ allowPrivate: false, allowedHosts: [] }), PrivateAddressError);
  assert.is(await look({ allowPrivate: true, allowedHosts: [] }), null);
  assert.is(await look({ allowPrivate: false, allowedHosts: ['localhost:80'] }), null);
});

guard.run();
