/** A process that dies takes its own connections along. The server says so, with the client's address, and goes on. */
import { connect, type Coroutine, Event, spawn } from '@switchyard/gevent';
import { ForkingTCPServer, register, StreamRequestHandler } from '@switchyard/socketserver';
import { isMain } from '@switchyard/threading';

export class Careless extends StreamRequestHandler {
  override *handle(): Coroutine {
    const line = yield* this.rfile.readline({ encoding: 'utf8' });
    if (line === 'crash\n') process.exit(3);
    yield* this.wfile.write(line);
  }
}
register(import.meta, Careless);

class Told extends ForkingTCPServer {
  readonly died = new Event();

  override handleError(_request: unknown, [host]: readonly unknown[] | string, error: unknown): void {
    console.log(`a request from ${String(host)}: ${(error as Error).message}`);
    this.died.set();
  }
}

if (isMain(import.meta)) {
  await using server = new Told(['127.0.0.1', 0], Careless, { maxChildren: 1 });
  spawn(() => server.serveForever());
  await server.start();

  const ask = function* (line: string): Coroutine<string> {
    using client = yield* connect(server.serverAddress);
    yield* client.sendall(line);
    return (yield* client.readline({ encoding: 'utf8' })).trim();
  };
  await spawn(ask, 'crash\n').join();
  await server.died.wait();
  console.log(await spawn(ask, 'and the next one\n'));
}

// Output:
// a request from 127.0.0.1: Told-1 exited with code 3
// and the next one
