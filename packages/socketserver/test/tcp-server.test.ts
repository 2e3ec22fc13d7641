/** TCPServer, GreenletTCPServer and UnixStreamServer: S01-S09, N01, N02 and what else of CPython's test_socketserver applies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, connect, Event, type Greenlet, joinall, type Socket, spawn } from '@switchyard/gevent';
import { type Coroutine, sleep, until } from '@switchyard/hub';
import { type Address, DefaultSelector, EVENT_READ, OSError, RuntimeError } from '@switchyard/select';
import { certificate, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  BaseRequestHandler,
  GreenletTCPServer,
  type Hook,
  StreamRequestHandler,
  TCPServer,
  UnixStreamServer,
} from '../src/index.ts';
import { AsyncEcho, Echo, Orders, Steps } from './handlers.ts';
import { ask, askSecretly, LOCAL, reported, serving, tell, thrown } from './support.ts';

const test = suite('TCPServer');

for (const Server of [TCPServer, GreenletTCPServer]) {
  for (const Handler of [Echo, AsyncEcho]) {
    test(`S01, N01: ${Server.name} with ${Handler.name}: three clients, and closed`, function* () {
      const server = new Server(LOCAL, Handler);
      yield* serving(server, function* () {
        const [host, port] = server.serverAddress as [string, number];
        assert.is(host, '127.0.0.1');
        assert.ok(port > 0);
        assert.equal(server.socket!.getsockname(), server.serverAddress);
        for (const line of ['one', 'two', 'three']) assert.is(yield* ask(server.serverAddress, line), line);
      });
      assert.is(server.fileno(), -1);
      assert.is((yield* thrown(() => connect(server.serverAddress))).code, 'ECONNREFUSED');
    });
  }
}

test('one after the other, or all at a time', function* () {
  yield* serving(new TCPServer(LOCAL, Orders), function* (server) {
    using first = yield* connect(server.serverAddress);
    assert.is(yield* tell(first, 'here'), 'here');
    using second = yield* connect(server.serverAddress);
    yield* second.sendall('there\n');
    assert.is((yield* thrown(() => second.readline({ timeout: 30 }))).name, 'TimeoutError');
    first.close();
    assert.is(yield* second.readline({ encoding: 'utf8', timeout: 5000 }), 'there\n');
  });
  yield* serving(new GreenletTCPServer(LOCAL, Orders), function* (server) {
    using first = yield* connect(server.serverAddress);
    using second = yield* connect(server.serverAddress);
    assert.is(yield* tell(second, 'there'), 'there');
    assert.is(yield* tell(first, 'here'), 'here');
  });
});

test('500 connections at a time, none lost', function* () {
  for (const Server of [TCPServer, GreenletTCPServer]) {
    yield* serving(new Server(LOCAL, Echo), function* (server) {
      const clients = Array.from({ length: 500 }, (_, n) => spawn(ask, server.serverAddress, `line ${n}`));
      yield* joinall(clients, { raiseError: true });
      assert.equal(
        clients.map(({ value }) => value),
        clients.map((_, n) => `line ${n}`),
      );
    });
  }
});

test('S03: closed without having served', function* () {
  const server = new TCPServer(LOCAL, Echo);
  void server.serverClose();
  assert.is(server.fileno(), -1);
  assert.instance(yield* thrown(() => server.serveForever()), RuntimeError);

  const other = new TCPServer(LOCAL, Echo);
  yield* other.start();
  assert.ok(other.fileno() >= 0);
  yield* other.serverClose();
  assert.is(other.fileno(), -1);
  yield* other.serverClose();
});

test('using closes it, await using shuts it down', function* () {
  let kept: TCPServer;
  {
    using server = new TCPServer(LOCAL, Echo);
    kept = server;
    yield* server.start();
    assert.ok(server.fileno() >= 0);
  }
  assert.is(kept.fileno(), -1);
  const ended = until(
    (async () => {
      await using server = new GreenletTCPServer(LOCAL, Echo, { grace: 0 });
      const loop = spawn(() => server.serveForever());
      await server.start();
      return [loop];
    })(),
  );
  yield* (yield* ended)[0]!;
});

test('an address that cannot be had is told to whoever starts it', function* () {
  const taken = createServer();
  yield* until(new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve)));
  const { port } = taken.address() as { port: number };
  for (const verb of ['start', 'serveForever', 'handleRequest'] as const) {
    const server = new TCPServer(['127.0.0.1', port], Echo);
    const error = yield* thrown(() => server[verb]());
    assert.instance(error, OSError);
    assert.is(error.code, 'EADDRINUSE');
    assert.is(server.fileno(), -1);
  }
  taken.close();
});

test('what cannot be an address, a handler, an option', function* () {
  assert.throws(
    () => new TCPServer('/tmp/x', Echo),
    /^TypeError|Expected an address such as \['127.0.0.1', 8000\]/,
  );
  assert.throws(() => new TCPServer(['127.0.0.1', 70_000], Echo), /Expected a port from 0 to 65535/);
  assert.throws(() => new TCPServer(LOCAL, {} as never), /Expected a class of request handlers/);
  assert.throws(
    () => new TCPServer(LOCAL, Echo, { requestQueueSize: 0 }),
    /requestQueueSize of TCPServer, got 0/,
  );
  assert.throws(() => new TCPServer(LOCAL, Echo, { grace: -1 }), /the grace of TCPServer, got -1/);
  assert.throws(() => new UnixStreamServer(LOCAL, Echo), /Expected the path of a Unix socket/);
});

test('fields of a subclass count, as its bind begins later', function* () {
  class Small extends TCPServer {
    override requestQueueSize = 7;
    override timeout: number | null = 0;
  }
  using server = new Small(LOCAL, Echo);
  yield* server.start();
  assert.is(server.requestQueueSize, 7);
  yield* server.handleRequest();
});

test('bindAndActivate: false, and the hooks of binding', function* () {
  const steps: string[] = [];
  class Told extends TCPServer {
    override *serverBind(): Coroutine {
      yield* super.serverBind();
      steps.push(`bound ${typeof this.serverAddress[1]}`);
    }
    override async serverActivate(): Promise<void> {
      steps.push('active');
    }
  }
  const server = new Told(LOCAL, Echo, { bindAndActivate: false });
  yield* sleep(1);
  assert.equal([steps, server.fileno()], [[], -1]);
  yield* serving(server, function* () {
    assert.equal(steps, ['bound number', 'active']);
    assert.is(yield* ask(server.serverAddress, 'hi'), 'hi');
  });
});

test('S05: verifyRequest says no: shut down once, and not handled', function* () {
  const seen: string[] = [];
  class Picky extends TCPServer {
    override *verifyRequest(_request: Socket, clientAddress: Address): Coroutine<boolean> {
      yield* sleep(0);
      seen.push(`verify ${clientAddress[0]}`);
      return false;
    }
    override shutdownRequest(request: Socket): Hook<void> {
      seen.push('shutdown');
      return super.shutdownRequest(request);
    }
  }
  yield* serving(new Picky(LOCAL, Echo), function* (server) {
    using client = yield* connect(server.serverAddress);
    assert.is((yield* client.recv(10, { timeout: 5000 })).length, 0);
  });
  assert.equal(seen, ['verify 127.0.0.1', 'shutdown']);
});

test('S07: no request is kept when it has ended', function* () {
  class Counted extends GreenletTCPServer {
    get kept(): number {
      return this.services.size;
    }
  }
  yield* serving(new Counted(LOCAL, Echo), function* (server) {
    for (let n = 0; n < 10; n++) yield* ask(server.serverAddress, 'x');
    while (server.kept > 0) yield* sleep(1);
  });
});

test('S09: handleRequest waits for the timeout, or handles one', function* () {
  let timeouts = 0;
  class Impatient extends TCPServer {
    override handleTimeout(): void {
      timeouts++;
    }
  }
  using server = new Impatient(LOCAL, Echo, { timeout: 20 });
  yield* server.handleRequest();
  assert.is(timeouts, 1);
  server.timeout = 5000;
  const client = spawn(ask, server.serverAddress, 'one');
  yield* server.handleRequest();
  assert.equal([yield* client, timeouts], ['one', 1]);
});

test('a handler that throws ends its own connection, and is reported with the address', function* () {
  for (const Server of [TCPServer, GreenletTCPServer]) {
    let client = '';
    const errors = yield* reported(function* () {
      yield* serving(new Server(LOCAL, Orders), function* (server) {
        using bad = yield* connect(server.serverAddress);
        client = bad.getsockname().slice(0, 2).toString();
        assert.is(yield* tell(bad, 'throw it went wrong'), '');
        assert.is(yield* ask(server.serverAddress, 'next'), 'next');
      });
    });
    assert.is(errors.length, 1);
    assert.equal([errors[0]!.name, errors[0]!.clientAddress.toString()], ['RequestError', client]);
    assert.match(errors[0]!.message, `request from ${client.replace(',', ':')}`);
    assert.equal((errors[0]!.cause as Error).message, 'it went wrong');
  }
});

test('handleError, serviceActions: overridden; what handleError throws is reported, and the server goes on', function* () {
  const seen: unknown[] = [];
  let actions = 0;
  class Own extends TCPServer {
    override async handleError(_request: Socket, clientAddress: Address, error: unknown): Promise<void> {
      await Promise.resolve();
      seen.push([clientAddress[0], (error as Error).message]);
    }
    override serviceActions(): void {
      actions++;
    }
  }
  yield* serving(new Own(LOCAL, Orders), function* (server) {
    yield* ask(server.serverAddress, 'throw one');
    yield* ask(server.serverAddress, 'throw two');
    while (seen.length < 2) yield* sleep(1);
    while (actions < 2) yield* sleep(1);
  });
  assert.equal(seen, [
    ['127.0.0.1', 'one'],
    ['127.0.0.1', 'two'],
  ]);
});

test('setup, handle, finish, in any form; finish also when handle has failed', function* () {
  const shared: string[] = [];
  const errors = yield* reported(function* () {
    yield* serving(new TCPServer(LOCAL, Steps, { shared }), function* (server) {
      assert.is(yield* ask(server.serverAddress, 'x'), '');
    });
  });
  assert.equal(shared, ['setup', 'handle', 'finish']);
  assert.is((errors[0]!.cause as Error).message, 'in handle');
});

test('wfile keeps what wbufsize says until the end; timeout limits each wait', function* () {
  class Kept extends StreamRequestHandler {
    override wbufsize = 1000;
    override timeout: number | null = 20;
    override *handle(): Coroutine {
      yield* this.wfile.write('a');
      yield* this.wfile.write('b');
      assert.is(this.wfile.buffered, 2);
      assert.is(this.connection.gettimeout(), 20);
      yield* this.rfile.readline();
    }
  }
  const errors = yield* reported(function* () {
    yield* serving(new GreenletTCPServer(LOCAL, Kept), function* (server) {
      using client = yield* connect(server.serverAddress);
      assert.is(String(yield* client.recvExactly(2, { timeout: 5000 })), 'ab');
    });
  });
  assert.is((errors[0]!.cause as Error).name, 'TimeoutError');
});

test('N02: shutdown always stops it: 20 servers, right after their start', function* () {
  for (let n = 0; n < 20; n++) {
    const server = new (n % 2 === 0 ? TCPServer : GreenletTCPServer)(LOCAL, Echo);
    const loop = spawn(() => server.serveForever({ pollInterval: 60_000 }));
    if (n % 4 < 2) yield* server.start();
    yield* server.shutdown();
    yield* loop;
    yield* server.serverClose();
  }
});

test('it can serve again after a shutdown, but not twice at a time', function* () {
  using server = new TCPServer(LOCAL, Echo);
  for (let n = 0; n < 2; n++) {
    const loop = spawn(() => server.serveForever());
    yield* server.start();
    assert.is(yield* ask(server.serverAddress, 'again'), 'again');
    assert.match((yield* thrown(() => server.serveForever())).message, 'serves already');
    yield* server.shutdown();
    yield* loop;
  }
});

test('shutdown lets handlers end within the grace, kills the others, and cleanup may wait', function* () {
  for (const Server of [TCPServer, GreenletTCPServer]) {
    const server = new Server(LOCAL, Orders);
    const loop = spawn(() => server.serveForever());
    yield* server.start();
    using client = yield* connect(server.serverAddress);
    assert.is(yield* tell(client, 'wait'), 'waiting');
    yield* server.shutdown({ grace: 10 });
    assert.is(yield* client.readline({ encoding: 'utf8', timeout: 5000 }), 'killed\n');
    yield* loop;

    const again = spawn(() => server.serveForever());
    const slow = spawn(function* () {
      using other = yield* connect(server.serverAddress);
      assert.is(yield* tell(other, 'first'), 'first');
      yield* sleep(20);
      return yield* tell(other, 'second');
    });
    while (!(yield* probe(slow))) yield* sleep(1);
    yield* server.shutdown({ grace: null });
    assert.is(yield* slow, 'second');
    yield* again;
    yield* server.serverClose();
  }
  function* probe(greenlet: Greenlet<unknown>): Coroutine<boolean> {
    yield* sleep(5);
    return greenlet.started;
  }
});

test('a handler may shut its own server down: in a generator, in async code', function* () {
  class Stop extends BaseRequestHandler {
    override *handle(): Coroutine {
      yield* this.request.readline();
      yield* (this.server as TCPServer).shutdown({ grace: null });
      yield* this.request.sendall('stopped\n');
    }
  }
  class AsyncStop extends BaseRequestHandler {
    override async handle(): Promise<void> {
      await this.request.readline();
      await (this.server as TCPServer).shutdown({ grace: null });
      await this.request.sendall('stopped\n');
    }
  }
  for (const Server of [TCPServer, GreenletTCPServer]) {
    for (const Handler of [Stop, AsyncStop]) {
      using server = new Server(LOCAL, Handler);
      const loop = spawn(() => server.serveForever());
      yield* server.start();
      assert.is(yield* ask(server.serverAddress, 'x'), 'stopped');
      yield* loop;
    }
  }
});

test('a handler that does not end when it is killed does not keep the server', function* () {
  const end = new Event();
  class Stubborn extends BaseRequestHandler {
    override *handle(): Coroutine {
      while (!end.isSet()) {
        try {
          yield* end.wait();
        } catch {
          // Goes on.
        }
      }
    }
  }
  using server = new TCPServer(LOCAL, Stubborn);
  const loop = spawn(() => server.serveForever());
  yield* server.start();
  using client = yield* connect(server.serverAddress);
  yield* sleep(5);
  yield* server.shutdown({ grace: 0 });
  yield* loop;
  assert.is((yield* client.recv(1, { timeout: 5000 })).length, 0);
  end.set();
});

test('when the one who serves is killed, so is the handler that it waits for', function* () {
  using server = new TCPServer(LOCAL, Orders);
  const loop = spawn(() => server.serveForever());
  yield* server.start();
  using client = yield* connect(server.serverAddress);
  assert.is(yield* tell(client, 'wait'), 'waiting');
  yield* loop.kill();
  assert.is(yield* client.readline({ encoding: 'utf8', timeout: 5000 }), 'killed\n');
});

test('a server can be watched by a selector', function* () {
  using server = new TCPServer(LOCAL, Echo);
  yield* server.start();
  const selector = new DefaultSelector<unknown, TCPServer>();
  selector.register(server, EVENT_READ);
  const client = spawn(ask, server.serverAddress, 'seen');
  const [ready] = yield* selector.select(5000);
  assert.is(ready![0].fileobj, server);
  yield* all([server.handleRequest(), client]);
  selector.close();
});

test('UnixStreamServer', function* () {
  const folder = mkdtempSync(join(tmpdir(), 'socketserver-'));
  const path = join(folder, 'echo.sock');
  try {
    yield* serving(new UnixStreamServer(path, Orders), function* (server) {
      assert.is(server.serverAddress, path);
      assert.is(yield* ask(path, 'hello'), 'hello');
      assert.is(yield* ask(path, 'client'), '');
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('TLS', function* () {
  yield* serving(new GreenletTCPServer(LOCAL, Echo, { tls: certificate }), function* (server) {
    // One that speaks no TLS is in nobody's way.
    using plain = yield* connect(server.serverAddress);
    yield* plain.sendall('what is this\n');
    assert.is(yield* until(askSecretly(server.serverAddress)), 'secret\n');
  });
});

test.run();
