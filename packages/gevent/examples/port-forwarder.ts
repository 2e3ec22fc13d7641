/** Forwards a port: what comes from either side goes to the other, and so does its end. */
import {
  connect,
  type Coroutine,
  joinall,
  killall,
  socket as sockets,
  type Socket,
  spawn,
  StreamServer,
} from '@switchyard/gevent';

const target = new StreamServer('127.0.0.1:0', function* (socket) {
  const text = String(yield* socket.makefile('rb').read()); // up to the end of what comes
  yield* socket.sendall(`${text.length} letters: ${text.toUpperCase()}`);
});
await target.start();

function* forward(from: Socket, to: Socket): Coroutine {
  for (;;) {
    const bytes = yield* from.recv();
    if (bytes.length === 0) break;
    yield* to.sendall(bytes);
  }
  to.shutdown(sockets.SHUT_WR); // the other direction goes on
}

const forwarder = new StreamServer('127.0.0.1:0', function* (near) {
  using far = yield* connect(target.address, { timeout: 5000 });
  // What comes is passed on and never used again: it need not be copied.
  near.copies = false;
  far.copies = false;
  const both = [spawn(forward, near, far), spawn(forward, far, near)];
  try {
    yield* joinall(both, { raiseError: true });
  } finally {
    yield* killall(both); // one direction has failed, or this is being killed
  }
});
await forwarder.start();

const client = await connect(forwarder.address);
await client.sendall('through ');
await client.sendall('the middle');
client.shutdown(sockets.SHUT_WR);
console.log(String(await client.makefile('rb').read()));
client.close();
await forwarder.stop();
await target.stop();

// Output:
// 18 letters: THROUGH THE MIDDLE
