/** Run against the packed package: one handler under all servers, in real threads and processes, from plain JavaScript. */
import assert from 'node:assert/strict';
import { connect, datagram, spawn } from '@switchyard/gevent';
import {
  DatagramRequestHandler,
  ForkingTCPServer,
  GreenletTCPServer,
  register,
  StreamRequestHandler,
  TCPServer,
  ThreadingTCPServer,
  UDPServer,
} from '@switchyard/socketserver';
import { isMain } from '@switchyard/threading';

export class Upper extends StreamRequestHandler {
  async handle() {
    const line = await this.rfile.readline({ encoding: 'utf8' });
    await this.wfile.write(`${process.pid} ${line.toUpperCase()}`);
  }
}
register(import.meta, Upper);

class Answer extends DatagramRequestHandler {
  *handle() {
    yield* this.wfile.write(yield* this.rfile.read());
  }
}

if (isMain(import.meta)) {
  for (const Server of [TCPServer, GreenletTCPServer, ThreadingTCPServer, ForkingTCPServer]) {
    const server = new Server(['127.0.0.1', 0], Upper, { maxChildren: 1 });
    const loop = spawn(() => server.serveForever());
    await server.start();
    for (const line of ['one', 'two']) {
      const client = await connect(server.serverAddress);
      await client.sendall(`${line}\n`);
      const [pid, answer] = (await client.readline({ encoding: 'utf8' })).trim().split(' ');
      assert.equal(answer, line.toUpperCase());
      assert.equal(Number(pid) === process.pid, Server !== ForkingTCPServer);
      client.close();
    }
    await server.shutdown();
    await loop;
    await server.serverClose();
    assert.equal(server.fileno(), -1);
  }

  const server = new UDPServer(['127.0.0.1', 0], Answer);
  const one = spawn(() => server.handleRequest());
  await server.start();
  const client = await datagram(['127.0.0.1', 0]);
  await client.sendto('hello', server.serverAddress);
  await one;
  assert.equal(String(await client.recv()), 'hello');
  client.close();
  await server.serverClose();
}
