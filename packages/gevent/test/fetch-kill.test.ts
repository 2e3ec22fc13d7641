import * as net from 'node:net';
import { suite } from '@switchyard/testing';
import { all, race, sleep, Timeout, withTimeout } from '@switchyard/hub';
import { GreenletExit } from '@switchyard/greenlet';
import * as assert from 'uvu/assert';
import { closeConnections, Connections } from '../src/fetch/connections.ts';
import { fetch } from '../src/fetch/fetch.ts';
import { spawn } from '../src/greenlet.ts';
import { deferred, failure, serve, serveRaw } from './fetch-server.ts';

const killing = suite('fetch and kill');

killing('a kill while it waits for the response closes the connection', async () => {
  const arrived = deferred();
  await using server = await serve(() => arrived.resolve());
  let cleaned = false;
  const greenlet = spawn(function* () {
    try {
      yield* fetch(server.url);
    } finally {
      cleaned = true;
    }
  });
  await arrived.promise;

  await greenlet.kill();

  assert.instance(greenlet.value, GreenletExit);
  assert.is(cleaned, true);
  await server.allClosed();
});

killing('a timeout passes as itself, and closes the connection', async () => {
  await using server = await serve(() => {});

  const error = await failure(
    withTimeout(50, function* () {
      yield* fetch(server.url);
    }),
  );

  assert.instance(error, Timeout);
  await server.allClosed();
});

killing('a kill in the middle of each reader closes the connection', async () => {
  for (const reader of ['text', 'chunks', 'using'] as const) {
    await using server = await serve((_request, answer) => answer.write('first part'));
    const reading = deferred();
    const greenlet = spawn(function* () {
      const response = yield* fetch(server.url);
      if (reader === 'using') {
        using got = response;
        reading.resolve();
        yield* sleep(60_000);
        yield* got.text();
      }
      if (reader === 'text') {
        reading.resolve();
        yield* response.text();
      }
      const chunks = response.chunks();
      yield* chunks.next();
      reading.resolve();
      yield* chunks.next();
    });
    await reading.promise;

    await greenlet.kill();

    await server.allClosed();
  }
});

killing('a kill while it connects destroys the socket', async () => {
  // A connector whose connection is never made, as with a host that does not answer.
  const connecting = deferred<net.Socket>();
  const connections = new Connections({
    connect: () => {
      const socket = new net.Socket();
      connecting.resolve(socket);
      return socket;
    },
  });
  const greenlet = spawn(function* () {
    yield* fetch('http://127.0.0.1:9/', { connections });
  });
  const socket = await connecting.promise;
  assert.is(connections.size, 1);

  await greenlet.kill();

  assert.is(socket.destroyed, true);
  assert.is(connections.size, 0);
});

killing('a kill while it waits for a free connection leaves the line, and nobody else', async () => {
  const held = deferred<() => void>();
  const urls: string[] = [];
  await using server = await serve((request, answer) => {
    urls.push(request.url!);
    if (request.url === '/first') held.resolve(() => answer.end('first'));
    else answer.end(request.url);
  });
  const connections = new Connections({ connections: 1 });
  const get = (path: string) =>
    spawn(function* () {
      const response = yield* fetch(server.url + path, { connections });
      return yield* response.text();
    });
  const first = get('/first');
  const release = await held.promise;
  const [second, third, fourth] = [get('/second'), get('/third'), get('/fourth')];
  await new Promise(setImmediate);

  await third.kill();
  release();

  assert.equal([await first, await second, await fourth], ['first', '/second', '/fourth']);
  assert.equal(urls, ['/first', '/second', '/fourth'], 'first come, first served');
  assert.is(server.connections, 1);
});

killing('the loser of a race is given up', async () => {
  await using server = await serve((request, answer) => {
    if (request.url === '/fast') answer.end('fast');
  });

  const [name, response] = await race({
    slow: fetch(`${server.url}/slow`),
    fast: fetch(`${server.url}/fast`),
  });

  assert.is(name, 'fast');
  assert.is(await response.text(), 'fast');
  while ((await server.open()) > 1) await new Promise(setImmediate);
});

killing('many at once, half of them killed', async () => {
  await using server = await serve(
    (_request, answer) => void setImmediate(() => answer.end('x'.repeat(4096))),
  );
  const connections = new Connections({ connections: 8 });
  const greenlets = Array.from({ length: 300 }, () =>
    spawn(function* () {
      const response = yield* fetch(server.url, { connections });
      return (yield* response.text()).length;
    }),
  );
  await greenlets[20];

  for (let i = 0; i < 300; i += 2) await greenlets[i]!.kill();
  const rest = await Promise.all(greenlets.filter((_, i) => i % 2 === 1).map(async (one) => one));

  assert.equal(new Set(rest), new Set([4096]));
  assert.ok(connections.size <= 8);
  assert.is(connections.idleSize, connections.size, 'each connection has come back');
  connections.close();
  assert.is(connections.size, 0);
});

const pool = suite('fetch connections');

pool('are used again, and no more than allowed', async () => {
  let most = 0;
  const held: (() => void)[] = [];
  await using server = await serve((_request, answer) => {
    held.push(() => answer.end('x'));
    most = Math.max(most, held.length);
    if (held.length === 3) for (const release of held.splice(0)) release();
  });
  using connections = new Connections({ connections: 3 });

  await all(Array.from({ length: 21 }, () => fetch(server.url, { connections })));

  assert.is(most, 3);
  assert.is(server.connections, 3);
});

pool('are the same for one fetch after the other, read or not', async () => {
  await using server = await serve((_request, answer) => answer.end('small'));

  for (let i = 0; i < 5; i++) {
    const response = await fetch(server.url);
    if (i % 2 === 0) await response.text();
    else await new Promise(setImmediate);
  }

  assert.is(server.connections, 1);
});

pool('that the server closes are forgotten', async () => {
  await using server = await serve((_request, answer) => {
    answer.setHeader('connection', 'close');
    answer.end('x');
  });
  using connections = new Connections();

  for (let i = 0; i < 3; i++) assert.is(await (await fetch(server.url, { connections })).text(), 'x');
  while (connections.size > 0) await new Promise(setImmediate);

  assert.is(server.connections, 3);
});

pool('that are idle for too long, or too many, are closed', async () => {
  await using one = await serve((_request, answer) => answer.end('x'));
  await using two = await serve((_request, answer) => answer.end('x'));
  using few = new Connections({ maxIdle: 1 });
  using brief = new Connections({ keepAlive: 50 });

  await (await fetch(one.url, { connections: few })).text();
  await (await fetch(two.url, { connections: few })).text();
  assert.is(few.idleSize, 1);
  await one.allClosed();
  assert.is(await two.open(), 1);

  await (await fetch(one.url, { connections: brief })).text();
  await one.allClosed();
  while (brief.size > 0) await new Promise(setImmediate);
});

pool('ask once more when the server had closed an idle one', async () => {
  // The server closes a connection at its second request, as one does whose keep-alive time runs out at that moment.
  const seen: string[] = [];
  const perSocket = new WeakMap<net.Socket, number>();
  await using server = await serveRaw((socket, request) => {
    const count = (perSocket.get(socket) ?? 0) + 1;
    perSocket.set(socket, count);
    seen.push(request.split(' ').slice(0, 2).join(' '));
    if (count > 1) socket.destroy();
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  using connections = new Connections();

  assert.is(await (await fetch(`${server.url}/1`, { connections })).text(), 'ok');
  assert.is(await (await fetch(`${server.url}/2`, { connections })).text(), 'ok');
  const posted = await failure(fetch(`${server.url}/3`, { connections, method: 'POST', body: 'once' }));

  assert.equal(seen, ['GET /1', 'GET /2', 'GET /2', 'POST /3']);
  assert.is(posted.code, 'UND_ERR_SOCKET', 'what may have done something is not repeated');
});

pool('do not ask once more on a connection that had not answered before', async () => {
  let requests = 0;
  await using server = await serveRaw((socket) => {
    requests++;
    socket.destroy();
  });

  assert.is((await failure(fetch(server.url))).code, 'UND_ERR_SOCKET');
  assert.is(requests, 1);
});

pool('keep working after a failure and after close()', async () => {
  await using server = await serve((request, answer) =>
    request.url === '/bad' ? request.socket.destroy() : answer.end('x'),
  );
  using connections = new Connections({ connections: 1 });

  for (const path of ['/good', '/bad', '/good', '/bad', '/good']) {
    const outcome = await fetch(server.url + path, { connections, method: 'POST' }).then(
      (response) => response.status,
      (error: { code: string }) => error.code,
    );
    assert.is(outcome, path === '/bad' ? 'UND_ERR_SOCKET' : 200);
  }
  connections.close();
  assert.is((await fetch(server.url, { connections })).status, 200);
});

pool('that all fetches share can be closed, and are opened anew', async () => {
  const held = deferred<() => void>();
  await using server = await serve((request, answer) => {
    if (request.url === '/slow') held.resolve(() => answer.end('slow'));
    else answer.end('x');
  });
  await (await fetch(server.url)).text();
  const slow = fetch(`${server.url}/slow`).then((response) => response.text());
  const finish = await held.promise;

  closeConnections();
  finish();

  assert.is(await slow, 'slow', 'what is under way is not disturbed');
  await server.allClosed();
  assert.is((await fetch(server.url)).status, 200);
});

pool('refuse options out of range', () => {
  assert.throws(
    () => new Connections({ connections: 0 }),
    'Expected `connections` to be a whole number from 1 up, got 0',
  );
  assert.throws(
    () => new Connections({ keepAlive: 1.5 }),
    'Expected `keepAlive` to be a whole number from 1 up, got 1.5',
  );
});

pool('can be looked at before a request goes through', async () => {
  const { buildConnector } = await import('undici');
  await using server = await serve((_request, answer) => answer.end('secret'));
  const connect = buildConnector({});
  using connections = new Connections({
    connect: (options, done) =>
      connect(options, (error, socket) => {
        if (error !== null) return done(error, null);
        if (socket.remoteAddress !== '127.0.0.1') return done(null, socket);
        socket.destroy();
        return done(new Error('a private address'), null);
      }),
  });

  const error = await failure(fetch(server.url, { connections }));

  assert.match(error.message, `fetch failed: GET ${server.url}/: a private address`);
});

killing.run();
pool.run();
