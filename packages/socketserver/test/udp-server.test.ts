/** UDPServer and DatagramRequestHandler. */
import { datagram, spawn } from '@switchyard/gevent';
import { type Coroutine, sleep } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  BaseRequestHandler,
  DatagramRequestHandler,
  type DatagramRequest,
  DatagramWriter,
  UDPServer,
} from '../src/index.ts';
import { LOCAL, reported, seen, serving, thrown } from './support.ts';

const test = suite('UDPServer');

class Upper extends DatagramRequestHandler {
  override *handle(): Coroutine {
    const line = yield* this.rfile.readline({ encoding: 'utf8' });
    if (line === 'throw\n') throw new RangeError('as told');
    yield* this.wfile.write(line.toUpperCase());
    const rest = yield* this.rfile.read();
    assert.is((yield* this.rfile.readline()).length, 0);
    yield* this.wfile.write(rest);
    yield* this.wfile.flush();
  }
}

class Plain extends BaseRequestHandler<DatagramRequest> {
  override async handle(): Promise<void> {
    const [packet, socket] = this.request;
    await socket.sendto(`${packet.length}`, this.clientAddress);
  }
}

test('messages answered one after the other, by files and without', function* () {
  using client = yield* datagram(['127.0.0.1', 0]);
  yield* serving(new UDPServer(LOCAL, Upper), function* (server) {
    for (const text of ['hello\nthere', 'again\n']) {
      yield* client.sendto(text, server.serverAddress);
      const [answer, from] = yield* client.recvfrom(100, { timeout: 5000 });
      assert.is(String(answer), text === 'again\n' ? 'AGAIN\n' : 'HELLO\nthere');
      assert.equal(from, server.serverAddress);
    }
  });
  yield* serving(new UDPServer(LOCAL, Plain, { maxPacketSize: 5 }), function* (server) {
    yield* client.sendto('more than five', server.serverAddress);
    assert.is(String(yield* client.recv(100, { timeout: 5000 })), '5');
  });
});

test('one that throws is reported, and the next is handled', function* () {
  using client = yield* datagram(['127.0.0.1', 0]);
  const errors = yield* reported(function* () {
    yield* serving(new UDPServer(LOCAL, Upper), function* (server) {
      yield* client.sendto('throw\n', server.serverAddress);
      while (seen().length === 0) yield* sleep(1);
      yield* client.sendto('fine', server.serverAddress);
      assert.is(String(yield* client.recv(100, { timeout: 5000 })), 'FINE');
    });
  });
  assert.equal(errors[0]!.clientAddress, client.getsockname());
});

test('handleRequest; shutdown; closed; an address that is taken', function* () {
  using client = yield* datagram(['127.0.0.1', 0]);
  const server = new UDPServer(LOCAL, Upper, { timeout: 5000 });
  yield* server.start();
  const { serverAddress } = server;
  const one = spawn(() => server.handleRequest());
  yield* client.sendto('one', serverAddress);
  yield* one;
  assert.is(String(yield* client.recv(100, { timeout: 5000 })), 'ONE');
  const loop = spawn(() => server.serveForever());
  yield* server.shutdown();
  yield* loop;
  const taken = new UDPServer(serverAddress, Upper);
  assert.is((yield* thrown(() => taken.start())).code, 'EADDRINUSE');
  yield* server.serverClose();
  assert.is(server.fileno(), -1);
});

test('what cannot be', () => {
  assert.throws(() => new UDPServer('/tmp/x', Upper), /Expected an address such as/);
  assert.throws(() => new UDPServer(LOCAL, Upper, { maxPacketSize: 0 }), /maxPacketSize of UDPServer, got 0/);
  assert.throws(() => new DatagramWriter().write(1 as never), /Expected bytes or a string for write, got 1/);
});

test.run();
