import { all, isInterrupt, sleep, Timeout } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  createConnection,
  type Socket,
  sockAccept,
  sockConnect,
  socket,
  sockRecv,
  sockRecvInto,
  sockSendall,
} from '../src/index.ts';
import { codeOf, go, nobody, pair, server, thrownBy } from './support.ts';

const test = suite('operations');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('an echo server of greenlets, from the connection to its end', async () => {
  const listener = await server();
  const seen: string[] = [];
  await go(function* () {
    function* serve(connection: Socket) {
      for (;;) {
        const bytes = yield* sockRecv(connection, 1024);
        if (bytes.length === 0) break;
        yield* sockSendall(connection, bytes);
      }
      connection.close();
    }
    function* accept() {
      for (let i = 0; i < 2; i++) {
        const [connection] = yield* sockAccept(listener);
        yield* serve(connection);
      }
    }
    function* ask(words: string[]) {
      const client = socket();
      yield* sockConnect(client, listener.getsockname());
      for (const word of words) {
        yield* sockSendall(client, Buffer.from(word));
        seen.push(text(yield* sockRecv(client, 100)));
      }
      client.close();
    }
    yield* all([
      accept(),
      (function* () {
        yield* ask(['a', 'b']);
        yield* ask(['c']);
      })(),
    ]);
  });
  listener.close();
  assert.equal(seen, ['a', 'b', 'c']);
});

test('sockSendall sends all of it, whatever there is room for', async () => {
  using both = await pair();
  const data = Buffer.alloc(8_000_000);
  for (let at = 0; at < data.length; at += 1000) data.writeUInt32LE(at, at);
  let received = 0;
  const reader = (async () => {
    const target = Buffer.alloc(data.length);
    while (received < data.length) received += await sockRecvInto(both.far, target.subarray(received));
    return target;
  })();
  await sockSendall(both.near, data);
  assert.ok((await reader).equals(data));
});

test('what several send at once goes out one after the other', async () => {
  using both = await pair();
  const size = 3_000_000;
  const writers = [1, 2, 3].map((fill) => Promise.resolve(sockSendall(both.near, Buffer.alloc(size, fill))));
  const order: number[] = [];
  let received = 0;
  while (received < 3 * size) {
    const bytes = await sockRecv(both.far, 65_536);
    received += bytes.length;
    for (const byte of [bytes[0]!, bytes.at(-1)!]) if (order.at(-1) !== byte) order.push(byte);
  }
  assert.equal(order, [1, 2, 3]);
  await Promise.all(writers);
});

test('those who receive are served in the order in which they came', async () => {
  using both = await pair();
  const waits = [1, 2, 3].map(() => Promise.resolve(sockRecv(both.near, 1)));
  both.far.send(Buffer.from('abc'));
  assert.equal((await Promise.all(waits)).map(text), ['a', 'b', 'c']);
});

test('what is ready is answered without parking', async () => {
  using both = await pair();
  both.far.send(Buffer.from('ab'));
  await go(function* () {
    assert.is(text(yield* sockRecv(both.near, 1)), 'a');
    let ran = false;
    queueMicrotask(() => (ran = true));
    assert.is(text(yield* sockRecv(both.near, 1)), 'b');
    assert.is(ran, false);
  });
});

test('closing what is waited for ends the waits with EBADF', async () => {
  using both = await pair();
  using listener = await server();
  const codes = Promise.all([
    codeOf(() => sockRecv(both.near, 1)),
    codeOf(() => sockAccept(listener)),
    codeOf(async () => {
      for (;;) await sockSendall(both.near, Buffer.alloc(1_000_000));
    }),
  ]);
  await sleep(5);
  both.near.close();
  listener.close();
  assert.equal(await codes, ['EBADF', 'EBADF', 'EBADF']);
});

test('a refused connection throws, and a reset one ends the wait', async () => {
  const address = await nobody();
  using client = socket();
  assert.is(await codeOf(() => sockConnect(client, address)), 'ECONNREFUSED');
  assert.is(await codeOf(() => createConnection(address)), 'ECONNREFUSED');
  using both = await pair();
  both.near.send(Buffer.from('unread'));
  const code = codeOf(() => sockRecv(both.near, 1));
  await sleep(5);
  both.far.close();
  assert.is(await code, 'ECONNRESET');
});

test('the time of settimeout is kept, and the socket goes on', async () => {
  using both = await pair();
  both.near.settimeout(10);
  const start = performance.now();
  const error = await thrownBy(() => sockRecv(both.near, 1));
  assert.is(error.name, 'TimeoutError');
  assert.match(error.message, /sockRecv of socket \d+ was not done within 10 ms/);
  assert.ok(performance.now() - start >= 10);
  both.near.settimeout(0);
  assert.is(await codeOf(() => sockRecv(both.near, 1)), 'EAGAIN');
  both.near.settimeout(10_000);
  both.far.send(Buffer.from('x'));
  assert.is(text(await sockRecv(both.near, 10)), 'x');
  both.near.settimeout(10);
  assert.is(await codeOf(() => sockSendall(both.near, Buffer.alloc(30_000_000))), 'ETIMEDOUT');
});

test('a greenlet that is timed out takes nothing with it', async () => {
  using both = await pair();
  await go(function* () {
    const timeout = Timeout.start(5);
    try {
      yield* sockRecv(both.near, 1);
      assert.unreachable();
    } catch (error) {
      assert.is(error, timeout);
      assert.ok(isInterrupt(error));
    }
    both.far.send(Buffer.from('x'));
    assert.is(text(yield* sockRecv(both.near, 1)), 'x');
  });
});

test('an operation that is kept may be consumed again', async () => {
  using both = await pair();
  const receive = sockRecv(both.near, 1);
  const send = sockSendall(both.far, Buffer.from('ab'));
  await send;
  await send;
  let all = '';
  for (let i = 0; i < 4; i++) all += text(await receive);
  assert.is(all, 'abab');
});

test('the error of one operation does not end the others that wait', async () => {
  using both = await pair();
  const first = codeOf(() => sockRecv(both.near, 1));
  const second = Promise.resolve(sockRecv(both.near, 1));
  both.near.send(Buffer.from('unread'));
  await sleep(5);
  both.far.close();
  assert.is(await first, 'ECONNRESET');
  assert.is((await second).length, 0);
});

test('wrong arguments', async () => {
  using both = await pair();
  assert.throws(() => sockRecv({} as never, 1), /socket for sockRecv, got an object/);
  assert.throws(() => sockSendall(both.near, 'x' as never), /bytes for sockSendall/);
  assert.throws(() => sockRecvInto(both.near, 'x' as never), TypeError);
  assert.instance(await thrownBy(() => sockRecv(both.near, -1)), RangeError);
  assert.instance(await thrownBy(() => sockConnect(socket(), 'x' as never)), TypeError);
  assert.throws(() => createConnection(['', 'x'] as never), TypeError);
  assert.is(await codeOf(() => sockAccept(both.near)), 'EINVAL');
  assert.is(await codeOf(() => sockConnect(both.near, ['127.0.0.1', 1])), 'EISCONN');
});

test('a connection by name, which may have several addresses', async () => {
  using listener = await server();
  const [, port] = listener.getsockname() as [string, number];
  using client = await createConnection(['localhost', port], { timeout: 5000 });
  assert.is(client.gettimeout(), 5000);
  const [accepted] = await sockAccept(listener);
  accepted.close();
  assert.is((await thrownBy(() => createConnection(['no-such-host.invalid', 80]))).name, 'GaiError');
});

test.run();
