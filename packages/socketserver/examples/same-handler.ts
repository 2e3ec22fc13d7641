/** The same class of handlers under all four servers. Each says in which process and thread it ran. */
import { threadId } from 'node:worker_threads';
import { connect, type Coroutine, joinall, spawn } from '@switchyard/gevent';
import {
  ForkingTCPServer,
  GreenletTCPServer,
  register,
  StreamRequestHandler,
  TCPServer,
  ThreadingTCPServer,
} from '@switchyard/socketserver';
import { isMain } from '@switchyard/threading';

export class Who extends StreamRequestHandler {
  override *handle(): Coroutine {
    const name = yield* this.rfile.readline({ encoding: 'utf8' });
    yield* this.wfile.write(`${process.pid} ${threadId} ${name}`);
  }
}
register(import.meta, Who);

if (isMain(import.meta)) {
  for (const Server of [TCPServer, GreenletTCPServer, ThreadingTCPServer, ForkingTCPServer]) {
    await using server = new Server(['127.0.0.1', 0], Who, { maxChildren: 2 });
    spawn(() => server.serveForever());
    await server.start();

    const ask = function* (n: number): Coroutine<string[]> {
      using client = yield* connect(server.serverAddress);
      yield* client.sendall(`client ${n}\n`);
      return (yield* client.readline({ encoding: 'utf8' })).trim().split(' ');
    };
    const clients = Array.from({ length: 20 }, (_, n) => spawn(ask, n));
    await joinall(clients, { raiseError: true });
    const answers = await Promise.all(clients);
    const here = answers.every(([pid]) => Number(pid) === process.pid);
    const places = new Set(answers.map(([pid, thread]) => `${pid} ${thread}`));
    console.log(
      `${Server.name}: ${answers.length} answers from ${places.size} of`,
      here ? 'this process' : 'its children',
    );
  }
}

// Output:
// TCPServer: 20 answers from 1 of this process
// GreenletTCPServer: 20 answers from 1 of this process
// ThreadingTCPServer: 20 answers from 2 of this process
// ForkingTCPServer: 20 answers from 2 of its children
