/** An echo server, and a client of it. */
import { connect, StreamServer } from '@switchyard/gevent';

const server = new StreamServer('127.0.0.1:0', function* (socket) {
  for (;;) {
    const bytes = yield* socket.recv();
    if (bytes.length === 0) return;
    yield* socket.sendall(bytes);
  }
});
await server.start();

const client = await connect(server.address);
await client.sendall('hello\n');
console.log(await client.readline({ encoding: 'utf8' }));
client.close();
await server.stop();

// Output:
// hello
//
