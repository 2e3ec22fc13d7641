/** ThreadingTCPServer and ForkingTCPServer: S01, N01, N02, and what threads and processes add to that. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, joinall, type Socket, spawn } from '@switchyard/gevent';
import { type Coroutine, sleep, until } from '@switchyard/hub';
import { TaskError } from '@switchyard/remote';
import type { Address } from '@switchyard/select';
import { certificate, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  ForkingTCPServer,
  ForkingUnixStreamServer,
  type RequestError,
  StreamRequestHandler,
  type ThreadingServerOptions,
  ThreadingTCPServer,
  ThreadingUnixStreamServer,
  type WorkerServer,
} from '../src/index.ts';
import { AsyncEcho, Echo, Orders } from './handlers.ts';
import { MainOnly } from './main-thread-only.ts';
import { ask, askSecretly, LOCAL, reported, seen, serving, tell, thrown } from './support.ts';

type Make = (
  Handler: ConstructorParameters<typeof ThreadingTCPServer>[1],
  options?: ThreadingServerOptions,
) => WorkerServer;

/** Where Node gives no connections to threads, the first two are the same. */
const kinds: [string, Make][] = [
  ['threads', (Handler, options) => new ThreadingTCPServer(LOCAL, Handler, { maxChildren: 2, ...options })],
  [
    'threads, relayed',
    (Handler, options) => new ThreadingTCPServer(LOCAL, Handler, { maxChildren: 2, ...options, relay: true }),
  ],
  ['processes', (Handler, options) => new ForkingTCPServer(LOCAL, Handler, { maxChildren: 2, ...options })],
];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** Whether this Node gives connections to threads; null where that is not known. */
const handsOver =
  process.platform === 'win32' || major === 25 ? null : major > 24 || (major === 24 && minor >= 21);

const PATTERN = Buffer.from(Array.from({ length: 2_000_000 }, (_, at) => at % 251));

for (const [kind, make] of kinds) {
  const test = suite(kind);

  test('S01, N01: lines echoed; who handles them; early bytes, large ones, the end; a handler that throws', function* () {
    const shared = { some: ['thing'] };
    let bad = '';
    const errors = yield* reported(function* () {
      yield* serving(make(Orders, { shared }), function* (server) {
        const { serverAddress } = server;
        assert.is(yield* ask(serverAddress, 'hello'), 'hello');
        using first = yield* connect(serverAddress);
        using second = yield* connect(serverAddress);
        const who = [yield* tell(first, 'who'), yield* tell(second, 'who')];
        assert.is.not(who[0], who[1]);
        for (const one of who) {
          const [pid, thread, name] = one.split(' ');
          assert.is(pid === String(process.pid), kind !== 'processes');
          assert.is(thread === '0', kind === 'processes');
          if (kind !== 'processes') assert.match(name!, /^ThreadingTCPServer-\d$/);
        }
        assert.is(yield* tell(first, 'peer'), first.getsockname().toString());
        const carrier = yield* tell(first, 'carrier');
        if (kind !== 'threads') assert.is(carrier, kind === 'processes' ? 'Socket' : 'RelayedStream');
        else if (handsOver !== null) assert.is(carrier, handsOver ? 'Socket' : 'RelayedStream');
        assert.is(yield* tell(first, 'client'), first.getsockname().toString());
        assert.is(yield* tell(first, 'own'), serverAddress.toString());
        assert.is(yield* tell(first, 'server'), `${String(serverAddress)} ${JSON.stringify(shared)}`);

        assert.is(yield* uploaded(serverAddress), `${PATTERN.length} 0`);
        yield* first.sendall('give 3000000\n');
        yield* sleep(20);
        assert.is((yield* first.recvExactly(3_000_000, { timeout: 10_000 })).length, 3_000_000);

        bad = second.getsockname().toString();
        assert.is(yield* tell(second, 'throw it went wrong'), '');
        assert.is(yield* tell(first, 'still here'), 'still here');
        while (seen().length === 0) yield* sleep(1);
      });
    });
    assert.is(errors.length, 1);
    assert.equal([errors[0]!.clientAddress.toString(), errors[0]!.name], [bad, 'RequestError']);
    assert.instance(errors[0]!.cause, RangeError);
    assert.equal((errors[0]!.cause as Error).message, 'it went wrong');
  });

  test('500 connections at a time, none lost; an async handler', function* () {
    yield* serving(make(AsyncEcho), function* ({ serverAddress }) {
      const clients = Array.from({ length: 500 }, (_, n) => spawn(ask, serverAddress, `line ${n}`));
      yield* joinall(clients, { raiseError: true });
      assert.equal(
        clients.map(({ value }) => value),
        clients.map((_, n) => `line ${n}`),
      );
    });
  });

  test('one that dies takes its own connections along; they are reported, and another takes its place', function* () {
    let dead = '';
    let errors: RequestError[] = [];
    yield* serving(make(Orders), function* (server) {
      const { serverAddress } = server;
      using doomed = yield* connect(serverAddress);
      using other = yield* connect(serverAddress);
      const before = yield* tell(doomed, 'who');
      assert.is.not(yield* tell(other, 'who'), before);
      dead = doomed.getsockname().toString();
      errors = yield* reported(function* () {
        yield* doomed.sendall('exit 3\n');
        yield* gone(doomed);
        while (seen().length === 0) yield* sleep(1);
      });
      assert.is(yield* tell(other, 'alive'), 'alive');
      // The new one has nothing to do, and gets the next connection when it is up.
      for (;;) {
        const [pid, thread] = (yield* ask(serverAddress, 'who')).split(' ');
        const [oldPid, oldThread] = before.split(' ');
        const [otherPid, otherThread] = (yield* tell(other, 'who')).split(' ');
        const isOther = pid === otherPid && thread === otherThread;
        assert.not(pid === oldPid && thread === oldThread);
        if (!isOther) break;
        yield* sleep(10);
      }
    });
    assert.is(errors.length, 1);
    assert.equal(errors[0]!.clientAddress.toString(), dead);
    assert.is((errors[0]!.cause as Error).name, 'WorkerError');
    assert.match((errors[0]!.cause as Error).message, /TCPServer-\d exited with code 3$/);
  });

  test('shutdown: handlers end within the grace, or are killed, and what they send in the end arrives', function* () {
    const server = make(Orders, { maxChildren: 1 });
    const loop = spawn(() => server.serveForever());
    yield* server.start();
    using waits = yield* connect(server.serverAddress);
    assert.is(yield* tell(waits, 'wait'), 'waiting');
    yield* server.shutdown({ grace: 10 });
    assert.is(yield* waits.readline({ encoding: 'utf8', timeout: 5000 }), 'killed\n');
    yield* loop;

    const again = spawn(() => server.serveForever());
    using ends = yield* connect(server.serverAddress);
    assert.is(yield* tell(ends, 'first'), 'first');
    const down = spawn(() => server.shutdown({ grace: null }));
    assert.is(yield* tell(ends, 'second'), 'second');
    ends.close();
    yield* down;
    yield* again;
    yield* server.serverClose();
  });

  test('N02: shutdown and close right after the start', function* () {
    const server = make(Echo, { maxChildren: 1 });
    const loop = spawn(() => server.serveForever());
    yield* server.shutdown();
    yield* server.serverClose();
    yield* loop.join();
    const other = make(Echo, { maxChildren: 1 });
    yield* other.serverClose();
  });

  test('TLS', function* () {
    yield* serving(make(Echo, { tls: certificate, maxChildren: 1 }), function* ({ serverAddress }) {
      using plain = yield* connect(serverAddress);
      yield* plain.sendall('what is this\n');
      assert.is(yield* until(askSecretly(serverAddress)), 'secret\n');
    });
  });

  test.run();
}

const test = suite('threads and processes');

test('a class that is not registered, a number that cannot be', function* () {
  class Unknown extends StreamRequestHandler {}
  for (const Server of [ThreadingTCPServer, ForkingTCPServer]) {
    assert.throws(
      () => new Server(LOCAL, Unknown),
      (error: Error) => error instanceof TaskError && /register\(import\.meta, Unknown\)/.test(error.message),
    );
    assert.throws(
      () => new Server(LOCAL, Echo, { maxChildren: 0 }),
      /the maxChildren of \w+TCPServer, got 0/,
    );
  }
});

test('what cannot be sent to threads is told to whoever starts the server', function* () {
  const server = new ThreadingTCPServer(LOCAL, Echo, { shared: () => 1 });
  const error = yield* thrown(() => server.serveForever());
  assert.is(error.name, 'CloneError');
  assert.match(error.message, 'options.shared');
  assert.is(server.fileno(), -1);
});

test('a handler whose module cannot be imported there is told to whoever starts the server', function* () {
  const server = new ThreadingTCPServer(LOCAL, MainOnly, { maxChildren: 2 });
  const error = yield* thrown(() => server.serveForever());
  assert.instance(error, RangeError);
  assert.is(error.message, 'not in a thread');
  assert.is(server.fileno(), -1);
});

test('at the path of a Unix socket', function* () {
  const folder = mkdtempSync(join(tmpdir(), 'socketserver-'));
  try {
    for (const Server of [ThreadingUnixStreamServer, ForkingUnixStreamServer]) {
      const path = join(folder, Server.name);
      yield* serving(new Server(path, Orders, { maxChildren: 1 }), function* () {
        assert.is(yield* ask(path, 'hello'), 'hello');
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();

/** Sends more than any buffer holds, while it is read late. */
function* uploaded(address: Address): Coroutine<string> {
  using client = yield* connect(address);
  yield* client.sendall(`count ${PATTERN.length}\n`);
  yield* client.sendall(PATTERN);
  return (yield* client.readline({ encoding: 'utf8', timeout: 10_000 })).trimEnd();
}

/** Waits for the end of a connection, however that is told. */
function* gone(client: Socket): Coroutine {
  try {
    assert.is((yield* client.recv(1, { timeout: 5000 })).length, 0);
  } catch (error) {
    assert.is((error as { code?: string }).code, 'ECONNRESET');
  }
}
