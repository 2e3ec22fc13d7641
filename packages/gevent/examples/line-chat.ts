/** A chat: what one says, all others hear. The first line of each is his name. */
import {
  connect,
  type Coroutine,
  joinall,
  Queue,
  type Socket,
  spawn,
  StreamServer,
} from '@switchyard/gevent';

const inboxes = new Map<string, Queue<string>>();

function tell(line: string, except = ''): void {
  for (const [name, inbox] of inboxes) if (name !== except) inbox.putNowait(line);
}

function* write(socket: Socket, inbox: Queue<string>): Coroutine {
  for (;;) yield* socket.sendall(yield* inbox.get());
}

const server = new StreamServer('127.0.0.1:0', function* (socket) {
  const name = (yield* socket.readline({ encoding: 'utf8' })).trim();
  const inbox = new Queue<string>();
  inboxes.set(name, inbox);
  // One greenlet reads, the other one writes.
  const writer = spawn(write, socket, inbox);
  try {
    tell(`* ${name} is here\n`);
    const lines = socket.lines({ limit: 1000 });
    for (let line = yield* lines.next(); !line.done; line = yield* lines.next()) {
      tell(`${name}: ${line.value}`, name);
    }
  } finally {
    inboxes.delete(name);
    yield* writer.kill();
    tell(`* ${name} has left\n`);
  }
});
await server.start();

function* enter(name: string): Coroutine<Socket> {
  const socket = yield* connect(server.address);
  yield* socket.sendall(`${name}\n`);
  return socket;
}

function* hear(name: string, socket: Socket): Coroutine {
  const line = yield* socket.readline({ encoding: 'utf8' });
  console.log(`${name} hears: ${line.trim()}`);
}

await spawn(function* () {
  const ann = yield* enter('Ann');
  yield* hear('Ann', ann);
  const bob = yield* enter('Bob');
  yield* joinall([spawn(hear, 'Ann', ann)]);
  yield* hear('Bob', bob);
  yield* ann.sendall('hi Bob\n');
  yield* hear('Bob', bob);
  yield* bob.sendall('bye\n');
  bob.close();
  yield* hear('Ann', ann);
  yield* hear('Ann', ann);
  ann.close();
});
await server.stop();

// Output:
// Ann hears: * Ann is here
// Ann hears: * Bob is here
// Bob hears: * Bob is here
// Bob hears: Ann: hi Bob
// Ann hears: Bob: bye
// Ann hears: * Bob has left
