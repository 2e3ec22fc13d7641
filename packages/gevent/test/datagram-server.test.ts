/** DatagramServer and DatagramSocket. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Address, SO_RCVBUF, SOL_SOCKET, TimeoutError } from '@switchyard/select';
import {
  type Coroutine,
  datagram,
  DatagramServer,
  DatagramSocket,
  Event,
  GreenletExit,
  Pool,
  RuntimeError,
  sleep,
  spawn,
} from '../src/index.ts';
import { errorOf } from './socket-support.ts';
import { thrownBy, turn } from './support.ts';

const test = suite('DatagramServer');
const LOCAL: Address = ['127.0.0.1', 0];

test('answers from its own address; start, stop, and no second start', function* () {
  const server = new DatagramServer('127.0.0.1:0', function* (data, address) {
    yield* server.sendto(String(data).toUpperCase(), address);
  });
  assert.is((yield* errorOf(() => server.sendto('x', LOCAL) as never)).code, 'ENOTCONN');
  yield* server.start();
  assert.ok(server.serverPort! > 0);
  using client = yield* datagram(LOCAL);
  client.connect(server.address);
  yield* client.send('abc');
  assert.is(String(yield* client.recv()), 'ABC');
  yield* client.sendto('def', server.address);
  assert.equal(yield* client.recvfrom(), [Buffer.from('DEF'), server.address]);

  server.stopAccepting();
  yield* client.send('later');
  assert.instance(yield* errorOf(client.recv(10, { timeout: 10 })), TimeoutError);
  server.startAccepting();
  assert.is(String(yield* client.recv()), 'LATER');

  yield* server.stop();
  assert.equal([server.started, server.closed], [false, true]);
  assert.instance(
    thrownBy(() => server.start()),
    RuntimeError,
  );
});

test('a subclass; a pool that is full takes no message; what is left is killed', async () => {
  const gate = new Event();
  const log: string[] = [];
  class Logger extends DatagramServer {
    override *handle(data: Buffer): Coroutine {
      try {
        yield* gate.wait();
        log.push(String(data));
      } catch (error) {
        log.push(`${data} ${error instanceof GreenletExit}`);
        throw error;
      }
    }
  }
  const server = new Logger(0, null, { spawn: new Pool(1) });
  await server.start();
  const client = new DatagramSocket();
  const address: Address = ['127.0.0.1', server.serverPort!];
  for (const text of ['one', 'two', 'three']) await client.sendto(text, address);
  while (!server.full()) await turn();
  for (let turns = 0; turns < 10; turns++) await turn();
  assert.is(server.size, 1);
  gate.set();
  while (log.length < 3) await turn();
  assert.equal(log.splice(0), ['one', 'two', 'three']);
  gate.clear();
  await client.sendto('four', address);
  while (server.size === 0) await turn();
  await server.stop({ grace: 0 });
  assert.equal(log, ['four true']);
  client.close();
});

test('a socket that is bound; an address that is taken; a path is none', function* () {
  using bound = yield* datagram(LOCAL);
  const server = new DatagramServer(bound, (data, address) => server.sendto(data, address));
  yield* server.start();
  assert.equal(server.address, bound.getsockname());
  const taken = new DatagramServer(server.address, () => undefined);
  assert.is((yield* errorOf(taken.start())).code, 'EADDRINUSE');
  using client = new DatagramSocket();
  yield* client.sendto('x', server.address);
  assert.is(String(yield* client.recv()), 'x');
  yield* server.stop();
  assert.match(thrownBy(() => new DatagramServer('/tmp/x', () => undefined)).message, 'got the path /tmp/x');
});

test('limits, kills and a close: no message is lost', function* () {
  using near = yield* datagram(LOCAL);
  using far = yield* datagram(LOCAL);
  near.settimeout(2);
  assert.instance(yield* errorOf(near.recvfrom()), TimeoutError);
  assert.is(near.gettimeout(), 2);
  const killed = spawn(() => near.recv(10, { timeout: null }));
  yield* sleep(4);
  yield* killed.kill();
  const bytes = Buffer.from('kept');
  yield* far.sendto(bytes, near.getsockname());
  bytes.fill('x');
  assert.is(String(yield* near.recv(10, { timeout: 5000 })), 'kept');
  near.wire.setsockopt(SOL_SOCKET, SO_RCVBUF, 10_000);
  const waiting = spawn(() => errorOf(near.recv(10, { timeout: null })));
  yield* sleep(0);
  near.close();
  assert.is((yield* waiting).code, 'EBADF');
});

test.run();
