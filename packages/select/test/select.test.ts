import { sleep, Timeout } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { select, selectNowait, SHUT_WR, socket, type Socket } from '../src/index.ts';
import { codeOf, go, nobody, pair, server, thrownBy, until } from './support.ts';

const test = suite('select');

test('gives new lists of the same objects in the order given, with a number for a number, and repeats', async () => {
  using both = await pair();
  const { near, far } = both;
  near.send(Buffer.from('x'));
  const [r, w, x] = await select([far, near, far.fileno(), far], [near.fileno(), far], [near]);
  assert.equal(r.length, 3);
  assert.is(r[0], far);
  assert.is(r[1], far.fileno());
  assert.is(r[2], far);
  assert.equal(w.length, 2);
  assert.is(w[0], near.fileno());
  assert.is(w[1], far);
  assert.equal(x, []);
});

test('takes any iterable, and objects with a fileno', async () => {
  using both = await pair();
  const wrapped = { fileno: () => both.near.fileno() };
  const [, writers] = await select(new Set<Socket>(), new Set([wrapped]), []);
  assert.is(writers[0], wrapped);
});

test('a negative time or NaN is a RangeError, text a TypeError; what is no file a TypeError', async () => {
  assert.throws(() => select([], [], [], -1), /from 0 up, or null, as the limit of select, got -1/);
  assert.throws(() => select([], [], [], Number.NaN), RangeError);
  assert.throws(() => select([], [], [], { timeout: -0.5 }), RangeError);
  assert.throws(() => select([], [], [], 'soon' as never), /limit of select, got "soon"/);
  assert.throws(() => select([{} as never], [], [], 0), /fileno\(\) as a file of select, got an object/);
  assert.throws(() => select([{ fileno: () => 'seven' as never }], [], [], 0), /got "seven"/);
  assert.throws(() => select([1.5], [], [], 0), TypeError);
  assert.throws(() => select('abc' as never, [], []), /three lists of files for select, got "abc"/);
  assert.throws(() => select(7 as never, [], []), TypeError);
});

test('a closed file is a RangeError, a number that nothing has is EBADF', async () => {
  const closed = socket();
  closed.close();
  assert.instance(await thrownBy(() => select([closed], [], [], 0)), RangeError);
  assert.instance(await thrownBy(() => selectNowait([closed], [], [])), RangeError);
  assert.is(await codeOf(() => select([9999], [], [], 0)), 'EBADF');
  assert.instance(await thrownBy(() => select([-10], [], [], 0)), RangeError);
});

test('waits no less than its time, and gives three empty lists then', async () => {
  using both = await pair();
  for (const limit of [20, { timeout: 20.5 }]) {
    const start = performance.now();
    assert.equal(await select([both.near], [], [], limit), [[], [], []]);
    const ms = performance.now() - start;
    assert.ok(ms >= 20 && ms < 600, `${ms} ms`);
  }
  assert.equal(await select([both.near], [], [], 0), [[], [], []]);
  assert.equal(await select([], [], [], 0), [[], [], []]);
});

test('waits until something comes', async () => {
  using both = await pair();
  const waiting = Promise.resolve(select([both.near], [], []));
  both.far.send(Buffer.from('x'));
  assert.is((await waiting)[0][0], both.near);
});

test('a listener is readable, and so is a socket whose peer has ended; a refused one is both', async () => {
  using listener = await server();
  using client = socket();
  client.connectEx(listener.getsockname());
  assert.is((await select([listener], [], []))[0][0], listener);
  const [accepted] = listener.accept();
  accepted.shutdown(SHUT_WR);
  assert.is((await select([client], [], []))[0][0], client);
  accepted.close();
  using lost = socket();
  lost.connectEx(await nobody());
  await until(lost, 8);
  assert.equal(await select([lost], [lost], [lost]), [[lost], [lost], []]);
});

test('closing what is waited for ends the wait with EBADF', async () => {
  using both = await pair();
  const code = codeOf(() => select([both.near, both.far], [], []));
  await sleep(0);
  both.near.close();
  assert.is(await code, 'EBADF');
});

test('a loop over what is always ready lets timers run', async () => {
  using both = await pair();
  let fired = false;
  setTimeout(() => (fired = true), 5);
  let rounds = 0;
  while (!fired && rounds < 1_000_000) {
    const [, writers] = await select([], [both.near], []);
    assert.is(writers.length, 1);
    rounds++;
  }
  assert.ok(fired);
  assert.ok(rounds > 1);
});

test('the same in a greenlet, which can be timed out while it waits and leaves nothing behind', async () => {
  using both = await pair();
  await go(function* () {
    let caught: unknown;
    const timeout = Timeout.start(5);
    try {
      yield* select([both.near], [], []);
    } catch (error) {
      caught = error;
    }
    assert.is(caught, timeout);
    assert.is((both.near as any).picker, null);
    both.far.send(Buffer.from('x'));
    const [readers] = yield* select([both.near], [], []);
    assert.is(readers[0], both.near);
  });
});

test('several may wait for the same socket, and all are told', async () => {
  using both = await pair();
  const waits = [1, 2, 3].map(() => Promise.resolve(select([both.near], [], [])));
  both.far.send(Buffer.from('x'));
  for (const [readers] of await Promise.all(waits)) assert.is(readers.length, 1);
  assert.is((both.near as any).picker, null);
  assert.is((both.near as any).others, null);
});

test('one select consumed by two at once acts twice', async () => {
  using both = await pair();
  const one = select([both.near], [], []);
  const waits = [Promise.resolve(one), Promise.resolve(one)];
  both.far.send(Buffer.from('x'));
  assert.equal(
    (await Promise.all(waits)).map(([readers]) => readers.length),
    [1, 1],
  );
});

test('selectNowait looks without waiting', async () => {
  using both = await pair();
  assert.equal(selectNowait([both.near], [both.near], []), [[], [both.near], []]);
});

test.run();
