import { sleep } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  DefaultSelector,
  EVENT_READ,
  EVENT_WRITE,
  KeyError,
  POLLERR,
  RuntimeError,
  type Socket,
  socket,
} from '../src/index.ts';
import { codeOf, nobody, pair, thrownBy, until } from './support.ts';

const test = suite('selectors');

test('register gives a key; other events and numbers are refused, and a second time', async () => {
  using both = await pair();
  using selector = new DefaultSelector<string | undefined, Socket | number>();
  const { near } = both;
  const key = selector.register(near, EVENT_READ, 'data');
  assert.equal(
    { ...key, fileobj: null },
    { fileobj: null, fd: near.fileno(), events: EVENT_READ, data: 'data' },
  );
  assert.is(key.fileobj, near);
  assert.is(selector.getKey(near), key);
  assert.is(selector.getKey(near.fileno()), key);
  assert.throws(() => selector.register(both.far, 999_999), /\(1, 2 or 3\) for register, got 999999/);
  assert.throws(() => selector.register(both.far, 0), RangeError);
  assert.throws(() => selector.register(both.far, '1' as never), TypeError);
  assert.throws(() => selector.register(-10, EVENT_READ), RangeError);
  assert.throws(() => selector.register({} as never, EVENT_READ), TypeError);
  assert.instance(await thrownBy(() => selector.register(near, EVENT_WRITE)), KeyError);
  assert.instance(await thrownBy(() => selector.register(near.fileno(), EVENT_WRITE)), KeyError);
});

test('unregister by object and by number, also when both have been closed', async () => {
  const { near, far } = await pair();
  using selector = new DefaultSelector<unknown, Socket | number>();
  selector.register(near, EVENT_READ);
  selector.register(far.fileno(), EVENT_READ);
  const number = far.fileno();
  near.close();
  far.close();
  assert.is(selector.unregister(near).fileobj, near);
  assert.is(selector.unregister(number).fileobj, number);
  assert.instance(await thrownBy(() => selector.unregister(near)), KeyError);
  assert.is(selector.getMap()?.size, 0);
});

test('the number of a closed file may be registered anew', async () => {
  using both = await pair();
  // Has the number that the listener of the pair has given back.
  using _filler = socket();
  using selector = new DefaultSelector();
  selector.register(both.near, EVENT_WRITE);
  both.near.close();
  using heir = socket();
  assert.instance(await thrownBy(() => selector.getKey(heir)), KeyError);
  assert.equal(await selector.select(0), []);
  selector.register(heir, EVENT_WRITE);
  assert.is((await selector.select())[0]?.[0].fileobj, heir);
});

test('modify events or data gives a new key; of what is not registered a KeyError', async () => {
  using both = await pair();
  using selector = new DefaultSelector<number>();
  const first = selector.register(both.near, EVENT_READ, 1);
  const second = selector.modify(both.near, EVENT_WRITE, 1);
  assert.is.not(second, first);
  assert.is(selector.getKey(both.near), second);
  assert.is(second.events, EVENT_WRITE);
  const third = selector.modify(both.near, EVENT_WRITE, 2);
  assert.is(third.data, 2);
  assert.is(third.events, EVENT_WRITE);
  assert.is((await selector.select())[0]?.[0], third);
  assert.instance(await thrownBy(() => selector.modify(both.far, EVENT_READ, 0)), KeyError);
  assert.throws(() => selector.modify(both.near, 0, 0), RangeError);
});

test('modify of a closed file fails, and unregisters it', async () => {
  using both = await pair();
  using selector = new DefaultSelector();
  selector.register(both.near, EVENT_READ);
  both.near.close();
  assert.is(await codeOf(() => selector.modify(both.near, EVENT_WRITE)), 'EBADF');
  assert.is(selector.getMap()?.size, 0);
});

test('readable and writable are told of in one entry', async () => {
  using both = await pair();
  using selector = new DefaultSelector();
  const key = selector.register(both.near, EVENT_READ | EVENT_WRITE);
  both.far.send(Buffer.from('x'));
  await until(both.near, 1);
  assert.equal(await selector.select(), [[key, EVENT_READ | EVENT_WRITE]]);
  both.near.recv(10);
  assert.equal(await selector.select(), [[key, EVENT_WRITE]]);
});

test('an error is told of as whatever was asked for', async () => {
  const address = await nobody();
  for (const events of [EVENT_READ, EVENT_WRITE, EVENT_READ | EVENT_WRITE]) {
    using client = socket();
    using selector = new DefaultSelector();
    client.connectEx(address);
    selector.register(client, events);
    assert.is((await selector.select())[0]?.[1], events);
    assert.ok(client.events & POLLERR);
  }
});

test('times: 0 and less do not wait, null waits for ever, and never too short', async () => {
  using both = await pair();
  using selector = new DefaultSelector();
  assert.equal(await selector.select(0), []);
  selector.register(both.near, EVENT_WRITE);
  assert.is((await selector.select(0)).length, 1);
  assert.is((await selector.select(-1)).length, 1);
  selector.modify(both.near, EVENT_READ);
  assert.equal(await selector.select(0), []);
  assert.equal(await selector.select(-1), []);
  assert.equal(selector.selectNowait(), []);
  const start = performance.now();
  assert.equal(await selector.select({ timeout: 20 }), []);
  const ms = performance.now() - start;
  assert.ok(ms >= 20 && ms < 600, `${ms} ms`);
  const wait = Promise.resolve(selector.select(null));
  both.far.send(Buffer.from('x'));
  assert.is((await wait).length, 1);
});

test('the map follows the selector', async () => {
  using both = await pair();
  const selector = new DefaultSelector();
  const map = selector.getMap();
  assert.is(map?.size, 0);
  const key = selector.register(both.near, EVENT_READ);
  assert.is(map?.get(both.near.fileno()), key);
  assert.equal([...map!.values()], [key]);
  const changed = selector.modify(both.near, EVENT_WRITE);
  assert.equal([...map!.entries()], [[key.fd, changed]]);
  assert.equal([...map!.keys()], [key.fd]);
  const seen: unknown[] = [];
  map!.forEach((each, number, whole) => seen.push(each, number, whole));
  assert.is(seen[0], changed);
  assert.is(seen[1], key.fd);
  assert.is(seen[2], map);
  assert.is(selector.getMap(), map);
  // What has been closed stays until it is unregistered.
  both.near.close();
  assert.is(map!.get(key.fd), changed);
  assert.ok(map!.has(key.fd));
  selector.unregister(both.near);
  assert.not.ok(map!.has(key.fd));
  selector.register(both.far, EVENT_READ);
  selector.close();
  assert.is(map!.size, 0);
});

test('close ends the waits with nothing; what comes after that is refused', async () => {
  using both = await pair();
  const selector = new DefaultSelector();
  selector.register(both.near, EVENT_READ);
  const wait = Promise.resolve(selector.select());
  await sleep(0);
  selector.close();
  selector.close();
  assert.equal(await wait, []);
  assert.is(selector.getMap(), null);
  assert.instance(await thrownBy(() => selector.getKey(both.near)), RuntimeError);
  assert.instance(await thrownBy(() => selector.register(both.near, EVENT_READ)), RuntimeError);
  assert.instance(await thrownBy(() => selector.select()), RuntimeError);
});

test('an entry that has not changed is the same object', async () => {
  using both = await pair();
  using selector = new DefaultSelector();
  selector.register(both.near, EVENT_WRITE);
  assert.is((await selector.select())[0], (await selector.select())[0]);
});

test('a thousand pairs in one selector', async () => {
  const pairs = await Promise.all(Array.from({ length: 1000 }, () => pair()));
  using selector = new DefaultSelector<number>();
  pairs.forEach((one, at) => selector.register(one.near, EVENT_WRITE, at));
  const found = await selector.select();
  assert.equal(
    found.map(([key]) => key.data),
    pairs.map((_one, at) => at),
  );
  for (const one of pairs) one[Symbol.dispose]();
});

test.run();
