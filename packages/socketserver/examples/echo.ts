/** The threaded echo server in ten lines, and somebody who talks to it. */
import { connect, type Coroutine, spawn } from '@switchyard/gevent';
import { register, StreamRequestHandler, ThreadingTCPServer } from '@switchyard/socketserver';
import { isMain } from '@switchyard/threading';

export class Echo extends StreamRequestHandler {
  override *handle(): Coroutine {
    for (let line; (line = yield* this.rfile.readline()).length > 0;) yield* this.wfile.write(line);
  }
}
register(import.meta, Echo);

if (isMain(import.meta)) {
  await using server = new ThreadingTCPServer(['127.0.0.1', 0], Echo, { maxChildren: 2 });
  spawn(() => server.serveForever());
  await server.start();

  await spawn(function* () {
    using client = yield* connect(server.serverAddress);
    for (const line of ['one\n', 'two\n']) {
      yield* client.sendall(line);
      console.log(`${yield* client.readline()}`.trim());
    }
  });
}

// Output:
// one
// two
