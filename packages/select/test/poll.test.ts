import { sleep } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  KeyError,
  poll,
  Poll,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  RuntimeError,
  type Socket,
  socket,
} from '../src/index.ts';
import { codeOf, pair, thrownBy, until } from './support.ts';

const test = suite('poll');

test('reports for as long as it lasts, in order of registration', async () => {
  using one = await pair();
  using two = await pair();
  const poller = poll();
  poller.register(one.near, POLLIN);
  poller.register(two.near, POLLIN);
  assert.equal(await poller.poll(0), []);
  two.far.send(Buffer.from('x'));
  await until(two.near, POLLIN);
  one.far.send(Buffer.from('x'));
  await until(one.near, POLLIN);
  for (let i = 0; i < 2; i++) {
    assert.equal(await poller.poll(), [
      [one.near, POLLIN],
      [two.near, POLLIN],
    ]);
  }
  one.near.recv(10);
  assert.equal(poller.pollNowait(), [[two.near, POLLIN]]);
});

test('a second registration replaces the mask', async () => {
  using both = await pair();
  const poller = poll<Socket | number>();
  poller.register(both.near, POLLIN);
  assert.equal(await poller.poll(0), []);
  poller.register(both.near);
  assert.equal(await poller.poll(0), [[both.near, POLLOUT]]);
  poller.modify(both.near, POLLIN);
  assert.equal(await poller.poll(0), []);
  poller.register(both.near.fileno(), POLLOUT);
  assert.equal(await poller.poll(0), [[both.near.fileno(), POLLOUT]]);
});

test('modify of what is not registered is ENOENT, unregister a KeyError', async () => {
  using both = await pair();
  const poller = poll();
  assert.is(await codeOf(() => poller.modify(both.near, POLLIN)), 'ENOENT');
  assert.instance(await thrownBy(() => poller.unregister(both.near)), KeyError);
  poller.register(both.near, POLLOUT);
  poller.unregister(both.near);
  assert.equal(await poller.poll(0), []);
  assert.throws(() => poller.register(both.near, -1), RangeError);
  assert.throws(() => poller.register(both.near, 0x40000), RangeError);
  assert.throws(() => poller.register('x' as never), TypeError);
});

test('a closed socket is reported with POLLNVAL, also to one who waits, until it is unregistered', async () => {
  using both = await pair();
  const poller = poll();
  poller.register(both.near, POLLIN);
  const wait = Promise.resolve(poller.poll());
  await sleep(0);
  both.near.close();
  assert.equal(await wait, [[both.near, POLLNVAL]]);
  assert.equal(await poller.poll(), [[both.near, POLLNVAL]]);
  poller.unregister(both.near);
  assert.equal(await poller.poll(0), []);
});

test('a number that is used again is not watched until it is registered again', async () => {
  using both = await pair();
  // Has the number that the listener of the pair has given back.
  using _filler = socket();
  const poller = poll();
  poller.register(both.near, POLLOUT);
  const number = both.near.fileno();
  both.near.close();
  using heir = socket();
  assert.is(heir.fileno(), number);
  assert.equal(await poller.poll(), [[both.near, POLLNVAL]]);
  poller.register(heir, POLLOUT);
  assert.equal(await poller.poll(), [[heir, POLLOUT | POLLHUP]]);
});

test('a second poll at the same time is a RuntimeError', async () => {
  using both = await pair();
  const poller = poll();
  poller.register(both.near, POLLIN);
  const wait = Promise.resolve(poller.poll());
  await sleep(0);
  assert.instance(await thrownBy(() => poller.poll(0)), RuntimeError);
  both.far.send(Buffer.from('x'));
  assert.is((await wait).length, 1);
  assert.is((await poller.poll()).length, 1);
});

test('null and negative times are no limit, others are kept', async () => {
  using both = await pair();
  const poller = poll();
  poller.register(both.near, POLLIN);
  const start = performance.now();
  assert.equal(await poller.poll({ timeout: 8 }), []);
  assert.ok(performance.now() - start >= 8);
  for (const limit of [null, -5, undefined]) {
    const wait = Promise.resolve(poller.poll(limit));
    both.far.send(Buffer.from('x'));
    assert.is((await wait).length, 1);
    both.near.recv(10);
  }
  assert.throws(() => poller.poll('x' as never), TypeError);
});

test('poll may be called with new', () => {
  assert.instance(new poll(), Poll);
});

test.run();
