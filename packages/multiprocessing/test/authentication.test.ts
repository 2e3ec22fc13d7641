import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { authenticate, AuthenticationError } from '../src/authentication.ts';
import { Broker } from '../src/broker/broker.ts';
import { serverOf } from '../src/broker/serve.ts';
import { connectBoth, type TwoWays } from '../src/two-ways.ts';

const test = suite('authentication');
const key = Buffer.from('the key');

async function serving(
  body: (path: string, server: Server, broker: { clients: number }) => Promise<void>,
  patience?: number,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'authentication-'));
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\auth-${process.pid}-${Date.now()}` : join(directory, 's');
  const seen = { clients: 0 };
  const broker = new Broker();
  const before = broker.connect.bind(broker);
  broker.connect = (post) => {
    seen.clients++;
    return before(post);
  };
  const server = serverOf(broker, key, patience);
  server.listen(path);
  await once(server, 'listening');
  try {
    await body(path, server, seen);
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function prove(socket: Socket, with_: Uint8Array): Promise<Error | null> {
  return new Promise((resolve) => authenticate(socket, with_, 'client', resolve));
}

/** What comes until the other side closes. */
async function heard(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

/** Connects as a client does. */
function enter(path: string, made: (socket: Socket) => void = () => {}): Promise<TwoWays | null> {
  return new Promise((resolve) => {
    connectBoth(
      (done) => {
        const socket = connect(path, () => {
          made(socket);
          authenticate(socket, key, 'client', (error) => done(error, socket));
        });
      },
      (_error, ways) => resolve(ways),
    );
  });
}

/** Is let in, and leaves. */
async function isLetIn(ways: TwoWays | null, seen: { clients: number }): Promise<void> {
  if (ways === null) throw new Error('it was not let in');
  const { incoming, outgoing } = ways;
  while (seen.clients === 0) await new Promise((resolve) => setImmediate(resolve));
  outgoing.end();
  incoming.resume().destroy();
  await once(incoming, 'close');
  outgoing.destroy();
  assert.is(seen.clients, 1);
}

test('who knows the key is let in', () =>
  serving(async (path, _server, seen) => isLetIn(await enter(path), seen)));

test('who proves that he knows the key, and then says no name, is no client', () =>
  serving(async (path, _server, seen) => {
    const socket = connect(path);
    assert.is(await prove(socket, key), null);
    socket.end('short');
    await heard(socket);
    assert.is(seen.clients, 0);
  }));

test('who has another key is refused, and told so', () =>
  serving(async (path, _server, seen) => {
    const error = await prove(connect(path), Buffer.from('another key'));
    assert.instance(error, AuthenticationError);
    assert.is(seen.clients, 0);
  }));

test('who says nothing is sent away in time', () =>
  serving(async (path, server, seen) => {
    const started = performance.now();
    const socket = connect(path);
    await heard(socket);
    assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
    assert.is(seen.clients, 0);
    assert.is(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))), 0);
  }, 100));

test('who speaks otherwise is sent away at once, and nothing is made of it', () =>
  serving(async (path, _server, seen) => {
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      Buffer.alloc(16, 0xff),
      Buffer.alloc(1),
      'switchyard 2\n',
    ]) {
      const socket = connect(path);
      socket.write(garbage);
      // The greeting and challenge of the server, and no answer.
      const { length } = await heard(socket);
      assert.ok(length <= 45, `${length} bytes for ${String(garbage)}`);
    }
    assert.is(seen.clients, 0);
  }));

test('an answer that is wrong is sent away, and so is what comes behind it', () =>
  serving(async (path, _server, seen) => {
    const socket = connect(path);
    socket.write(
      Buffer.concat([Buffer.from('switchyard 1\n'), Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(100)]),
    );
    await heard(socket);
    assert.is(seen.clients, 0);
  }));

test('its own challenge sent back proves nothing', () =>
  serving(async (path, _server, seen) => {
    const socket = connect(path);
    // Has the server answer its own challenge, and gives it back as if it were our answer.
    let bytes = Buffer.alloc(0);
    let returned = false;
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (!returned && bytes.length >= 45) {
          returned = true;
          socket.write(bytes.subarray(0, 45));
        }
        if (bytes.length >= 77) socket.write(bytes.subarray(45, 77));
      });
    await once(socket, 'close');
    assert.is(bytes.length, 77);
    assert.is(seen.clients, 0);
  }));

test('bytes that come one by one are understood', () =>
  serving(async (path, _server, seen) => {
    const ways = await enter(path, (socket) => {
      const write = socket.write.bind(socket) as (bytes: Buffer) => boolean;
      socket.write = ((bytes: Buffer) => {
        for (const byte of bytes) write(Buffer.of(byte));
        return true;
      }) as typeof socket.write;
    });
    await isLetIn(ways, seen);
  }));

test('who hangs up in the middle is an error to the one who waits', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'authentication-'));
  const path = join(directory, 's');
  const server = serverOf(new Broker(), key).removeAllListeners('connection');
  server.on('connection', (socket) => socket.destroy()).listen(path);
  await once(server, 'listening');
  assert.instance(await prove(connect(path), key), AuthenticationError);
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

test.run();
