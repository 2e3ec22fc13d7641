import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer as netServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connect as tlsConnect, createServer as tlsServer } from 'node:tls';
import { certificate, skip, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AF_UNIX,
  createConnection,
  createServer,
  DefaultSelector,
  EVENT_READ,
  fromServer,
  fromSocket,
  fromStream,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_WR,
  sockAccept,
  sockConnect,
  socket,
  type Socket,
  sockRecv,
  sockSendall,
  SSLError,
  wrapSocket,
} from '../src/index.ts';
import { codeOf, pair, readable, server, thrownBy, until } from './support.ts';

const { cert, key } = certificate;

const test = suite('transports');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** Receives until the peer ends. */
async function rest(from: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let part = await sockRecv(from, 65_536); part.length > 0; part = await sockRecv(from, 65_536)) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

test('a Unix socket', async () => {
  if (process.platform === 'win32') skip('no Unix sockets in the file system');
  const folder = mkdtempSync(join(tmpdir(), 'select-'));
  const path = join(folder, 'socket');
  using listener = socket(AF_UNIX);
  listener.bind(path);
  await listener.listen();
  assert.is(listener.getsockname(), path);
  using client = await createConnection(path);
  const [accepted] = await sockAccept(listener);
  const data = Buffer.alloc(1_000_000, 'u');
  const sent = sockSendall(client, data).then(() => client.shutdown(SHUT_WR));
  assert.ok((await rest(accepted)).equals(data));
  await sent;
  assert.ok(accepted.events & POLLIN);
  accepted.send(Buffer.from('still'));
  assert.is(text(await sockRecv(client, 10)), 'still');
  // What has not been received is lost without a reset here.
  accepted.send(Buffer.from('unread'));
  await readable(client);
  client.close();
  accepted.close();
  assert.is(await codeOf(() => createConnection(join(folder, 'nobody'))), 'ENOENT');
  rmSync(folder, { recursive: true, force: true });
});

test('TLS on both sides, with a certificate that is checked', async () => {
  using listener = await createServer(['127.0.0.1', 0], { tls: { cert, key } });
  const [, port] = listener.getsockname() as [string, number];
  const accepting = Promise.resolve(sockAccept(listener));
  using client = await createConnection(['localhost', port], { tls: { ca: cert } });
  const [accepted, from] = await accepting;
  assert.equal(from, client.getsockname());
  const data = Buffer.alloc(700_000, 't');
  const sent = sockSendall(client, data).then(() => client.shutdown(SHUT_WR));
  assert.ok((await rest(accepted)).equals(data));
  await sent;
  await sockSendall(accepted, Buffer.from('bye'));
  accepted.close();
  assert.is(text(await rest(client)), 'bye');
});

test('a certificate that nobody has signed is an SSLError', async () => {
  using listener = await createServer(['127.0.0.1', 0], { tls: { cert, key } });
  using client = wrapSocket(socket());
  const error = await thrownBy(() => sockConnect(client, listener.getsockname()));
  assert.instance(error, SSLError);
  assert.match(error.code, /SELF_SIGNED/);
  // A peer that speaks no TLS does not take the listener down either.
  using plain = await createConnection(listener.getsockname());
  plain.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await rest(plain).catch(() => {});
  const accepting = Promise.resolve(sockAccept(listener));
  using good = await createConnection(listener.getsockname(), { tls: { ca: cert } });
  const [accepted] = await accepting;
  good.send(Buffer.from('ok'));
  assert.is(text(await sockRecv(accepted, 10)), 'ok');
  accepted.close();
});

test('a TLS connection is writable when both sides have agreed, and is selected like any other', async () => {
  using listener = wrapSocket(socket(), { cert, key });
  listener.bind(['127.0.0.1', 0]);
  await listener.listen();
  using client = wrapSocket(socket(), { ca: cert });
  client.connectEx(listener.getsockname());
  using selector = new DefaultSelector<string>();
  selector.register(listener, EVENT_READ, 'listener');
  assert.equal(
    (await selector.select()).map(([one]) => one.data),
    ['listener'],
  );
  const [accepted] = listener.accept();
  selector.register(accepted, EVENT_READ, 'accepted');
  await until(client, POLLOUT);
  client.send(Buffer.from('x'));
  assert.equal(
    (await selector.select()).map(([one]) => one.data),
    ['accepted'],
  );
  assert.is(text(accepted.recv(10)), 'x');
  accepted.close();
  assert.throws(() => wrapSocket({} as never), TypeError);
  assert.is(await codeOf(() => wrapSocket(client)), 'EINVAL');
});

test('a connection begins to speak TLS when both sides have said so, from either side', async () => {
  for (const turned of [false, true]) {
    using both = await pair();
    const [client, service] = turned ? [both.far, both.near] : [both.near, both.far];
    await sockSendall(client, Buffer.from('STARTTLS'));
    assert.is(text(await sockRecv(service, 100)), 'STARTTLS');
    await sockSendall(service, Buffer.from('go ahead'));
    assert.is(text(await sockRecv(client, 100)), 'go ahead');
    assert.is(wrapSocket(service, { cert, key, serverSide: true }), service);
    wrapSocket(client, { ca: cert });
    assert.is(client.tryRecv(1), null);
    assert.is(client.trySend(Buffer.from('too early')), null);
    await sockSendall(client, Buffer.from('secret'));
    assert.is(text(await sockRecv(service, 100)), 'secret');
    await sockSendall(service, Buffer.alloc(200_000, 'x'));
    service.shutdown(SHUT_WR);
    assert.is((await rest(client)).length, 200_000);
    client.send(Buffer.from('still here'));
    assert.is(text(await sockRecv(service, 100)), 'still here');
    assert.is(await codeOf(() => wrapSocket(client, { ca: cert })), 'EINVAL');
  }
});

test('a connection that cannot agree on TLS tells both sides, and nobody waits for ever', async () => {
  using both = await pair();
  wrapSocket(both.far, { cert, key, serverSide: true });
  wrapSocket(both.near);
  assert.instance(await thrownBy(() => sockRecv(both.near, 1)), SSLError);
  await thrownBy(() => sockRecv(both.far, 1));

  using deaf = await pair();
  wrapSocket(deaf.far, { cert, key, serverSide: true });
  const waiting = thrownBy(() => sockRecv(deaf.far, 1));
  deaf.near.close();
  assert.is((await waiting).code, 'ECONNRESET');

  using early = await pair();
  wrapSocket(early.near, { ca: cert });
  const given = codeOf(() => sockRecv(early.near, 1));
  early.near.close();
  assert.is(await given, 'EBADF');
});

test('what came before TLS did must have been received', async () => {
  using both = await pair();
  both.far.send(Buffer.from('ready'));
  await readable(both.near);
  const error = await thrownBy(() => wrapSocket(both.near, { ca: cert }));
  assert.is(error.code, 'EINVAL');
  assert.match(error.message, '5 bytes to receive');
  assert.is(text(both.near.recv(100)), 'ready');
});

test("a connection of Node's own", async () => {
  using listener = await server();
  const [, port] = listener.getsockname() as [string, number];
  using client = fromSocket(connect({ port, host: '127.0.0.1' }));
  assert.is(client.tryRecv(1), null);
  await until(client, POLLOUT);
  const [accepted] = await sockAccept(listener);
  accepted.send(Buffer.from('one'));
  assert.is(text(await sockRecv(client, 10)), 'one');
  accepted.shutdown(SHUT_WR);
  assert.is((await sockRecv(client, 10)).length, 0);
  client.send(Buffer.from('two'));
  assert.is(text(await sockRecv(accepted, 10)), 'two');
  accepted.close();
  assert.throws(() => fromSocket({} as never), /net\.Socket for fromSocket/);
});

test("a connection of Node's own that is gone already", async () => {
  const gone = connect({ port: 1, host: '127.0.0.1' });
  gone.on('error', () => {});
  await new Promise((resolve) => gone.once('close', resolve));
  using dead = fromSocket(gone);
  assert.ok(dead.events & POLLHUP);
  assert.is(dead.recv(1).length, 0);
  assert.is(await codeOf(() => dead.send(Buffer.from('x'))), 'EPIPE');
});

test("a server of Node's own, plain and with TLS", async () => {
  for (const [made, join_] of [
    [netServer(), (port: number) => connect(port, '127.0.0.1')],
    [tlsServer({ cert, key }), (port: number) => tlsConnect({ port, host: '127.0.0.1', ca: cert })],
  ] as const) {
    made.listen(0, '127.0.0.1');
    await new Promise((resolve) => made.once('listening', resolve));
    using listener = fromServer(made);
    const [host, port] = listener.getsockname() as [string, number];
    assert.is(host, '127.0.0.1');
    const client = join_(port);
    client.write('early');
    const [accepted] = await sockAccept(listener);
    assert.is(text(await sockRecv(accepted, 10)), 'early');
    client.end();
    assert.is((await sockRecv(accepted, 10)).length, 0);
    accepted.close();
    await new Promise((resolve) => client.once('close', resolve));
  }
  assert.throws(() => fromServer({} as never), /net\.Server for fromServer/);
});

test('the pipes of a child process', async () => {
  const program = 'process.stdin.on("data", (d) => process.stdout.write(String(d).toUpperCase()))';
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  using input = fromStream(child.stdin);
  using output = fromStream(child.stdout);
  assert.is(input.events, POLLOUT);
  // A pipe of Node's is a two-way one on this side.
  assert.is(output.events & POLLIN, 0);
  await sockSendall(input, Buffer.from('hello'));
  using selector = new DefaultSelector();
  selector.register(output, EVENT_READ);
  selector.register(input, EVENT_READ);
  const found = await selector.select();
  assert.is(found.length, 1);
  assert.is(text(output.recv(100)), 'HELLO');
  input.shutdown(SHUT_WR);
  assert.is((await rest(output)).length, 0);
  assert.ok(output.events & POLLRDHUP);
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
});

test('standard input, from a pipe', async () => {
  const program = `
    import { fromStream, select } from '@switchyard/select';
    const input = fromStream(process.stdin);
    for (;;) {
      await select([input], [], []);
      const bytes = input.recv(100);
      if (bytes.length === 0) break;
      console.log('got', String(bytes).trim());
    }
    input.close();
    console.log('end');
  `;
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: join(import.meta.dirname, '..'),
  });
  using output = fromStream(child.stdout);
  child.stdin.write('one\n');
  assert.is(text(await sockRecv(output, 100)), 'got one\n');
  child.stdin.end();
  assert.is(text(await rest(output)), 'end\n');
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
});

test('any other stream, with an error of its own', async () => {
  const stream = new PassThrough();
  using both = fromStream(stream);
  both.send(Buffer.from('round'));
  assert.is(text(await sockRecv(both, 10)), 'round');
  stream.destroy(new Error('torn'));
  assert.match(String(await thrownBy(() => sockRecv(both, 10))), /OSError: torn \(EIO\)/);
  assert.throws(() => fromStream({} as never), TypeError);
});

test.run();
