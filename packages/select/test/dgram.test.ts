import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AF_INET,
  AF_INET6,
  type Address,
  type DatagramSocket,
  DefaultSelector,
  EVENT_READ,
  POLLIN,
  POLLOUT,
  select,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_TYPE,
  SOCK_DGRAM,
  socket,
  sockRecvfrom,
  sockSendto,
  SOL_SOCKET,
} from '../src/index.ts';
import { codeOf, thrownBy } from './support.ts';

const test = suite('datagrams');

async function bound(): Promise<[DatagramSocket, Address]> {
  const made = socket(AF_INET, SOCK_DGRAM);
  await made.bind(['127.0.0.1', 0]);
  return [made, made.getsockname()];
}

test('messages arrive whole, with the address that they came from', async () => {
  const [one, oneAddress] = await bound();
  const [two, twoAddress] = await bound();
  assert.is(one.events, POLLOUT);
  assert.is(one.tryRecvfrom(10), null);
  assert.is(await codeOf(() => one.recvfrom(10)), 'EAGAIN');
  assert.is(one.sendto(Buffer.from('first'), twoAddress), 5);
  one.sendto(Buffer.from('second'), twoAddress);
  assert.is((await select([two], [], []))[0][0], two);
  const [data, from] = two.recvfrom(100);
  assert.is(String(data), 'first');
  assert.equal(from, oneAddress);
  assert.is(String((await sockRecvfrom(two, 3))[0]), 'sec');
  assert.is(two.events & POLLIN, 0);
  one.close();
  two.close();
});

test('a selector watches them beside other files', async () => {
  const [one, address] = await bound();
  using two = socket(AF_INET, SOCK_DGRAM);
  using selector = new DefaultSelector<string, DatagramSocket>();
  selector.register(one, EVENT_READ, 'one');
  assert.equal(await selector.select(0), []);
  assert.is(await sockSendto(two, Buffer.from('x'), address), 1);
  assert.is((await selector.select())[0]?.[0].data, 'one');
  one.close();
});

test('connected: send without an address, and nothing received from others', async () => {
  const [one, oneAddress] = await bound();
  const [two, twoAddress] = await bound();
  const [other] = await bound();
  assert.is(await codeOf(() => one.send(Buffer.from('x'))), 'EDESTADDRREQ');
  assert.is(await codeOf(() => one.getpeername()), 'ENOTCONN');
  one.connect(twoAddress);
  assert.equal(one.getpeername(), twoAddress);
  one.send(Buffer.from('x'));
  await sockRecvfrom(two, 10);
  other.sendto(Buffer.from('not you'), oneAddress);
  two.sendto(Buffer.from('you'), oneAddress);
  assert.is(String((await sockRecvfrom(one, 10))[0]), 'you');
  for (const each of [one, two, other]) each.close();
});

test('what comes when too much is kept already is lost', async () => {
  const [one, address] = await bound();
  const [two] = await bound();
  one.setsockopt(SOL_SOCKET, SO_RCVBUF, 250);
  for (let i = 0; i < 5; i++) two.sendto(Buffer.alloc(100, i), address);
  while (one.dropped < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.is(one.recv(200)[0], 0);
  assert.is(one.recv(200)[0], 1);
  assert.is(one.tryRecvfrom(200), null);
  one.close();
  two.close();
});

test('a message that is too long is told of by the next operation', async () => {
  const [one, address] = await bound();
  one.sendto(Buffer.alloc(70_000), address);
  await select([one], [], []);
  assert.is(await codeOf(() => one.recvfrom(10)), 'EMSGSIZE');
  assert.is(one.tryRecvfrom(10), null);
  one.close();
});

test('errors, options and states', async () => {
  const [one, address] = await bound();
  assert.is(await codeOf(() => one.bind(address)), 'EINVAL');
  using two = socket(AF_INET, SOCK_DGRAM);
  assert.is(await codeOf(() => two.getsockname()), 'EINVAL');
  const binding = two.bind(address);
  assert.is(await codeOf(() => binding), 'EADDRINUSE');
  assert.is(await codeOf(() => binding), 'EINVAL');
  assert.throws(() => two.recvfrom(-1), RangeError);
  assert.throws(() => two.sendto('x' as never, address), TypeError);
  assert.throws(() => two.sendto(Buffer.from('x'), 'x' as never), TypeError);
  assert.is(await codeOf(() => two.sendto(Buffer.from('x'), ['127.0.0.1', 0])), 'EINVAL');
  assert.is(two.getsockopt(SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
  two.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
  assert.is(two.getsockopt(SOL_SOCKET, SO_BROADCAST), 1);
  assert.is(await codeOf(() => two.setsockopt(1, 999, 1)), 'ENOPROTOOPT');
  assert.throws(() => sockRecvfrom({} as never, 1), TypeError);
  one.settimeout(5);
  assert.is(await codeOf(() => sockRecvfrom(one, 1)), 'ETIMEDOUT');
  one.settimeout(null);
  const code = codeOf(() => sockRecvfrom(one, 1));
  one.close();
  assert.is(await code, 'EBADF');
  assert.is(await codeOf(() => one.sendto(Buffer.from('x'), address)), 'EBADF');
  assert.is((await thrownBy(() => one.getsockname())).code, 'EBADF');
});

test('IPv6', async () => {
  using one = socket(AF_INET6, SOCK_DGRAM);
  await one.bind(['::1', 0]);
  one.sendto(Buffer.from('self'), one.getsockname());
  const [data, from] = await sockRecvfrom(one, 10);
  assert.is(String(data), 'self');
  assert.equal(from, one.getsockname());
});

test.run();
