/** A chat server for a thousand connections: what one says, all others hear. Edge-triggered. */
import {
  createConnection,
  createServer,
  epoll,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  type Socket,
  sockRecv,
  sockSendall,
} from '@switchyard/select';

const CLIENTS = 1000;
const listener = await createServer(['127.0.0.1', 0]);
/** What each guest has to be sent yet. */
const guests = new Map<Socket, Buffer[]>();

function flush(socket: Socket): void {
  const lines = guests.get(socket)!;
  while (lines.length > 0) {
    const sent = socket.trySend(lines[0]!);
    // The edge that tells of room comes later.
    if (sent === null) return;
    if (sent === lines[0]!.length) lines.shift();
    else lines[0] = lines[0]!.subarray(sent);
  }
}

function hear(socket: Socket): boolean {
  // An edge is told of once: it takes all that there is.
  for (let bytes = socket.tryRecv(65_536); bytes !== null; bytes = socket.tryRecv(65_536)) {
    if (bytes.length === 0) return false;
    for (const [other, lines] of guests) {
      if (other === socket) continue;
      lines.push(bytes);
      flush(other);
    }
  }
  return true;
}

async function serve(): Promise<void> {
  using poller = epoll();
  poller.register(listener, EPOLLIN);
  let left = 0;
  while (left < CLIENTS) {
    for (const [socket, events] of await poller.poll()) {
      if (socket === listener) {
        for (let next = listener.tryAccept(); next !== null; next = listener.tryAccept()) {
          guests.set(next[0], []);
          poller.register(next[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
        }
        continue;
      }
      let here = true;
      try {
        if ((events & EPOLLOUT) !== 0) flush(socket);
        if ((events & EPOLLIN) !== 0) here = hear(socket);
      } catch {
        here = false;
      }
      if (here) continue;
      guests.delete(socket);
      socket.close();
      left++;
    }
  }
}

const serving = serve();
const clients = await Promise.all(
  Array.from({ length: CLIENTS }, () => createConnection(listener.getsockname())),
);
while (guests.size < CLIENTS) await new Promise((resolve) => setImmediate(resolve));

const [speaker, ...others] = clients;
await sockSendall(speaker!, Buffer.from('good morning'));
const heard = await Promise.all(others.map(async (one) => (await sockRecv(one, 100)).toString()));
console.log(heard.filter((text) => text === 'good morning').length, 'heard the first');

await sockSendall(others[0]!, Buffer.from('good night'));
console.log('the first heard:', (await sockRecv(speaker!, 100)).toString());

for (const one of clients) one.close();
await serving;
listener.close();

// Output:
// 999 heard the first
// the first heard: good night
