/** StreamServer: P40, listeners, handlers and their errors. */
import { mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  type Address,
  ConnectionRefusedError,
  createServer,
  OSError,
  TimeoutError,
} from '@switchyard/select';
import {
  connect,
  type Coroutine,
  GreenletExit,
  listen,
  RuntimeError,
  type Socket,
  sleep,
  spawn,
  StreamServer,
} from '../src/index.ts';
import { thrownBy, turn } from './support.ts';
import { errorOf, LOCAL, ask, echo, reports, serving } from './socket-support.ts';

const test = suite('StreamServer');

test('P40: served, not, served, refused', function* () {
  const server = new StreamServer(LOCAL, echo);
  assert.equal([server.started, server.closed, server.serverPort], [false, false, 0]);
  yield* server.start();
  assert.equal([server.started, server.closed, server.serverHost], [true, false, '127.0.0.1']);
  assert.ok(server.serverPort! > 0);
  assert.is(yield* ask(server), 'hello\n');

  server.stopAccepting();
  using waiting = yield* connect(server.address);
  yield* waiting.sendall('later\n');
  assert.instance(yield* errorOf(waiting.readline({ timeout: 20 })), TimeoutError);
  assert.is(server.size, 0);

  server.startAccepting();
  assert.is(yield* waiting.readline({ encoding: 'utf8', timeout: 5000 }), 'later\n');
  assert.is(yield* ask(server), 'hello\n');

  const { address } = server;
  const other = spawn(() => server.stop({ grace: 10 }));
  yield* other;
  assert.equal([server.started, server.closed, server.size], [false, true, 0]);
  assert.equal(server.address, address);
  assert.instance(yield* errorOf(connect(address)), ConnectionRefusedError);
  const again = thrownBy(() => server.start());
  assert.instance(again, RuntimeError);
  assert.match(again.message, 'has ended, and cannot start again: make another one');
  yield* server.stop();
});

test('start twice, stop twice, stop without a start, start and stop at once', function* () {
  const server = new StreamServer(LOCAL, echo);
  yield* server.start();
  yield* server.start();
  assert.is(yield* ask(server), 'hello\n');
  yield* server.stop();
  yield* server.stop();
  yield* new StreamServer(LOCAL, echo).stop();
  const hasty = new StreamServer(LOCAL, echo);
  const starting = hasty.start();
  const stopped = hasty.stop();
  assert.instance(yield* errorOf(starting), GreenletExit);
  yield* stopped;
  assert.is(hasty.closed, true);
});

test('listeners: a port, text, host and port, a path, IPv6, sockets that listen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gevent-'));
  const bare = net.createServer();
  await new Promise<void>((resolve) => void bare.listen(0, '127.0.0.1', resolve));
  const listeners = [
    0,
    '0',
    ':0',
    '*:0',
    '127.0.0.1:0',
    ['127.0.0.1', 0] as const,
    '[::1]:0',
    join(folder, 'socket'),
    await listen(LOCAL),
    await createServer(LOCAL),
    bare,
  ];
  try {
    for (const listener of listeners) {
      await using server = new StreamServer(listener, echo);
      await server.start();
      const { address } = server;
      const reached: Address =
        typeof address !== 'string' && address[0] === '0.0.0.0' ? ['127.0.0.1', address[1]] : address;
      const client = await connect(reached);
      await client.sendall('x\n');
      assert.is(String(await client.readline()), 'x\n');
      client.close();
      if (typeof address === 'string') assert.equal([server.serverHost, server.serverPort], [null, null]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what cannot be is refused', () => {
  for (const [listener, message] of [
    [null, 'got null'],
    [3.5, 'Expected a port from 0 to 65535 for StreamServer, got 3.5'],
    ['x:y', 'Expected a port from 0 to 65535 for StreamServer, got "x:y"'],
    [['a'], "Expected a port, 'host:port', [host, port], a path or a listening socket for StreamServer"],
  ] as const) {
    assert.match(thrownBy(() => new StreamServer(listener as never, echo)).message, message);
  }
  for (const [spawn, message] of [
    [0, 'Expected a whole number from 1 up as the spawn of StreamServer, got 0'],
    ['x', 'a Group or a function as the spawn of StreamServer, got "x"'],
  ] as const) {
    assert.match(thrownBy(() => new StreamServer(0, echo, { spawn: spawn as never })).message, message);
  }
  const error = thrownBy(() => new StreamServer(0));
  assert.instance(error, TypeError);
  assert.is(
    error.message,
    'Expected a function as the handle of StreamServer, or a subclass that defines handle, got neither',
  );
});

test('an address that is taken: start fails, once for all who wait, and the server has ended', function* () {
  using taken = yield* listen(LOCAL);
  const server = new StreamServer(taken.getsockname(), echo);
  const error = yield* errorOf(server.start());
  assert.instance(error, OSError);
  assert.is(error.code, 'EADDRINUSE');
  assert.is(server.closed, true);
  const forever = new StreamServer(taken.getsockname(), echo);
  assert.is((yield* errorOf(forever.serveForever())).code, 'EADDRINUSE');
});

test('an address that is taken is reported when nobody waits for the start', function* () {
  using taken = yield* listen(LOCAL);
  const server = new StreamServer(taken.getsockname(), echo);
  const found = yield* reports(function* () {
    void server.start();
    yield* server.stop();
    const other = new StreamServer(taken.getsockname(), echo);
    void other.start();
    yield* sleep(10);
  });
  assert.is(found.length, 1);
  assert.match(found[0]!, /^StreamServer 127\.0\.0\.1:\d+\.start: .*EADDRINUSE/);
});

test('a subclass with its own handle; async and plain handlers', async () => {
  class Upper extends StreamServer {
    served = 0;
    override *handle(socket: Socket, address: Address): Coroutine {
      this.served++;
      const line = yield* socket.readline({ encoding: 'utf8' });
      yield* socket.sendall(`${line.trim().toUpperCase()} from ${address[0]}\n`);
    }
  }
  await using upper = new Upper(LOCAL);
  await upper.start();
  assert.is(await spawn(ask, upper as StreamServer), 'HELLO from 127.0.0.1\n');
  assert.is(upper.served, 1);

  await using later = new StreamServer(LOCAL, async (socket) => {
    const line = await socket.readline();
    await turn();
    await socket.sendall(line);
  });
  await later.start();
  assert.is(await spawn(ask, later), 'hello\n');

  await using plain = new StreamServer(LOCAL, (socket) => socket.sendall('at once\n'));
  await plain.start();
  assert.is(await spawn(ask, plain), 'at once\n');
});

test(
  'the connection is closed when the handler ends',
  serving(
    () => undefined,
    function* (server) {
      using client = yield* connect(server.address);
      assert.is((yield* client.recv(1, { timeout: 5000 })).length, 0);
      assert.is(server.size, 0);
    },
  ),
);

test('an error closes its connection alone, and is reported once, with the address of the client', function* () {
  let name = '';
  const found = yield* reports(
    serving(
      function* (socket, address) {
        const line = yield* socket.readline({ encoding: 'utf8' });
        if (line === 'bad\n') {
          name = `${address[0]}:${address[1]}`;
          throw new Error('a bad line');
        }
        yield* socket.sendall(line);
      },
      function* (server) {
        using other = yield* connect(server.address);
        assert.is(yield* ask(server, 'bad\n'), '');
        assert.is(yield* ask(server, 'good\n'), 'good\n');
        yield* other.sendall('also\n');
        assert.is(String(yield* other.readline({ timeout: 5000 })), 'also\n');
      },
    ),
  );
  assert.is(found.length, 1);
  assert.match(found[0]!, new RegExp(`^StreamServer 127\\.0\\.0\\.1:\\d+ for ${name}: a bad line$`));
});

test.run();
