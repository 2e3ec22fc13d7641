/** Cooperative sockets: limits, sending, connecting, files. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AF_INET,
  BlockingIOError,
  ConnectionRefusedError,
  OSError,
  SHUT_WR,
  TimeoutError,
} from '@switchyard/select';
import { ConcurrentObjectUseError } from '@switchyard/hub';
import {
  connect,
  GreenletExit,
  listen,
  Socket,
  socket,
  socketpair,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '../src/index.ts';
import { thrownBy } from './support.ts';
import { errorOf, pair, drip } from './socket-support.ts';

const test = suite('Socket');

test(
  'timeouts: of the socket, of one operation, none; the socket can be used on',
  pair(function* (near, far) {
    near.settimeout(3);
    assert.is(near.gettimeout(), 3);
    const error = yield* errorOf(near.recv());
    assert.instance(error, TimeoutError);
    assert.instance(error, OSError);
    assert.instance(error, socket.timeout);
    assert.is(error.code, 'ETIMEDOUT');
    assert.match(error.message, /Socket\.recv of socket \d+ was not done within 3 ms/);
    const patient = spawn(() => near.recv(10, { timeout: null }));
    yield* sleep(10);
    yield* far.sendall('x');
    assert.is(String(yield* patient), 'x');
    assert.instance(yield* errorOf(near.readline({ timeout: 1 })), TimeoutError);
    near.settimeout(0);
    assert.instance(yield* errorOf(near.recv()), BlockingIOError);
    assert.instance(yield* errorOf(near.readline()), BlockingIOError);
    near.settimeout(null);
    assert.is(near.gettimeout(), null);
    yield* far.sendall('y\n');
    assert.is(String(yield* near.readline()), 'y\n');
  }),
);

test(
  'the limit of a line is for all of it, however many pieces come',
  pair(function* (near, far) {
    const dripping = spawn(drip, far, ...Array.from({ length: 26 }, () => 'x'));
    assert.instance(yield* errorOf(near.readline({ timeout: 15 })), TimeoutError);
    yield* dripping.kill();
  }),
);

test(
  'sendall waits for room; its limit; who is killed lets the next one send',
  pair(function* (near, far) {
    const big = Buffer.alloc(20_000_000, 'x');
    assert.instance(yield* errorOf(near.sendall(big, { timeout: 5 })), TimeoutError);
    const stuck = spawn(() => near.sendall(big));
    yield* sleep(1);
    assert.is(stuck.ready(), false);
    const other = yield* errorOf(near.sendall('y'));
    assert.instance(other, ConcurrentObjectUseError);
    assert.match(other.message, 'one at a time may send');
    yield* stuck.kill();
    near.settimeout(0);
    assert.instance(yield* errorOf(near.sendall(big)), BlockingIOError);
    near.settimeout(null);
    const drain = spawn(function* () {
      let last = '';
      for (;;) {
        const bytes = yield* far.recv();
        if (bytes.length === 0) return last;
        last = String(bytes.subarray(-3));
      }
    });
    yield* near.sendall('end');
    near.shutdown(SHUT_WR);
    assert.is(yield* drain, 'end');
  }),
);

test(
  'what has been sent may be changed at once; unless it is not to be copied',
  pair(function* (near, far) {
    const bytes = Buffer.from('first');
    yield* near.sendall(bytes);
    bytes.fill('x');
    assert.is(String(yield* far.recvExactly(5)), 'first');
    assert.is(near.copies, true);
    near.copies = false;
    yield* near.sendall(bytes);
    assert.is(String(yield* far.recvExactly(5)), 'xxxxx');
  }),
);

for (const [kind, size] of [
  ['some', 100],
  ['much', 50_000],
  ['more than the kernel takes', 8_000_000],
] as const) {
  test(
    `${kind} of it that is changed after it was sent arrives as it was`,
    pair(function* (near, far) {
      const bytes = Buffer.alloc(size);
      const rounds = 3;
      const receiving = spawn(() => far.recvExactly(size * rounds));
      for (let round = 1; round <= rounds; round++) {
        bytes.fill(round);
        yield* near.sendall(bytes);
      }
      bytes.fill(0);
      const got = yield* receiving;
      for (let round = 0; round < rounds; round++) {
        const part = got.subarray(round * size, (round + 1) * size);
        assert.is(part.equals(Buffer.alloc(size, round + 1)), true);
      }
    }),
  );
}

test('closed while the kernel has not taken all: EBADF at once', function* () {
  const [near, far] = yield* socketpair();
  // Fills what the kernel takes, and then some.
  near.copies = false;
  const rest = near.makefile('wb', { buffering: 0 });
  yield* withTimeout(5, () => rest.write(Buffer.alloc(8_000_000)), { value: 0 });
  yield* far.recvExactly(65_536);
  near.copies = true;
  const sending = spawn(() => errorOf(near.sendall(Buffer.alloc(5000))));
  yield* sleep(2);
  assert.is(sending.ready(), false);
  near.close();
  assert.is((yield* sending).code, 'EBADF');
  far.close();
});

test('a connection that breaks while the kernel has not taken all tells why', function* () {
  const [near, far] = yield* socketpair();
  const sending = spawn(() => errorOf(near.sendall(Buffer.alloc(8_000_000))));
  yield* far.recvExactly(100_000);
  yield* sleep(2);
  assert.is(sending.ready(), false);
  // With something unread, a close is a reset.
  far.close();
  assert.ok(['ECONNRESET', 'EPIPE'].includes((yield* sending).code));
  near.close();
});

test(
  'one reader at a time, and one writer beside it',
  pair(function* (near, far) {
    const reader = spawn(() => near.recv());
    yield* sleep(0);
    for (const second of [near.recv(), near.readline(), near.recvExactly(1)]) {
      const error = yield* errorOf(second);
      assert.instance(error, ConcurrentObjectUseError);
      assert.match(error.message, /while another greenlet waits for Socket\.recv of socket \d+/);
    }
    yield* near.sendall('out');
    assert.is(String(yield* far.recv()), 'out');
    yield* far.sendall('in');
    assert.is(String(yield* reader), 'in');
  }),
);

test('closed by another: who waits gets EBADF, and so does who comes later', function* () {
  const [near, far] = yield* socketpair();
  const reader = spawn(() => errorOf(near.readline()));
  const writer = spawn(() => errorOf(near.sendall(Buffer.alloc(20_000_000))));
  yield* sleep(1);
  near.close();
  assert.equal([(yield* reader).code, (yield* writer).code], ['EBADF', 'EBADF']);
  for (const late of [near.recv(), near.readline(), near.recvExactly(1), near.sendall('x')]) {
    assert.is((yield* errorOf(late)).code, 'EBADF');
  }
  assert.equal([near.closed, near.fileno()], [true, -1]);
  near.close();
  far.close();
});

test('a reset: what came before it, the error once, then the end', function* () {
  using listener = yield* listen(['127.0.0.1', 0]);
  const client = yield* connect(listener.getsockname());
  using near = (yield* listener.accept())[0];
  yield* client.sendall('before\npart');
  yield* sleep(5);
  assert.is(String(yield* near.readline()), 'before\n');
  yield* near.sendall('never read');
  yield* sleep(5);
  // With something unread, the close is a reset.
  client.close();
  const waiting = yield* errorOf(near.readline());
  assert.instance(waiting, socket.error);
  assert.is(waiting.code, 'ECONNRESET');
  assert.is(String(yield* near.recv()), 'part');
  assert.is((yield* near.recv()).length, 0);
  assert.is((yield* errorOf(near.sendall('x'))).code, 'EPIPE');
});

test('connect: refused, a name without an address, a limit, the address to come from', function* () {
  const listener = yield* listen(['127.0.0.1', 0]);
  const address = listener.getsockname();
  {
    using client = yield* connect(address, { localAddress: ['127.0.0.2', 0], timeout: 5000 });
    const [near, peer] = yield* listener.accept();
    assert.is(peer[0], '127.0.0.2');
    assert.equal(client.getpeername(), address);
    assert.equal(near.getpeername(), client.getsockname());
    assert.is(client.gettimeout(), null, 'the limit is for connecting');
    near.close();
  }
  listener.close();
  assert.instance(yield* errorOf(connect(address)), ConnectionRefusedError);
  const unconnected = new Socket(AF_INET);
  assert.instance(yield* errorOf(unconnected.connect(address)), ConnectionRefusedError);
  unconnected.close();
  assert.instance(yield* errorOf(connect(['no-such-host.invalid', 1])), socket.gaierror);
});

test('a Socket by hand: bind, listen, accept, connect', function* () {
  using listener = new Socket();
  listener.bind(['127.0.0.1', 0]);
  yield* listener.listen(10);
  assert.instance(yield* errorOf(listener.accept({ timeout: 2 })), TimeoutError);
  assert.instance(yield* errorOf(listener.accept({ timeout: 0 })), BlockingIOError);
  const accepting = spawn(function* () {
    return { connection: (yield* listener.accept())[0] };
  });
  yield* sleep(0);
  assert.instance(yield* errorOf(listener.accept()), ConcurrentObjectUseError);
  using client = new Socket();
  yield* client.connect(listener.getsockname(), { timeout: 5000 });
  using connection = (yield* accepting).connection;
  yield* connection.sendall('hi');
  assert.is(String(yield* client.recv()), 'hi');
  assert.is(client.family, AF_INET);
});

test('an accept that is killed loses no connection', function* () {
  using listener = yield* listen(['127.0.0.1', 0]);
  const accepting = spawn(() => listener.accept());
  yield* sleep(0);
  using _client = yield* connect(listener.getsockname());
  yield* accepting.kill();
  if (accepting.value instanceof GreenletExit) {
    using _near = (yield* listener.accept({ timeout: 5000 }))[0];
  } else (accepting.value as unknown as [Socket])[0].close();
});

test(
  'makefile: read, readline, iteration; and recv goes on behind it',
  pair(function* (near, far) {
    const rfile = near.makefile('rb');
    yield* far.sendall('one\ntwo\n12345rest');
    assert.is(String(yield* rfile.readline()), 'one\n');
    assert.is(String(yield* near.readline()), 'two\n');
    assert.is(String(yield* rfile.read(5)), '12345');
    assert.is(String(yield* rfile.read1(2)), 're');
    assert.is(String(yield* near.recv()), 'st');
    yield* far.sendall('the end');
    far.shutdown(SHUT_WR);
    assert.is(String(yield* rfile.read()), 'the end');
    assert.is((yield* rfile.read()).length, 0);
    assert.instance(
      thrownBy(() => near.makefile('a' as never)),
      TypeError,
    );
  }),
);

test('a file to read is iterated by lines', async () => {
  const [near, far] = await socketpair();
  await far.sendall('a\nb\n');
  far.close();
  const lines: unknown[] = [];
  for await (const line of near.makefile('r', { encoding: 'utf8' })) lines.push(line);
  assert.equal(lines, ['a\n', 'b\n']);
  near.close();
});

test(
  'makefile to write: kept until it is flushed or full; what is not sent stays',
  pair(function* (near, far) {
    const wfile = near.makefile('wb', { buffering: 10 });
    const bytes = Buffer.from('abc');
    assert.is(yield* wfile.write(bytes), 3);
    bytes.fill('x');
    yield* wfile.writelines(['d', 'e']);
    assert.is(wfile.buffered, 5);
    assert.instance(yield* errorOf(far.recv(1, { timeout: 2 })), TimeoutError);
    yield* wfile.flush();
    assert.is(String(yield* far.recv()), 'abcde');
    yield* wfile.write('0123456789!');
    assert.is(wfile.buffered, 0);
    assert.is(String(yield* far.recv()), '0123456789!');

    // Killed in the middle: the rest is sent by the next flush, and nothing twice.
    const data = Buffer.alloc(12_000_000);
    for (let at = 0; at < data.length; at++) data[at] = at % 251;
    assert.is(yield* withTimeout(3, () => wfile.write(data), { value: 'late' }), 'late');
    assert.ok(wfile.buffered > 0 && wfile.buffered < data.length);
    const receiving = spawn(() => far.recvExactly(data.length));
    yield* wfile.close();
    assert.is((yield* receiving).equals(data), true);
    assert.is(wfile.closed, true);
    assert.instance(yield* errorOf(wfile.write('x')), RangeError);
    assert.is(near.closed, false);
    const direct = near.makefile('wb', { buffering: 0 });
    yield* direct.write('now');
    assert.is(String(yield* far.recv()), 'now');
  }),
);

test(
  'what cannot be is refused with the line to write',
  pair(function* (near) {
    const cases: [() => unknown, string][] = [
      [() => near.recv(-1), 'Expected a whole number of bytes from 0 up for recv, got -1'],
      [() => near.recvExactly(1.5), 'Expected a whole number of bytes from 0 up for recvExactly, got 1.5'],
      [() => near.sendall(5 as never), 'Expected bytes or a string for sendall, got 5'],
      [
        () => near.readline({ limit: 0 }),
        'Expected a whole number of bytes from 1 up, or null, as the limit of Socket.readline, got 0',
      ],
      [() => near.readuntil(''), 'Expected a separator of at least one byte for Socket.readuntil, got none'],
      [
        () => near.lines({ encoding: 'utf9' as never }).next(),
        'Expected an encoding such as \'utf8\' for Socket.lines, got "utf9"',
      ],
    ];
    for (const [action, message] of cases) assert.is(thrownBy(action).message, message);
  }),
);

test('a Timeout of the greenlet passes as itself', function* () {
  const [near, far] = yield* socketpair();
  const error = yield* errorOf(function* () {
    using _limit = Timeout.start(3);
    yield* near.recv();
  });
  assert.instance(error, Timeout);
  near.close();
  far.close();
});

test.run();
