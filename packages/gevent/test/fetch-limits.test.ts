import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Connections } from '../src/fetch/connections.ts';
import { BodyLimitError, FetchError, FetchTimeoutError } from '../src/fetch/errors.ts';
import { fetch } from '../src/fetch/fetch.ts';
import type { FetchInit } from '../src/fetch/options.ts';
import { deferred, failure, serve, serveRaw } from './fetch-server.ts';

const limits = suite('fetch limits');

/** Opens the head of a response and then sends a byte each 20 ms, for ever. */
const dripping = (head = 'HTTP/1.1 200 OK\r\n\r\n') =>
  serveRaw((socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
  });

async function textOf(url: string, init?: FetchInit): Promise<string> {
  return (await fetch(url, init)).text();
}

limits('a body that drips for ever ends at the total time, and not before', async () => {
  await using server = await dripping();
  const start = performance.now();

  const error = await failure(textOf(server.url, { timeouts: { total: 300, idle: 150 } }));
  const took = performance.now() - start;

  assert.instance(error, FetchTimeoutError);
  assert.is((error as FetchTimeoutError).phase, 'total');
  assert.is(error.code, 'ERR_FETCH_TOTAL_TIMEOUT');
  assert.match(error.message, `fetch failed: GET ${server.url}/: not complete within 300 ms`);
  assert.ok(took >= 295, `after ${took} ms`);
  await server.allClosed();
});

limits('headers that drip for ever end at the time for headers', async () => {
  await using server = await dripping('HTTP/1.1 200 OK\r\nX-Long: ');

  const error = await failure(fetch(server.url, { timeouts: { headers: 100 } }));

  assert.is((error as FetchTimeoutError).phase, 'headers');
  assert.is(error.code, 'UND_ERR_HEADERS_TIMEOUT');
  assert.match(error.message, 'no response headers within 100 ms');
  await server.allClosed();
});

limits('announcements by 1xx do not prolong the time for headers', async () => {
  await using server = await serveRaw((socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
  });

  const error = await failure(fetch(server.url, { timeouts: { headers: 100 } }));

  assert.is((error as FetchTimeoutError).phase, 'headers');
});

limits('a body that stalls ends at the idle time', async () => {
  await using server = await serve((_request, answer) => answer.write('some'));

  const error = await failure(textOf(server.url, { timeouts: { idle: 100 } }));

  assert.is((error as FetchTimeoutError).phase, 'idle');
  assert.is(error.code, 'UND_ERR_BODY_TIMEOUT');
  assert.match(error.message, 'no more of the body came for 100 ms');
  await server.allClosed();
});

limits('a connection that is not made ends at the time to connect', async () => {
  // A name server that does not answer.
  using connections = new Connections({ connect: { lookup: () => {} } });

  const error = await failure(fetch('http://silent.test/', { connections, timeouts: { connect: 100 } }));

  assert.is((error as FetchTimeoutError).phase, 'connect');
  assert.is(error.code, 'UND_ERR_CONNECT_TIMEOUT');
  assert.match(error.message, 'fetch failed: GET http://silent.test/: no connection within 100 ms');
  assert.is(connections.size, 0);
});

limits('a large body that nobody reads does not hold its connection for ever', async () => {
  await using server = await serve((_request, answer) => answer.end(Buffer.alloc(4_000_000)));

  const got = await fetch(server.url, { timeouts: { idle: 100 } });
  await server.allClosed();
  const error = await failure(got.text());

  assert.is((error as FetchTimeoutError).phase, 'idle');
  assert.match(error.message, 'nobody read the body, which has to wait, for 100 ms');
});

limits('a slow reader is not blamed for its body', async () => {
  await using server = await serve((_request, answer) => answer.end(Buffer.alloc(1_000_000)));

  const got = await fetch(server.url, { timeouts: { idle: 50 } });
  let size = 0;
  for await (const chunk of got.chunks()) {
    if (size === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    size += chunk.length;
  }

  assert.is(size, 1_000_000);
});

limits('maxBody counts what travels', async () => {
  await using server = await serve((_request, answer) => answer.end('12345'));
  await using endless = await serve((_request, answer) => {
    const more = (): unknown =>
      answer.destroyed || (answer.write(Buffer.alloc(65536)) ? setImmediate(more) : null);
    answer.on('drain', more);
    return more();
  });

  assert.is(await textOf(server.url, { maxBody: 5 }), '12345');
  const error = await failure(textOf(server.url, { maxBody: 4 }));
  assert.instance(error, BodyLimitError);
  assert.is(error.code, 'ERR_FETCH_BODY_LIMIT');
  assert.match(error.message, `GET ${server.url}/: the body has more than the 4 bytes of \`maxBody\``);
  assert.instance(await failure(textOf(endless.url, { maxBody: 1_000_000 })), BodyLimitError);
  await endless.allClosed();
});

limits('a signal aborts before, during the wait and in the body, with its reason', async () => {
  const arrived = deferred();
  await using server = await serve((request, answer) => {
    if (request.url === '/body') answer.write('part');
    arrived.resolve();
  });
  const reason = new Error('enough');

  assert.is(await failure(fetch(server.url, { signal: AbortSignal.abort(reason) })), reason);
  assert.is(server.connections, 0);

  const waiting = new AbortController();
  const head = failure(fetch(server.url, { signal: waiting.signal }));
  await arrived.promise;
  waiting.abort(reason);
  assert.is(await head, reason);

  const reading = new AbortController();
  const got = await fetch(`${server.url}/body`, { signal: reading.signal });
  const body = failure(got.text());
  reading.abort(reason);
  assert.is(await body, reason);
  await server.allClosed();
});

limits('a signal shared by many leaves no listeners behind', async () => {
  await using server = await serve((_request, answer) => answer.end('x'));
  const warnings: Error[] = [];
  const warned = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', warned);
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));

  await Promise.all(Array.from({ length: 50 }, () => textOf(server.url, { signal })));
  await new Promise(setImmediate);
  process.off('warning', warned);

  assert.is(listeners, 0);
  assert.equal(warnings, []);
});

const hostile: [string, string, string, boolean?][] = [
  ['a status below 100', 'HTTP/1.1 099 Hm\r\nContent-Length: 0\r\n\r\n', 'ERR_FETCH_INVALID_RESPONSE'],
  ['a banner of another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'ERR_FETCH_INVALID_RESPONSE'],
  ['no answer at all', '', 'UND_ERR_SOCKET', true],
  ['a status line and no more', 'HTTP/1.1 200 OK\r\nContent-Le', 'UND_ERR_SOCKET', true],
  [
    'too many headers',
    `HTTP/1.1 200 OK\r\n${'X-A: aaaaaaaa\r\n'.repeat(9000)}\r\n`,
    'UND_ERR_HEADERS_OVERFLOW',
  ],
  [
    'an upgrade nobody asked for',
    'HTTP/1.1 101 Yes\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    'UND_ERR_SOCKET',
  ],
  ['a continue nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n', 'UND_ERR_SOCKET'],
];

for (const [name, bytes, code, end] of hostile) {
  limits(`${name} is a FetchError`, async () => {
    await using server = await serveRaw((socket) => (end ? socket.end(bytes) : socket.write(bytes)));

    const error = await failure(fetch(server.url));

    assert.instance(error, FetchError);
    assert.is(error.code, code);
    assert.match(error.message, `fetch failed: GET ${server.url}/: `);
  });
}

const cutBodies: [string, string, string][] = [
  ['shorter than its Content-Length', 'Content-Length: 10\r\n\r\n12345', 'UND_ERR_SOCKET'],
  ['without its last chunk', 'Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n', 'UND_ERR_SOCKET'],
  ['with a chunk that is no chunk', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n', 'ERR_FETCH_INVALID_RESPONSE'],
];

for (const [name, rest, code] of cutBodies) {
  limits(`a body ${name} fails, and not the fetch`, async () => {
    await using server = await serveRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));

    const got = await fetch(server.url).then(
      (response) => response,
      (error: unknown) => error as FetchError,
    );

    // What came with the head in one piece may fail together with it.
    const error = got instanceof FetchError ? got : await failure(got.text());
    assert.instance(error, FetchError);
    assert.is(error.code, code);
  });
}

limits('a reset in the middle of a body fails it', async () => {
  const reset = deferred();
  await using server = await serveRaw(async (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome');
    await reset.promise;
    socket.resetAndDestroy();
  });

  const got = await fetch(server.url);
  const reading = failure(got.text());
  reset.resolve();
  const error = await reading;

  assert.instance(error, FetchError);
  assert.is(error.code, 'ECONNRESET');
});

limits('a body without a length ends with its connection', async () => {
  await using server = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));

  assert.is(await textOf(server.url), 'all of it');
});

limits('a status of 999 is a response', async () => {
  await using server = await serveRaw((socket) =>
    socket.end('HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok'),
  );

  const got = await fetch(server.url);

  assert.is(got.status, 999);
  assert.is(got.ok, false);
  assert.is(await got.text(), 'ok');
});

limits('an upload that is not read in time is held to the time for headers, a slow one is not', async () => {
  await using server = await serve(async (request, answer) => {
    let size = 0;
    for await (const chunk of request) size += (chunk as Buffer).length;
    answer.end(String(size));
  });
  async function* slow(): AsyncGenerator<string> {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      yield 'chunk';
    }
  }

  assert.is(await textOf(server.url, { method: 'POST', body: slow(), timeouts: { headers: 150 } }), '25');
});

limits('a dispatcher of undici can be used', async () => {
  const { Agent } = await import('undici');
  await using server = await serve((request, answer) => {
    if (request.url === '/') answer.end('through an agent');
  });
  const dispatcher = new Agent({ connections: 1 });

  assert.is(await textOf(server.url, { dispatcher }), 'through an agent');
  // The second one is in the agent's queue when it is given up, and costs the agent nothing.
  const first = failure(fetch(`${server.url}/hangs`, { dispatcher, timeouts: { total: 100 } }));
  const second = failure(fetch(server.url, { dispatcher, timeouts: { total: 50 } }));
  assert.is((await second).code, 'ERR_FETCH_TOTAL_TIMEOUT');
  assert.is((await first).code, 'ERR_FETCH_TOTAL_TIMEOUT');
  assert.is(await textOf(server.url, { dispatcher }), 'through an agent');
  await dispatcher.close();
});

limits.run();
