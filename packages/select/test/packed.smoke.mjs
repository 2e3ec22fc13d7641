/** Run against the packed package: an echo over TCP, watched by a selector, from plain JavaScript. */
import assert from 'node:assert/strict';
import {
  BlockingIOError,
  createConnection,
  createServer,
  DefaultSelector,
  EVENT_READ,
  epoll,
  EPOLLIN,
  poll,
  POLLOUT,
  select,
  sockRecv,
  sockSendall,
} from '@switchyard/select';

const listener = await createServer(['127.0.0.1', 0]);
const client = await createConnection(listener.getsockname());
assert.deepEqual(await select([listener], [], []), [[listener], [], []]);
const [server, address] = listener.accept();
assert.deepEqual(address, client.getsockname());
assert.throws(() => listener.accept(), BlockingIOError);

const selector = new DefaultSelector();
const key = selector.register(server, EVENT_READ, 'server');
await sockSendall(client, Buffer.from('hello'));
assert.deepEqual(await selector.select(), [[key, EVENT_READ]]);
server.send(server.recv(100));
assert.equal(String(await sockRecv(client, 100)), 'hello');

const poller = epoll();
poller.register(client, EPOLLIN);
assert.deepEqual(await poller.poll({ timeout: 1 }), []);
const other = poll();
other.register(client, POLLOUT);
assert.deepEqual(await other.poll(), [[client, POLLOUT]]);

server.close();
assert.equal((await sockRecv(client, 100)).length, 0);
client.close();
listener.close();
