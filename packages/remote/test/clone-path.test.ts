/** Where something sits that cannot be cloned. */
import { MessageChannel } from 'node:worker_threads';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { clonePath } from '../src/clone-path.ts';
import { memoryPath } from '../src/memory-path.ts';
import { dumps } from '../src/pickle.ts';
import { isPlainData } from '../src/plain-data.ts';
import { CloneError } from '../src/index.ts';

const test = suite('clone path');

function thrownBy(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('what cannot be cloned: CloneError with the path to it', () => {
  const f = (): void => {};
  const { port1 } = new MessageChannel();
  for (const [value, path] of [
    [f, 'item: a function (f)'],
    [Symbol('s'), 'item: a symbol (Symbol(s))'],
    [{ a: [0, { f }] }, 'item.a[1].f: a function (f)'],
    [{ 'x y': f }, 'item["x y"]: a function (f)'],
    [new Map([['k', [f]]]), 'item.get("k")[0]: a function (f)'],
    [new Set([1, f]), 'item.values()[1]: a function (f)'],
    [{ p: Promise.resolve() }, 'item.p: a Promise'],
    [[new WeakMap()], 'item[0]: a WeakMap'],
    [new Error('e', { cause: { f } }), 'item.cause.f: a function (f)'],
    [{ deep: { proxy: new Proxy(new Date(), {}) } }, 'item.deep.proxy: a Proxy'],
    [{ port: port1 }, 'item.port: a MessagePort'],
    [{ c: class Point {} }, 'item.c: a class (Point)'],
  ] as const) {
    const error = thrownBy(() => dumps(value)) as CloneError;
    assert.instance(error, CloneError, `${path}: ${String(error)}`);
    assert.is(error.code, 'ERR_ITEM_CLONE');
    assert.is(error.message, `Cannot be sent to another thread or process: ${path}`);
  }
  port1.close();
  const named = thrownBy(() => dumps([f], { root: 'args[0]', code: 'ERR_ARGUMENT_CLONE' })) as CloneError;
  assert.is(named.code, 'ERR_ARGUMENT_CLONE');
  assert.ok(named.message.endsWith('args[0][0]: a function (f)'), named.message);
});

test('clonePath in cycles, deep values, and where nothing is wrong', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  assert.is(clonePath(cycle, 'value'), 'value: an object');
  cycle['f'] = function f() {};
  assert.is(clonePath(cycle, 'value'), 'value.f: a function (f)');
  assert.is(clonePath([1, () => {}], 'x'), 'x[1]: a function');
});

test('what is plain data', () => {
  for (const value of [{}, [], { a: [1, 'b', null, true] }, Array.from({ length: 64 }, () => 0)]) {
    assert.is(isPlainData(value), true);
  }
  const twice = {};
  const holes: unknown[] = [];
  holes[1] = 1;
  for (const value of [
    new Date(),
    { a: undefined },
    [-0],
    [NaN],
    { a: 1n },
    holes,
    { a: twice, b: twice },
    Object.assign([], { x: 1 }),
    new (class Point {})(),
    { toJSON: () => 1 },
    Array.from({ length: 65 }, () => 0),
  ]) {
    assert.is(isPlainData(value), false);
  }
});

test('names for arguments', () => {
  const f = (): void => {};
  assert.is(clonePath([1, [f]], ['target', 'args']), 'args[0]: a function (f)');
  assert.is(clonePath([1, 2, { f }], ['target', 'args']), 'args[2].f: a function (f)');
  assert.is(memoryPath([1, [new SharedArrayBuffer(4)]], ['target', 'args']), 'args[0] (a SharedArrayBuffer)');
  assert.is(memoryPath([1, { x: 1 }], ['target', 'args']), null);
});

test.run();
