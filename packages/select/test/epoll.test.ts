import { sleep, Timeout } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  Epoll,
  epoll,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  FileExistsError,
  FileNotFoundError,
  SHUT_WR,
  type Socket,
  socket,
  sockRecv,
} from '../src/index.ts';
import { codeOf, go, pair, thrownBy, until } from './support.ts';

const test = suite('epoll');

test('reports for as long as it lasts', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN);
  assert.equal(await poller.poll({ timeout: 0 }), []);
  both.far.send(Buffer.from('abc'));
  assert.equal(await poller.poll(), [[both.near, EPOLLIN]]);
  both.near.recv(1);
  assert.equal(await poller.poll(), [[both.near, EPOLLIN]]);
  both.near.recv(100);
  assert.equal(await poller.poll(0), []);
  assert.equal(poller.pollNowait(), []);
});

test('registers for reading, urgent data and writing unless told otherwise', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near);
  assert.equal(await poller.poll(), [[both.near, EPOLLOUT]]);
});

test('a second registration is EEXIST; what is not registered is ENOENT', async () => {
  using both = await pair();
  using poller = epoll<Socket | number>();
  poller.register(both.near);
  assert.instance(await thrownBy(() => poller.register(both.near)), FileExistsError);
  assert.is(await codeOf(() => poller.register(both.near.fileno())), 'EEXIST');
  assert.instance(await thrownBy(() => poller.modify(both.far, EPOLLIN)), FileNotFoundError);
  assert.is(await codeOf(() => poller.unregister(both.far)), 'ENOENT');
  poller.unregister(both.near.fileno());
  assert.is(await codeOf(() => poller.unregister(both.near)), 'ENOENT');
});

test('bad masks, files and numbers of events are refused with their value', async () => {
  using both = await pair();
  using poller = epoll<any>();
  assert.throws(() => poller.register(both.near, -1), /EPOLLIN \| EPOLLOUT for epoll.register, got -1/);
  assert.throws(() => poller.register(both.near, 0x400), RangeError);
  assert.throws(() => poller.register(both.near, 2 ** 40), RangeError);
  assert.throws(() => poller.register(both.near, 'in' as never), TypeError);
  assert.throws(() => poller.register({}), TypeError);
  assert.throws(() => poller.register(-1), RangeError);
  assert.is(await codeOf(() => poller.register(9999)), 'EBADF');
  assert.throws(() => poller.poll({ maxevents: 0 }), /from 1 up, as maxevents of epoll.poll, got 0/);
  assert.throws(() => poller.poll({ maxevents: -2 }), RangeError);
  assert.throws(() => poller.poll({ maxevents: 'x' as never }), TypeError);
  assert.throws(() => poller.poll(Number.NaN), RangeError);
  assert.equal(await poller.poll({ timeout: 0, maxevents: -1 }), []);
});

test('edge-triggered: once for each edge, again for what is new, and after modify', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN | EPOLLOUT | EPOLLET);
  assert.equal(await poller.poll(), [[both.near, EPOLLOUT]]);
  assert.equal(await poller.poll(0), []);
  both.far.send(Buffer.from('abc'));
  assert.equal(await poller.poll(), [[both.near, EPOLLIN | EPOLLOUT]]);
  assert.equal(await poller.poll(0), []);
  both.near.recv(1);
  assert.equal(await poller.poll(0), []);
  both.far.send(Buffer.from('more'));
  assert.equal(await poller.poll(), [[both.near, EPOLLIN | EPOLLOUT]]);
  poller.modify(both.near, EPOLLIN | EPOLLET);
  assert.equal(await poller.poll(), [[both.near, EPOLLIN]]);
  assert.equal(await poller.poll(0), []);
});

test('one-shot: once, not even a hang-up after that, until modify', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN | EPOLLONESHOT);
  both.far.send(Buffer.from('abc'));
  assert.equal(await poller.poll(), [[both.near, EPOLLIN]]);
  assert.equal(await poller.poll(0), []);
  both.far.shutdown(SHUT_WR);
  both.near.shutdown(SHUT_WR);
  await until(both.near, EPOLLHUP);
  assert.equal(await poller.poll(0), []);
  poller.modify(both.near, EPOLLIN | EPOLLONESHOT);
  assert.equal(await poller.poll(), [[both.near, EPOLLIN | EPOLLHUP]]);
  assert.equal(await poller.poll(0), []);
});

test('the end of the peer, and a hang-up whatever the mask', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
  both.far.shutdown(SHUT_WR);
  await until(both.near, EPOLLRDHUP);
  for (let i = 0; i < 2; i++) {
    assert.equal(await poller.poll(), [[both.near, EPOLLIN | EPOLLOUT | EPOLLRDHUP]]);
  }
  poller.modify(both.near, 0);
  assert.equal(await poller.poll(0), []);
  both.near.shutdown(SHUT_WR);
  assert.equal(await poller.poll(), [[both.near, EPOLLHUP]]);
});

test('an error is reported whatever the mask', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLPRI);
  both.near.send(Buffer.from('unread'));
  await until(both.far, EPOLLIN);
  both.far.close();
  assert.equal(await poller.poll(), [[both.near, EPOLLERR | EPOLLHUP]]);
});

test('with maxevents, those left out come first the next time', async () => {
  const pairs = await Promise.all([pair(), pair(), pair(), pair(), pair()]);
  const sockets = pairs.map((one) => one.near);
  using poller = epoll();
  for (const one of sockets) poller.register(one, EPOLLOUT);
  const rounds: string[] = [];
  for (let i = 0; i < 4; i++) {
    const found = await poller.poll({ timeout: 0, maxevents: 2 });
    rounds.push(found.map(([one]) => sockets.indexOf(one)).join(''));
  }
  assert.equal(rounds, ['01', '23', '40', '12']);
  for (const one of pairs) one[Symbol.dispose]();
});

test('a socket that is closed leaves by itself, and its number inherits nothing', async () => {
  using both = await pair();
  // Has the number that the listener of the pair has given back.
  using _filler = socket();
  using poller = epoll<Socket | number>();
  poller.register(both.near, EPOLLOUT);
  const number = both.near.fileno();
  both.near.close();
  assert.equal(await poller.poll(0), []);
  assert.is(await codeOf(() => poller.unregister(number)), 'EBADF');
  using heir = socket();
  assert.is(heir.fileno(), number);
  assert.equal(await poller.poll(0), []);
  assert.is(await codeOf(() => poller.unregister(heir)), 'ENOENT');
  poller.register(heir, EPOLLOUT);
  assert.equal(await poller.poll(0), [[heir, EPOLLOUT | EPOLLHUP]]);
});

test('what is registered or modified during a wait wakes it', async () => {
  using both = await pair();
  using poller = epoll();
  const first = Promise.resolve(poller.poll({ timeout: 10_000 }));
  await sleep(0);
  poller.register(both.near, EPOLLOUT);
  assert.equal(await first, [[both.near, EPOLLOUT]]);
  poller.modify(both.near, EPOLLIN);
  const second = Promise.resolve(poller.poll({ timeout: 10_000 }));
  await sleep(0);
  poller.modify(both.near, EPOLLOUT);
  assert.equal(await second, [[both.near, EPOLLOUT]]);
});

test('all who poll see what lasts; only the first sees an edge', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN);
  const all = [1, 2, 3].map(() => Promise.resolve(poller.poll({ timeout: 10_000 })));
  both.far.send(Buffer.from('x'));
  assert.equal(
    (await Promise.all(all)).map((found) => found.length),
    [1, 1, 1],
  );
  both.near.recv(10);
  poller.modify(both.near, EPOLLIN | EPOLLET);
  const some = [1, 2, 3].map(() => Promise.resolve(poller.poll({ timeout: 10_000 })));
  both.far.send(Buffer.from('x'));
  assert.is((await some[0])?.length, 1);
  // Ends the waits of the others.
  poller.close();
  assert.equal(
    (await Promise.all(some)).map((found) => found.length),
    [1, 0, 0],
  );
});

test('close ends the waits with nothing; everything after that is refused', async () => {
  using both = await pair();
  const poller = epoll();
  poller.register(both.near, EPOLLIN);
  const wait = Promise.resolve(poller.poll());
  await sleep(0);
  assert.is(poller.closed, false);
  poller.close();
  poller.close();
  assert.is(poller.closed, true);
  assert.equal(await wait, []);
  assert.throws(() => poller.register(both.near), /register of an epoll that has been closed/);
  assert.throws(() => poller.modify(both.near, EPOLLIN), RangeError);
  assert.throws(() => poller.unregister(both.near), RangeError);
  assert.throws(() => poller.pollNowait(), RangeError);
  assert.instance(await thrownBy(() => poller.poll(0)), RangeError);
});

test('waits no less than its time; a negative one is no limit', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN);
  const start = performance.now();
  assert.equal(await poller.poll({ timeout: 15.2 }), []);
  assert.ok(performance.now() - start >= 15.2);
  const wait = Promise.resolve(poller.poll(-1));
  both.far.send(Buffer.from('x'));
  assert.is((await wait).length, 1);
});

test('a poll that was ready and is no more still keeps to its time', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN);
  both.far.send(Buffer.from('x'));
  await until(both.near, EPOLLIN);
  const start = performance.now();
  const wait = Promise.resolve(poller.poll({ timeout: 10 }));
  both.near.recv(10);
  assert.equal(await wait, []);
  assert.ok(performance.now() - start >= 10);
});

test('a greenlet that is timed out while it polls leaves nothing behind', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLIN);
  await go(function* () {
    const timeout = Timeout.start(5);
    try {
      yield* poller.poll();
      assert.unreachable();
    } catch (error) {
      assert.is(error, timeout);
    }
    both.far.send(Buffer.from('x'));
    assert.is((yield* poller.poll()).length, 1);
  });
});

test('a greenlet that polls again and again lets others poll, timers fire and sockets receive', async () => {
  using both = await pair();
  using poller = epoll();
  poller.register(both.near, EPOLLOUT);
  let stop = false;
  let rounds = 0;
  const busy = go(function* () {
    while (!stop) {
      yield* poller.poll();
      rounds++;
    }
  });
  await sleep(3);
  both.near.send(Buffer.from('x'));
  assert.is((await sockRecv(both.far, 10)).length, 1);
  stop = true;
  await busy;
  assert.ok(rounds > 1);
});

test('one that polls while a flush of the same round is due is not forgotten', async () => {
  using one = await pair();
  using two = await pair();
  using first = epoll();
  using second = epoll();
  first.register(one.near, EPOLLIN);
  second.register(two.near, EPOLLIN);
  // Both are woken in one round; whoever is first then waits for what the other one has been told of.
  const waits = [
    go(function* () {
      yield* first.poll();
      return (yield* second.poll({ timeout: 5000 })).length;
    }),
    go(function* () {
      yield* second.poll();
      return (yield* first.poll({ timeout: 5000 })).length;
    }),
  ];
  await sleep(0);
  one.far.send(Buffer.from('x'));
  two.far.send(Buffer.from('x'));
  assert.equal(await Promise.all(waits), [1, 1]);
});

test('epoll may be called with new', () => {
  using poller = new epoll();
  assert.instance(poller, Epoll);
});

test.run();
