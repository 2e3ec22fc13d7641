import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AF_INET6,
  AF_UNIX,
  BlockingIOError,
  BrokenPipeError,
  ConnectionRefusedError,
  ConnectionResetError,
  createConnection,
  IPPROTO_TCP,
  OSError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  selectNowait,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  sockAccept,
  socket,
  Socket,
  SOL_SOCKET,
  sockRecv,
  TCP_NODELAY,
} from '../src/index.ts';
import { codeOf, nobody, pair, readable, server, thrownBy, until, withNet } from './support.ts';

const test = suite('socket');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('two sockets exchange bytes', async () => {
  using both = await pair();
  assert.is(both.near.send(Buffer.from('hello')), 5);
  await readable(both.far);
  assert.is(text(both.far.recv(100)), 'hello');
});

test('what would wait is a BlockingIOError without a stack, and null in its try form', async () => {
  using both = await pair();
  const error = await thrownBy(() => both.near.recv(10));
  assert.instance(error, BlockingIOError);
  assert.instance(error, OSError);
  assert.instance(error, Error);
  assert.is(error.code, 'EAGAIN');
  assert.is(error.errno, 11);
  assert.is(error.name, 'BlockingIOError');
  assert.not.match(error.stack, / at /);
  assert.is(both.near.tryRecv(10), null);
  assert.is(both.near.tryRecvInto(new Uint8Array(4)), null);
  using listener = await server();
  assert.is(listener.tryAccept(), null);
  assert.instance(await thrownBy(() => listener.accept()), BlockingIOError);
});

test('recv gives at most as many bytes as asked for, and joins what came in pieces', async () => {
  using both = await withNet();
  // Three segments, each of which arrives as a piece of its own.
  for (const piece of ['ab', 'cd', 'ef']) {
    const before = (both.near as unknown as { length: number }).length;
    both.far.write(piece);
    while ((both.near as unknown as { length: number }).length === before) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  assert.is(both.near.recv(0).length, 0);
  assert.is(text(both.near.recv(5)), 'abcde');
  assert.is(text(both.near.recv(5)), 'f');
  assert.is(both.near.tryRecv(5), null);
});

test('many pieces come out in order, whatever the sizes asked for', async () => {
  using both = await withNet();
  const sent: number[] = [];
  for (let size = 1; size < 40; size++) {
    const piece = Buffer.alloc(size, size);
    sent.push(...piece);
    both.far.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const got: number[] = [];
  for (let size = 1; got.length < sent.length; size = (size % 17) + 1) {
    const bytes = await sockRecv(both.near, size);
    assert.ok(bytes.length <= size && bytes.length > 0);
    got.push(...bytes);
  }
  assert.equal(got, sent);
});

test('recvInto fills a buffer of the caller', async () => {
  using both = await pair();
  both.near.send(Buffer.from('hello'));
  await readable(both.far);
  const target = new Uint8Array(4);
  assert.is(both.far.recvInto(target), 4);
  assert.is(text(target), 'hell');
  assert.is(both.far.recvInto(target), 1);
});

test('send takes what there is room for, then refuses, and has room again when the peer has received it', async () => {
  using both = await pair();
  const block = Buffer.alloc(16_384, 1);
  let sent = 0;
  for (let size = both.near.trySend(block); size !== null; size = both.near.trySend(block)) sent += size;
  assert.ok(sent > 100_000, `sent ${sent}`);
  assert.is(both.near.events & POLLOUT, 0);
  assert.instance(await thrownBy(() => both.near.send(block)), BlockingIOError);
  let received = 0;
  while (received < sent) received += (await sockRecv(both.far, 1 << 20)).length;
  assert.is(received, sent);
  await until(both.near, POLLOUT);
  assert.is(both.near.send(block), block.length);
});

test('sendall sends all that there is room for, and says how much that was', async () => {
  using both = await pair();
  both.near.sendall(Buffer.from('hello'));
  assert.is(text(await sockRecv(both.far, 100)), 'hello');
  const error = await thrownBy(() => both.near.sendall(Buffer.alloc(100_000_000)));
  assert.instance(error, BlockingIOError);
  const sent = Number(/after (\d+) of 100000000 bytes/.exec(error.message)?.[1]);
  let received = 0;
  while (received < sent) received += (await sockRecv(both.far, 1 << 20)).length;
  assert.is(received, sent);
});

test('small pieces sent in one turn arrive together and in order', async () => {
  using both = await pair();
  for (let i = 0; i < 100; i++) both.near.send(Buffer.from(`${i};`));
  let all = '';
  while (!all.includes('99;')) all += text(await sockRecv(both.far, 65_536));
  assert.is(all, Array.from({ length: 100 }, (_, i) => `${i};`).join(''));
});

test('a large piece after small ones does not overtake them', async () => {
  using both = await pair();
  both.near.send(Buffer.from('first '));
  both.near.send(Buffer.alloc(5000, 'x'));
  both.near.send(Buffer.from(' last'));
  let all = '';
  while (!all.endsWith('last')) all += text(await sockRecv(both.far, 65_536));
  assert.is(all, `first ${'x'.repeat(5000)} last`);
});

test('with copies set, a buffer may be used again at once', async () => {
  using both = await pair();
  both.near.copies = true;
  const bytes = Buffer.from('one');
  both.near.send(bytes);
  bytes.write('two');
  both.near.send(bytes);
  let all = '';
  while (all.length < 6) all += text(await sockRecv(both.far, 100));
  assert.is(all, 'onetwo');
});

test('the peer ends what it sends: readable for ever, recv gives nothing, sending still works', async () => {
  using both = await pair();
  both.far.send(Buffer.from('bye'));
  both.far.shutdown(SHUT_WR);
  await until(both.near, POLLRDHUP);
  assert.is(both.near.events, POLLIN | POLLOUT | POLLRDHUP);
  assert.is(text(both.near.recv(100)), 'bye');
  for (let i = 0; i < 3; i++) {
    assert.is(both.near.events, POLLIN | POLLOUT | POLLRDHUP);
    assert.is(both.near.recv(100).length, 0);
  }
  both.near.send(Buffer.from('still here'));
  assert.is(text(await sockRecv(both.far, 100)), 'still here');
  both.near.shutdown(SHUT_WR);
  assert.is(both.near.events, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
  await until(both.far, POLLHUP | POLLRDHUP);
  assert.is(both.far.recv(1).length, 0);
  assert.instance(await thrownBy(() => both.near.send(Buffer.from('x'))), BrokenPipeError);
});

test('shutdown of the receiving side: nothing more is received, sending goes on', async () => {
  using both = await pair();
  both.near.shutdown(SHUT_RD);
  assert.is(both.near.recv(10).length, 0);
  both.near.send(Buffer.from('x'));
  assert.is(text(await sockRecv(both.far, 10)), 'x');
  both.near.shutdown(SHUT_RDWR);
  assert.ok(both.near.events & POLLHUP);
});

test('close with something unread resets the connection; the peer hears of it once', async () => {
  using both = await pair();
  both.far.send(Buffer.from('never read'));
  await readable(both.near);
  both.near.close();
  await until(both.far, POLLERR);
  assert.is(both.far.events, POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
  assert.instance(await thrownBy(() => both.far.recv(10)), ConnectionResetError);
  assert.is(both.far.recv(10).length, 0);
  assert.is(both.far.events, POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
  assert.instance(await thrownBy(() => both.far.send(Buffer.from('x'))), BrokenPipeError);
});

test('what came before a reset is received before it is told of', async () => {
  using both = await withNet();
  both.far.write('last words');
  await readable(both.near);
  both.far.resetAndDestroy();
  await until(both.near, POLLERR);
  assert.is(text(both.near.recv(100)), 'last words');
  assert.is(await codeOf(() => both.near.recv(100)), 'ECONNRESET');
  assert.is(both.near.recv(100).length, 0);
});

test('close after all has been received is an ordinary end, also of what was sent just before', async () => {
  using both = await pair();
  const data = Buffer.alloc(300_000, 7);
  let sent = 0;
  while (sent < data.length) {
    const size = both.near.trySend(data.subarray(sent));
    if (size === null) await until(both.near, POLLOUT);
    else sent += size;
  }
  both.near.close();
  let received = 0;
  for (
    let part = await sockRecv(both.far, 65_536);
    part.length > 0;
    part = await sockRecv(both.far, 65_536)
  ) {
    received += part.length;
  }
  assert.is(received, data.length);
});

test('a closed socket has no number and refuses everything', async () => {
  const both = await pair();
  const { near, far } = both;
  near.close();
  near.close();
  far.close();
  assert.is(near.fileno(), -1);
  assert.is(near.closed, true);
  assert.is(await codeOf(() => near.recv(1)), 'EBADF');
  assert.is(await codeOf(() => near.send(Buffer.from('x'))), 'EBADF');
  assert.is(await codeOf(() => near.shutdown(SHUT_WR)), 'EBADF');
  assert.is(await codeOf(() => near.accept()), 'EBADF');
  assert.is(await codeOf(() => near.listen()), 'EBADF');
  assert.is(await codeOf(() => near.bind(['127.0.0.1', 0])), 'EBADF');
  assert.is(await codeOf(() => near.connect(['127.0.0.1', 1])), 'EBADF');
  assert.is(await codeOf(() => near.getsockname()), 'EBADF');
  assert.is(await codeOf(() => near.getpeername()), 'EBADF');
  assert.is(await codeOf(() => near.getsockopt(SOL_SOCKET, SO_ERROR)), 'EBADF');
});

test('the lowest number that is free is taken', () => {
  const sockets = [socket(), socket(), socket(), socket()] as const;
  const numbers = sockets.map((one) => one.fileno());
  assert.ok(numbers.every((number, at) => at === 0 || number > numbers[at - 1]!));
  assert.ok(numbers[0]! >= 3);
  sockets[2].close();
  sockets[1].close();
  const [again, more] = [socket(), socket()];
  assert.equal([again.fileno(), more.fileno()], [numbers[1], numbers[2]]);
  for (const one of [...sockets, again, more]) one.close();
});

test('a fresh socket: writable and hung up; recv ENOTCONN, send EPIPE, accept EINVAL', async () => {
  using fresh = socket();
  assert.is(fresh.events, POLLOUT | POLLHUP);
  assert.is(await codeOf(() => fresh.recv(1)), 'ENOTCONN');
  assert.is(await codeOf(() => fresh.send(Buffer.from('x'))), 'EPIPE');
  assert.is(await codeOf(() => fresh.accept()), 'EINVAL');
  assert.is(await codeOf(() => fresh.shutdown(SHUT_WR)), 'ENOTCONN');
  assert.is(await codeOf(() => fresh.getpeername()), 'ENOTCONN');
  assert.equal(fresh.getsockname(), ['0.0.0.0', 0]);
  assert.is(fresh.getsockopt(SOL_SOCKET, SO_TYPE), SOCK_STREAM);
});

test('connect is in progress, then writable, then connected', async () => {
  using listener = await server();
  using client = socket();
  const address = listener.getsockname();
  const error = await thrownBy(() => client.connect(address));
  assert.instance(error, BlockingIOError);
  assert.is(error.code, 'EINPROGRESS');
  assert.is(client.events, 0);
  assert.is(client.tryRecv(1), null);
  assert.is(client.trySend(Buffer.from('x')), null);
  assert.is(client.connectEx(address), 114);
  await until(client, POLLOUT);
  assert.is(client.events, POLLOUT);
  assert.is(client.getsockopt(SOL_SOCKET, SO_ERROR), 0);
  assert.is(await codeOf(() => client.connect(address)), 'EISCONN');
  assert.equal(client.getpeername(), address);
  const [accepted, from] = await sockAccept(listener);
  assert.equal(from, client.getsockname());
  assert.equal(accepted.getpeername(), from);
  assert.equal(accepted.getsockname(), address);
  accepted.close();
});

test('a refused connection: everything at once, its error once, and another attempt may be made', async () => {
  using client = socket();
  assert.is(client.connectEx(await nobody()), 115);
  await until(client, POLLERR);
  assert.is(client.events, POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
  assert.equal(selectNowait([client], [client], [client]), [[client], [client], []]);
  assert.is(client.getsockopt(SOL_SOCKET, SO_ERROR), 111);
  assert.is(client.getsockopt(SOL_SOCKET, SO_ERROR), 0);
  assert.is(client.recv(1).length, 0);
  using listener = await server();
  assert.is(client.connectEx(listener.getsockname()), 115);
  await until(client, POLLOUT);
  assert.is(client.connectEx(listener.getsockname()), 106);
});

test('the error of a refused connection also comes from recv, and from another connect', async () => {
  const address = await nobody();
  using one = socket();
  one.connectEx(address);
  await until(one, POLLERR);
  assert.instance(await thrownBy(() => one.recv(1)), ConnectionRefusedError);
  using two = socket();
  two.connectEx(address);
  await until(two, POLLERR);
  assert.instance(await thrownBy(() => two.connect(address)), ConnectionRefusedError);
});

test('a listener is readable for as long as a connection waits', async () => {
  using listener = await server();
  assert.is(listener.events, 0);
  assert.is(listener.getsockopt(SOL_SOCKET, SO_ACCEPTCONN), 1);
  using one = await createConnection(listener.getsockname());
  using two = await createConnection(listener.getsockname());
  await until(listener, POLLIN);
  const [first] = await sockAccept(listener);
  const [second] = await sockAccept(listener);
  assert.is(listener.events & POLLIN, 0);
  assert.is(listener.tryAccept(), null);
  one.send(Buffer.from('1'));
  two.send(Buffer.from('2'));
  assert.is(text(await sockRecv(first, 10)), '1');
  assert.is(text(await sockRecv(second, 10)), '2');
  assert.is(await codeOf(() => listener.recv(1)), 'ENOTCONN');
  assert.is(await codeOf(() => listener.connect(['127.0.0.1', 1])), 'EISCONN');
  first.close();
  second.close();
});

test('what a peer sent before it was accepted, and its end, are there', async () => {
  using listener = await server();
  const client = await createConnection(listener.getsockname());
  client.send(Buffer.from('early'));
  client.close();
  const [accepted] = await sockAccept(listener);
  assert.is(text(await sockRecv(accepted, 10)), 'early');
  assert.is((await sockRecv(accepted, 10)).length, 0);
  accepted.close();
});

test('a listener that closes resets those whom nobody has accepted', async () => {
  const listener = await server();
  using client = await createConnection(listener.getsockname());
  await until(listener, POLLIN);
  listener.close();
  await until(client, POLLERR);
  assert.is(await codeOf(() => client.recv(1)), 'ECONNRESET');
});

test('an address in use is told of by listen, and otherwise by accept', async () => {
  using listener = await server();
  using other = socket();
  other.bind(listener.getsockname());
  assert.is(await codeOf(() => other.listen()), 'EADDRINUSE');
  using third = socket();
  third.bind(listener.getsockname());
  void third.listen();
  await until(third, POLLERR);
  assert.is(await codeOf(() => third.accept()), 'EADDRINUSE');
  assert.is(third.events & POLLIN, 0);
  assert.is(await codeOf(() => third.accept()), 'EINVAL');
});

test('a listener that could not be bound may listen when the address is free', async () => {
  const first = await server();
  using second = socket();
  second.bind(first.getsockname());
  const listening = second.listen();
  assert.is(await codeOf(() => listening), 'EADDRINUSE');
  assert.is(await codeOf(() => listening), 'EINVAL');
  const address = first.getsockname();
  first.close();
  await new Promise((resolve) => setImmediate(resolve));
  await second.listen();
  await second.listen();
  assert.equal(second.getsockname(), address);
});

test('a socket that is closed before it could listen does not listen', async () => {
  const listener = socket();
  listener.bind(['127.0.0.1', 0]);
  const listening = listener.listen();
  assert.is(await codeOf(() => listener.getsockname()), 'EINVAL');
  listener.close();
  assert.is(await codeOf(() => listening), 'EBADF');
});

test('options', async () => {
  using both = await pair();
  const { near } = both;
  assert.is(near.getsockopt(IPPROTO_TCP, TCP_NODELAY), 1);
  near.setsockopt(IPPROTO_TCP, TCP_NODELAY, 0);
  assert.is(near.getsockopt(IPPROTO_TCP, TCP_NODELAY), 0);
  near.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
  assert.is(near.getsockopt(SOL_SOCKET, SO_KEEPALIVE), 1);
  near.setsockopt(SOL_SOCKET, SO_RCVBUF, 1000);
  assert.is(near.getsockopt(SOL_SOCKET, SO_RCVBUF), 1000);
  assert.is(near.getsockopt(SOL_SOCKET, SO_SNDBUF), 65_536);
  assert.is(await codeOf(() => near.setsockopt(99, 1, 1)), 'ENOPROTOOPT');
  assert.is(await codeOf(() => near.getsockopt(SOL_SOCKET, 9999)), 'ENOPROTOOPT');
  assert.throws(() => near.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 'yes' as never), /whole number.*"yes"/);
  near.settimeout(5);
  assert.is(near.gettimeout(), 5);
  near.setblocking(true);
  assert.is(near.gettimeout(), null);
  near.setblocking(false);
  assert.is(near.gettimeout(), 0);
  assert.throws(() => near.settimeout(-1), RangeError);
});

test('a peer that sends more than is received is held back, and nothing is lost', async () => {
  using both = await withNet();
  const block = Buffer.alloc(65_536, 3);
  for (let i = 0; i < 64; i++) both.far.write(block);
  await until(both.near, POLLIN);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  const held = (both.near as unknown as { length: number }).length;
  assert.ok(held >= 65_536 && held <= 3 * 65_536, `holds ${held}`);
  let received = 0;
  while (received < 64 * block.length) received += (await sockRecv(both.near, 10_000)).length;
  assert.is(received, 64 * block.length);
});

test('what is wrongly typed is refused with its value', async () => {
  using both = await pair();
  const { near } = both;
  assert.throws(() => near.recv(-1), /from 0 up for recv, got -1/);
  assert.throws(() => near.recv('4' as never), TypeError);
  assert.throws(() => near.recv(1.5), RangeError);
  assert.throws(() => near.send('text' as never), /Buffer\.from\(text\), got "text"/);
  assert.throws(() => near.recvInto([] as never), TypeError);
  assert.throws(() => near.shutdown(7), /SHUT_RDWR for shutdown, got 7/);
  assert.throws(() => socket().bind('path' as never), TypeError);
  assert.throws(() => socket(AF_UNIX).bind(['127.0.0.1', 1]), TypeError);
  assert.throws(() => socket().bind(['127.0.0.1', 70_000]), /0 to 65535 for bind, got 70000/);
  assert.throws(() => socket().bind(['127.0.0.1', 'x'] as never), TypeError);
  assert.throws(() => socket().listen('x' as never), RangeError);
  assert.throws(() => socket(77 as never), /AF_UNIX for socket, got 77/);
  assert.throws(() => socket(2, 77 as never), /got 77/);
  assert.is(await codeOf(() => socket(AF_UNIX as never, SOCK_DGRAM)), 'EPROTONOSUPPORT');
});

test('socket may be called with new', () => {
  using one = new socket();
  assert.instance(one, Socket);
});

test('IPv6', async () => {
  using listener = socket(AF_INET6);
  listener.bind(['::1', 0]);
  await listener.listen();
  const address = listener.getsockname() as readonly unknown[];
  assert.equal([address[0], address.length], ['::1', 4]);
  using client = await createConnection(listener.getsockname());
  assert.is(client.family, AF_INET6);
  const [accepted, from] = await sockAccept(listener);
  assert.is(from[0], '::1');
  accepted.close();
});

test.run();
