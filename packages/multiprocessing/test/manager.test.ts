import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { race, sleep } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { skip, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { AuthenticationError } from '../src/authentication.ts';
import type { DictProxy } from '../src/dict-proxy.ts';
import { KeyError } from '../src/key-error.ts';
import { ListProxy } from '../src/list-proxy.ts';
import { Manager, SyncManager } from '../src/manager.ts';
import { placeFor } from '../src/manager-place.ts';
import { NamespaceProxy } from '../src/namespace-proxy.ts';

const test = suite('Manager');
let manager: SyncManager;

test.before(() => {
  manager = Manager();
});

test.after(async () => {
  await manager.shutdown();
});

function unexpected(value: unknown): never {
  return assert.unreachable(`gave ${String(value)}`) as never;
}

async function rejects(
  operation: PromiseLike<unknown>,
  Class: new (...args: never[]) => Error,
  text: RegExp,
) {
  const error = await operation.then(unexpected, (thrown: unknown) => thrown);
  assert.instance(error, Class);
  assert.match((error as Error).message, text);
}

test('a list does what an array does', async () => {
  const list = manager.list<unknown>([1, 'two']);
  await list.append({ three: [3] });
  await list.extend([null, undefined, 4n]);
  await list.insert(0, 'first');
  assert.equal(await list.copy(), ['first', 1, 'two', { three: [3] }, null, undefined, 4n]);
  assert.is(await list.length(), 7);
  assert.is(await list.get(-1), 4n);
  assert.equal(await list.get(3), { three: [3] });
  await list.set(-7, new Date(0));
  assert.equal(await list.get(0), new Date(0));
  await list.delete(0);
  assert.equal(await list.slice(1, -2), ['two', { three: [3] }, null]);
  assert.equal(await list.slice(-2), [undefined, 4n]);
  assert.equal(await list.slice(9), []);
  assert.is(await list.pop(), 4n);
  assert.is(await list.pop(0), 1);
  await list.reverse();
  assert.equal(await list.copy(), [undefined, null, { three: [3] }, 'two']);
  await list.clear();
  assert.equal(await list.copy(), []);
});

test('values that only structured clone keeps arrive as they were', async () => {
  const values = [
    NaN,
    -0,
    Infinity,
    '\ud800',
    'ä€',
    new Map([[1, new Set([2])]]),
    Buffer.from('ab'),
    [undefined],
  ];
  const list = manager.list<unknown>(values);
  const back = await list.copy();
  assert.ok(Object.is(back[0], NaN));
  assert.ok(Object.is(back[1], -0));
  assert.equal(back.slice(2, 6), values.slice(2, 6));
  assert.equal(Buffer.from(back[6] as Uint8Array).toString(), 'ab');
  assert.equal(back[7], [undefined]);
});

test('a list is searched by value', async () => {
  const list = manager.list<unknown>([1, NaN, { a: 1, b: [2] }, '1', 1]);
  assert.is(await list.count(1), 2);
  assert.is(await list.index('1'), 3);
  assert.is(await list.index({ a: 1, b: [2] }), 2);
  assert.is(await list.index(NaN), 1);
  assert.is(await list.includes(2), false);
  await list.remove(1);
  assert.equal(await list.copy(), [NaN, { a: 1, b: [2] }, '1', 1]);
  await rejects(list.remove('x'), RangeError, /Expected a value that is in the list, got "x"/);
  await rejects(list.index('x'), RangeError, /in the list/);
});

test('a list is sorted in place', async () => {
  const list = manager.list<unknown>([3, 1, 10, 2]);
  await list.sort();
  assert.equal(await list.copy(), [1, 2, 3, 10]);
  await list.sort({ reverse: true });
  assert.equal(await list.copy(), [10, 3, 2, 1]);
  const pages = manager.list([
    { url: 'b', size: 2 },
    { url: 'a', size: 2 },
    { url: 'c', size: 1 },
  ]);
  await pages.sort({ key: 'size' });
  assert.equal(
    (await pages.copy()).map((page) => page.url),
    ['c', 'b', 'a'],
  );
  await pages.sort({ key: 'url' });
  assert.is((await pages.get(0)).url, 'a');
  await rejects(pages.sort(), TypeError, /numbers or strings to sort by, got an object/);
  await rejects(pages.sort({ key: 'none' }), TypeError, /by the name "none" to sort by, got undefined/);
  await list.append('x');
  await rejects(list.sort(), TypeError, /only numbers, or only strings/);
  assert.equal(await list.copy(), [10, 3, 2, 1, 'x']);
});

test('places that are not there are errors', async () => {
  const list = manager.list([1, 2]);
  await rejects(list.get(2), RangeError, /Expected an index from -2 to 1, for a list of 2, got 2/);
  await rejects(list.set(-3, 1), RangeError, /got -3/);
  await rejects(list.delete(5), RangeError, /got 5/);
  await rejects(manager.list().pop(), RangeError, /it is empty/);
  assert.throws(() => list.get(0.5), /Expected a whole number as the index of ListProxy.get, got 0.5/);
});

test('a value that cannot be sent is an error with the path to it, and changes nothing', async () => {
  const list = manager.list<unknown>([1]);
  await rejects(list.append({ a: [() => 1] }), TypeError, /value\.a\[0\]/);
  await rejects(
    list.append(new Uint8Array(new SharedArrayBuffer(8))),
    TypeError,
    /value holds shared memory/,
  );
  assert.equal(await list.copy(), [1]);
});

test('a list is iterated as it was at the beginning', async () => {
  const list = manager.list([1, 2, 3]);
  const seen: number[] = [];
  for await (const value of list) {
    seen.push(value);
    await list.append(value * 10);
  }
  assert.equal(seen, [1, 2, 3]);
  assert.is(await list.length(), 6);
});

test('a dict does what a Map does', async () => {
  const dict = manager.dict<string | number, unknown>({ a: 1 });
  await dict.set(1, 'one');
  await dict.set('1', { text: 'one' });
  assert.is(await dict.get(1), 'one');
  assert.equal(await dict.get('1'), { text: 'one' });
  assert.is(await dict.get('none'), undefined);
  assert.is(await dict.get('none', 7), 7);
  assert.is(await dict.has('a'), true);
  assert.is(await dict.setdefault('a', 5), 1);
  assert.is(await dict.setdefault('b', 5), 5);
  assert.equal(await dict.keys(), ['a', 1, '1', 'b']);
  assert.equal(await dict.values(), [1, 'one', { text: 'one' }, 5]);
  assert.is(await dict.size(), 4);
  assert.is(await dict.pop('b'), 5);
  assert.is(await dict.pop('b', null), null);
  await rejects(dict.pop('b'), KeyError, /Expected a key that is in the dict, got "b"/);
  assert.is(await dict.delete('1'), true);
  assert.is(await dict.delete('1'), false);
  await dict.update([
    ['a', 2],
    ['z', undefined],
  ]);
  assert.equal(
    await dict.copy(),
    new Map<unknown, unknown>([
      ['a', 2],
      [1, 'one'],
      ['z', undefined],
    ]),
  );
  assert.is(await dict.has('z'), true);
  assert.equal(await dict.popitem(), ['z', undefined]);
  const seen: unknown[] = [];
  for await (const pair of dict) seen.push(pair);
  assert.equal(seen, [
    ['a', 2],
    [1, 'one'],
  ]);
  await dict.clear();
  await rejects(dict.popitem(), KeyError, /it is empty/);
  assert.throws(
    () => dict.get({} as never),
    /Expected a string, a number or the like as the key of DictProxy.get/,
  );
});

test('numbers are added to with nobody in between', async () => {
  const dict = manager.dict<string, number>();
  await Promise.all(Array.from({ length: 100 }, () => dict.add('hits', 2)));
  assert.is(await dict.get('hits'), 200);
  assert.is(await dict.add('hits', -0.5), 199.5);
  const list = manager.list<number | bigint | string>([1, 2n, 'x']);
  assert.is(await list.add(0, 5), 6);
  assert.is(await list.add(1, 5n), 7n);
  await rejects(list.add(1, 5), TypeError, /Expected a number at 1, to add 5 to, found 7/);
  await rejects(list.add(2, 5), TypeError, /found a string/);
  const value = manager.Value('d', 1.5);
  assert.is(await value.add(1), 2.5);
  await value.set(9);
  assert.is(await value.get(), 9);
});

test('a Namespace has names', async () => {
  const space = manager.Namespace({ total: 1, title: 'none' });
  await space.set('title', 'some');
  assert.is(await space.get('title'), 'some');
  assert.is(await space.add('total', 4), 5);
  await space.update({ title: 'more' });
  assert.equal(await space.copy(), { total: 5, title: 'more' });
  assert.is(await space.delete('title'), true);
  await rejects(space.get('title'), KeyError, /Expected a name that is in the Namespace, got 'title'/);
  assert.is(await space.has('total'), true);
  assert.instance(space, NamespaceProxy);
});

test('what is shared is in a list as itself', async () => {
  const outer = manager.list<unknown>();
  const inner = manager.list([1]);
  await outer.append({ deep: [inner], dict: manager.dict({ k: 'v' }) });
  const found = (await outer.get(0)) as { deep: [ListProxy<number>]; dict: DictProxy };
  assert.instance(found.deep[0], ListProxy);
  await found.deep[0].append(2);
  assert.equal(await inner.copy(), [1, 2]);
  // Nobody but the list has it.
  assert.is(await found.dict.get('k'), 'v');
  // One that holds itself.
  await inner.append(inner as never);
  assert.is(await ((await inner.get(-1)) as unknown as ListProxy).length(), 3);
});

test('locks, events, queues and the rest live in the manager', async () => {
  const lock = manager.Lock();
  await lock.acquire();
  assert.ok(lock.locked());
  assert.is(await lock.acquire({ blocking: false }), false);
  lock.release();
  const rlock = manager.RLock();
  await rlock.acquire();
  await rlock.acquire();
  assert.is(rlock.recursionCount(), 2);
  const semaphore = manager.BoundedSemaphore(1);
  await semaphore.acquire();
  assert.is(await semaphore.acquire({ timeout: 1 }), false);
  semaphore.release();
  assert.is(semaphore.value, 1);
  assert.is(await manager.Semaphore(2).acquire(), true);
  const event = manager.Event();
  const waiting = event.wait().then((set) => set);
  event.set();
  assert.is(await waiting, true);
  const queue = manager.Queue<unknown>(1);
  await queue.put(manager.list([5]));
  assert.ok(queue.full());
  assert.equal(await ((await queue.get()) as ListProxy).copy(), [5]);
  const joinable = manager.JoinableQueue<number>();
  await joinable.put(1);
  await joinable.get();
  joinable.taskDone();
  assert.is(await joinable.join(), true);
  const condition = manager.Condition();
  await condition.acquire();
  const notified = condition.wait().then((was) => was);
  await condition.acquire();
  condition.notify();
  condition.release();
  assert.is(await notified, true);
  condition.release();
  const barrier = manager.Barrier(2);
  assert.equal(
    (await Promise.all([barrier.wait(), barrier.wait()])).toSorted((a, b) => a - b),
    [0, 1],
  );
  for (const object of [lock, rlock, semaphore, event, queue, joinable, condition, barrier]) {
    assert.is(object.stub.link.address.path, manager.address, object.constructor.name);
  }
});

test('what is taken by one who was cancelled meanwhile is put back', async () => {
  const list = manager.list([1, 2, 3]);
  const dict = manager.dict<string, unknown>({ a: 1, b: manager.list(['b']) });
  await list.length();
  await race([list.pop(0), sleep(0)]);
  await race([dict.pop('b'), sleep(0)]);
  await race([list.pop(), sleep(0)]);
  // What came back was put back before this is answered.
  await dict.size();
  assert.equal(await list.copy(), [1, 2, 3]);
  assert.equal(await ((await dict.get('b')) as ListProxy).copy(), ['b']);
});

test('only its user can get to its socket', () => {
  if (process.platform === 'win32') skip('a pipe has no file');
  const { mode, uid } = statSync(dirname(manager.address));
  assert.is((mode & 0o777).toString(8), '700');
  assert.is(uid, process.getuid?.());
});

test('where the path of its socket would be too long it has a shorter one', () => {
  // Node cuts such a path off, and listens where others can get.
  if (process.platform === 'win32') skip('pipes are not in directories');
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = `/tmp/${'x'.repeat(100)}`;
  try {
    assert.match(placeFor(4194304), /^\/tmp\/switchyard-4194304-m[0-9a-f]+\/s$/);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('who connects with the key finds what has a name', async () => {
  await manager.names.set('jobs', manager.Queue());
  const same = Manager.connect(manager.address);
  assert.is((await same.names.get('jobs'))?.constructor.name, 'Queue');
  assert.throws(() => same.shutdown(), /Only the process that started a manager/);
});

test('who connects with another key is told so by the first operation, and the others go on', async () => {
  const stranger = Manager.connect(manager.address, Buffer.from('wrong'));
  await rejects(stranger.names.size(), AuthenticationError, /key/);
  await rejects(stranger.list([1]).length(), AuthenticationError, /key/);
  assert.is(await manager.list([1]).length(), 1);
});

test('who connects to nobody is told so', async () => {
  const nobody = Manager.connect('/nowhere/s', Buffer.from('k'));
  await rejects(nobody.names.size(), RuntimeError, /has ended/);
  assert.throws(() => Manager.connect(7 as never), /Expected the address of a manager, got 7/);
  assert.throws(() => Manager({ authkey: 'text' as never }), /Expected a Uint8Array/);
});

test('is a function and a class, and can be shut down twice', async () => {
  const own = new Manager({ authkey: Buffer.from('of its own') });
  assert.instance(own, SyncManager);
  const list = own.list([1]);
  assert.is(await list.length(), 1);
  const other = Manager.connect(own.address, Buffer.from('of its own'));
  assert.is(await other.names.size(), 0);
  const waiting = own
    .Queue()
    .get()
    .then(unexpected, (error: unknown) => error);
  await own.shutdown();
  await own.shutdown();
  assert.instance(await waiting, RuntimeError);
  await rejects(list.length(), RuntimeError, /the manager has been shut down/);
  await rejects(own.dict().size(), RuntimeError, /the manager has been shut down/);
  assert.throws(() => statSync(dirname(own.address)), /ENOENT/);
});

test.run();
