/** 500 connections at a time under each server, none lost. */
import { connect, type Coroutine, joinall, spawn } from '@switchyard/gevent';
import {
  BaseRequestHandler,
  ForkingTCPServer,
  GreenletTCPServer,
  register,
  TCPServer,
  ThreadingTCPServer,
} from '@switchyard/socketserver';
import { isMain } from '@switchyard/threading';

export class Square extends BaseRequestHandler {
  override async handle(): Promise<void> {
    const n = Number(await this.request.readline());
    await this.request.sendall(`${n * n}\n`);
  }
}
register(import.meta, Square);

if (isMain(import.meta)) {
  for (const Server of [TCPServer, GreenletTCPServer, ThreadingTCPServer, ForkingTCPServer]) {
    await using server = new Server(['127.0.0.1', 0], Square, { maxChildren: 2 });
    spawn(() => server.serveForever());
    await server.start();

    const right = function* (n: number): Coroutine<boolean> {
      using client = yield* connect(server.serverAddress);
      yield* client.sendall(`${n}\n`);
      return Number(yield* client.readline()) === n * n;
    };
    const clients = Array.from({ length: 500 }, (_, n) => spawn(right, n));
    await joinall(clients, { raiseError: true });
    console.log(Server.name, clients.filter(({ value }) => value === true).length);
  }
}

// Output:
// TCPServer 500
// GreenletTCPServer 500
// ThreadingTCPServer 500
// ForkingTCPServer 500
