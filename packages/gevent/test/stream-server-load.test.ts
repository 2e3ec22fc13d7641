/** StreamServer: pools, stopping, errors of accept, many connections, TLS. */
import * as net from 'node:net';
import { certificate, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import type { OSError } from '@switchyard/select';
import { ConnectionRefusedError, SHUT_WR } from '@switchyard/select';
import {
  connect,
  type Coroutine,
  Event,
  Greenlet,
  GreenletExit,
  Group,
  joinall,
  Pool,
  sleep,
  spawn,
  StreamServer,
  withTimeout,
} from '../src/index.ts';
import { rejection, turn } from './support.ts';
import { errorOf, LOCAL, ask, echo, reports, serving } from './socket-support.ts';

const { cert, key } = certificate;

const test = suite('StreamServer');

test('a pool: beyond it connections wait; one that ends lets in the next', async () => {
  for (const spawnOption of [2, new Pool(2)]) {
    const gate = new Event();
    let running = 0;
    let most = 0;
    await using server = new StreamServer(
      LOCAL,
      function* (socket) {
        most = Math.max(most, ++running);
        const line = yield* socket.readline();
        yield* gate.wait();
        running--;
        yield* socket.sendall(line);
      },
      { spawn: spawnOption },
    );
    await server.start();
    assert.is(server.full(), false);
    const clients = [1, 2, 3, 4, 5].map((n) => spawn(ask, server, `${n}\n`));
    while (running < 2) await turn();
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.equal([running, server.full(), server.pool?.size], [2, true, 2]);
    gate.set();
    await joinall(clients);
    assert.equal(
      clients.map((client) => client.value),
      ['1\n', '2\n', '3\n', '4\n', '5\n'],
    );
    assert.is(most, 2);
  }
});

test('a group, raw greenlets, and a function that starts them', async () => {
  const group = new Group();
  const started: Greenlet<unknown>[] = [];
  for (const option of [
    group,
    'raw',
    (body: () => Coroutine<unknown>) => {
      const greenlet = spawn(body) as Greenlet<unknown>;
      started.push(greenlet);
      return greenlet;
    },
    (body: () => Coroutine<unknown>) => Greenlet.spawnLater(1, body),
  ] as const) {
    await using server = new StreamServer(LOCAL, echo, { spawn: option });
    await server.start();
    assert.is(await spawn(ask, server), 'hello\n');
    const client = await connect(server.address);
    await client.sendall('x');
    assert.is(String(await client.recv()), 'x');
    if (option === 'raw') {
      await server.stop({ grace: 0 });
      await turn();
    } else await server.stop({ grace: 0 });
    assert.is((await client.recv(1, { timeout: 5000 })).length, 0, 'killed, or cut off');
    client.close();
  }
  assert.equal([group.size, started.length], [0, 2]);
  assert.match(started[0]!.name, /^StreamServer 127\.0\.0\.1:\d+ for 127\.0\.0\.1:\d+$/);
});

test('stop: nobody comes in, who is served goes on for the grace time, and is killed after it', async () => {
  const log: string[] = [];
  const server = new StreamServer(LOCAL, function* (socket) {
    try {
      const line = yield* socket.readline({ encoding: 'utf8' });
      yield* socket.sendall(line);
      log.push(`served ${line.trim()}`);
      yield* socket.readline();
    } catch (error) {
      log.push(error instanceof GreenletExit ? 'killed' : String(error));
      throw error;
    } finally {
      yield* sleep(5);
      log.push('cleaned');
    }
  });
  await server.start();
  const [quick, slow] = [await connect(server.address), await connect(server.address)];
  while (server.size < 2) await turn();
  const stopped = server.stop({ grace: null });
  assert.instance(await rejection(connect(server.address)), ConnectionRefusedError);
  await quick.sendall('in time\n');
  assert.is(String(await quick.readline()), 'in time\n');
  quick.shutdown(SHUT_WR);
  while (server.size > 1) await turn();
  await server.stop({ grace: 10 });
  await stopped;
  assert.equal(log, ['served in time', 'cleaned', 'killed', 'cleaned']);
  assert.is((await slow.recv()).length, 0);
  quick.close();
  slow.close();
});

test('stop once more, with less grace, kills sooner; a handler may stop its server', async () => {
  const server: StreamServer = new StreamServer(LOCAL, function* (socket) {
    if (String(yield* socket.readline()) === 'stop\n') yield* server.stop({ grace: null });
    yield* sleep(Infinity);
  });
  await server.start();
  const client = await connect(server.address);
  await client.sendall('stop\n');
  while (!server.closed) await turn();
  assert.is(await withTimeout(5, () => server.stop({ grace: null }), { value: 'waits' }), 'waits');
  await server.stop({ grace: 0 });
  assert.is((await client.recv()).length, 0);
  client.close();
});

test('serveForever ends with stop; killed, it stops the server', async () => {
  const server = new StreamServer(LOCAL, echo);
  const forever = spawn(() => server.serveForever());
  while (!server.started || server.serverPort === 0) await turn();
  assert.is(await spawn(ask, server), 'hello\n');
  await server.stop();
  await forever;
  assert.is(forever.successful(), true);

  const second = new StreamServer(LOCAL, echo);
  const killed = spawn(() => second.serveForever({ grace: 0 }));
  while (second.serverPort === 0) await turn();
  const client = await connect(second.address);
  await killed.kill();
  assert.equal([second.closed, second.size], [true, 0]);
  assert.is((await client.recv()).length, 0);
  client.close();
});

test('errors of accept: reported, and it goes on later; EBADF ends the server', function* () {
  const bare = net.createServer();
  const server = new StreamServer(bare.listen(0, '127.0.0.1'), echo, { minDelay: 1, maxDelay: 2 });
  const found = yield* reports(function* () {
    yield* server.start();
    for (let n = 0; n < 3; n++) {
      // As Node tells of it when there are no descriptors left.
      bare.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' }));
      yield* sleep(5);
    }
    assert.is(yield* ask(server), 'hello\n');
  });
  assert.is(found.length, 3);
  assert.match(found[0]!, /^StreamServer 127\.0\.0\.1:\d+: accept EMFILE \(EMFILE\)$/);
  const last = yield* reports(function* () {
    server.socket!.close();
    yield* server.serveForever();
  });
  assert.is(last.length, 1);
  assert.match(last[0]!, 'EBADF');
  assert.is(server.closed, true);
});

test('an error of what starts the handlers closes the connection, and the server goes on', function* () {
  let fails = true;
  const found = yield* reports(
    serving(
      echo,
      function* (server) {
        assert.is(yield* ask(server), '');
        fails = false;
        assert.is(yield* ask(server), 'hello\n');
      },
      {
        minDelay: 1,
        spawn: (body) => {
          if (fails) throw new Error('no more');
          return spawn(body);
        },
      },
    ),
  );
  assert.is(found.length, 1);
  assert.match(found[0]!, 'no more');
});

test(
  '500 connections at once',
  serving(echo, function* (server) {
    const gate = new Event();
    let there = 0;
    const clients = Array.from({ length: 500 }, (_, n) =>
      spawn(function* () {
        using client = yield* connect(server.address);
        if (++there === 500) gate.set();
        yield* gate.wait();
        yield* client.sendall(`client ${n}\n`);
        return yield* client.readline({ encoding: 'utf8' });
      }),
    );
    yield* joinall(clients, { raiseError: true });
    assert.equal(
      clients.map((client) => client.value),
      clients.map((_, n) => `client ${n}\n`),
    );
  }),
);

test(
  'a peer that floods does not hold up the others',
  serving(echo, function* (server) {
    const flood = spawn(function* () {
      using client = yield* connect(server.address);
      const reading = spawn(function* () {
        while ((yield* client.recv()).length > 0);
      });
      try {
        const data = Buffer.alloc(65_536);
        for (;;) yield* client.sendall(data);
      } finally {
        yield* reading.kill();
      }
    });
    using client = yield* connect(server.address);
    for (let n = 0; n < 100; n++) {
      yield* client.sendall('ping\n');
      assert.is(String(yield* client.readline({ timeout: 2000 })), 'ping\n');
    }
    yield* flood.kill();
  }),
);

test(
  'a client that resets, or is gone before it was accepted, does no harm',
  serving(
    function* (socket) {
      try {
        yield* socket.sendall(yield* socket.recv());
        yield* socket.recv();
      } catch (error) {
        assert.is((error as OSError).code, 'ECONNRESET');
      }
    },
    function* (server) {
      for (let n = 0; n < 20; n++) {
        const [host, port] = server.address as [string, number];
        const client = net.connect(port, host);
        yield* sleep(n % 3);
        client.on('error', () => {});
        client.resetAndDestroy();
      }
      const client = yield* connect(server.address);
      yield* client.sendall('x');
      yield* sleep(3);
      client.close();
      assert.is(yield* ask(server), 'hello\n');
      while (server.size > 0) yield* sleep(1);
    },
  ),
);

test(
  'TLS: lines there and back; who does not speak it does no harm',
  serving(
    function* (socket) {
      for (;;) {
        const line = yield* socket.readline();
        if (line.length === 0) return;
        yield* socket.sendall(line);
      }
    },
    function* (server) {
      const [host, port] = server.address as [string, number];
      const rude = net.connect(port, host, () => rude.write('GET / HTTP/1.0\r\n\r\n'));
      rude.on('error', () => {});
      using client = yield* connect(server.address, { tls: { ca: cert }, timeout: 5000 });
      yield* client.sendall('secret\n');
      assert.is(yield* client.readline({ encoding: 'utf8' }), 'secret\n');
      const long = Buffer.alloc(1_000_001, 'x').fill('\n', 1_000_000);
      const back = spawn(() => client.readline());
      yield* client.sendall(long);
      assert.is((yield* back).equals(long), true);
      const error = yield* errorOf(connect(server.address, { tls: {} }));
      assert.is(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
      rude.destroy();
    },
    { tls: { key, cert } },
  ),
);

test('handlers stand in the run info below their server, by the address of the client', async () => {
  let info = '';
  await using server = new StreamServer(LOCAL, function* (socket) {
    info = getHub().formatRunInfo();
    yield* socket.sendall(`${(yield* socket.readline()).length}\n`);
  });
  await server.start();
  assert.is(await spawn(ask, server), '6\n');
  assert.match(
    info,
    /StreamServer 127\.0\.0\.1:\d+ .*\n\s+StreamServer 127\.0\.0\.1:\d+ for 127\.0\.0\.1:\d+/,
  );
});

test.run();
