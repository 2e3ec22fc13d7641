import { Buffer } from 'node:buffer';
import { Shareable } from '@switchyard/remote';
import { dumps, loads } from '@switchyard/remote/core';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Array as SharedArray } from '../src/array.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import type { TypeCode } from '../src/type-code.ts';
import { endWorkers, Worker } from './arena-workers.ts';
import { lengthOf, negate } from './value-tasks.ts';

const test = suite('array');
const none = { lock: false } as const;

test.after.each(endWorkers);

test('every type keeps a list of items, read one by one and at once', () => {
  const lists: [TypeCode, unknown[]][] = [
    ['c', ['a', '\0', 'ÿ']],
    ['?', [true, false, true]],
    ['b', [-128, 0, 127]],
    ['B', [0, 1, 255]],
    ['h', [-32_768, 32_767, 5]],
    ['H', [65_535, 0, 1]],
    ['i', [-(2 ** 31), 2 ** 31 - 1, 0]],
    ['I', [2 ** 32 - 1, 1, 0]],
    ['l', [-(2 ** 53) + 1, 2 ** 53 - 1, 0]],
    ['L', [0, 2 ** 53 - 1, 7]],
    ['q', [-(2n ** 63n), 2n ** 63n - 1n, 0n]],
    ['Q', [2n ** 64n - 1n, 0n, 1n]],
    ['f', [0.5, -0, NaN]],
    ['d', [Math.PI, -Infinity, NaN]],
  ];
  for (const [code, list] of lists) {
    const array = new SharedArray<TypeCode>(code, list as never, none);
    assert.is(array.length, 3);
    assert.equal(array.slice(), list);
    assert.equal([...array], list);
    assert.equal([array[0], array.at(1), array[2]], list);
    array.assign([...list].reverse() as never);
    assert.equal(array.slice(), [...list].reverse());
    array.fill(list[1] as never, 1);
    assert.equal(array.slice(), [list[2], list[1], list[1]]);
    for (const [index, item] of list.entries()) array[index] = item as never;
    assert.equal(array.slice(), list);
  }
});

test('made with a size it is all 0', () => {
  assert.equal(new SharedArray('i', 3, none).slice(), [0, 0, 0]);
  assert.equal(new SharedArray('?', 2, none).slice(), [false, false]);
  assert.equal(new SharedArray('Q', 2, none).slice(), [0n, 0n]);
  assert.equal(new SharedArray('d', 0, none).slice(), []);
  assert.is(new SharedArray('d', 0, none).length, 0);
  for (const size of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(
      () => new SharedArray('i', size, none),
      RangeErrorOf(/^Expected a whole number from 0 up as the size/),
    );
  }
  for (const size of [null, undefined, {}, 5n, new DataView(new ArrayBuffer(8))]) {
    assert.throws(
      () => new SharedArray('i', size as never, none),
      TypeErrorOf(/^Expected a list of items for an Array/),
    );
  }
});

test('an index counts from the start, or negative from the end; there are no others', () => {
  const array = new SharedArray('i', [10, 20, 30], none);
  assert.equal([array.at(0), array.at(2), array.at(-1), array.at(-3)], [10, 30, 30, 10]);
  assert.equal([array[-1], array[-3]], [30, 10]);
  array[-1] = 33;
  array.set(-2, 22);
  assert.equal(array.slice(), [10, 22, 33]);
  for (const index of [3, -4, 0.5, NaN, Infinity, 2 ** 40]) {
    const refused = RangeErrorOf(/^Expected a whole number from -3 to 2, as an index of an Array of 3, got /);
    assert.throws(() => array.at(index), refused);
    assert.throws(() => array.set(index, 0), refused);
    if (Number.isNaN(index) || index === Infinity) continue;
    assert.throws(() => array[index], refused);
    assert.throws(() => (array[index] = 0), refused);
  }
  assert.throws(() => array.at('0' as never), RangeErrorOf(/got "0"$/));
  assert.throws(
    () => new SharedArray('i', 0, none).at(0),
    RangeErrorOf(/^Expected no index, as it is empty/),
  );
  assert.equal(array.slice(), [10, 22, 33]);
});

test('other names than numbers are those of any object', () => {
  const array = new SharedArray('i', 2, none) as SharedArray<'i'> & Record<string, unknown>;
  assert.is(array['nothing'], undefined);
  assert.is(array['-'], undefined);
  array['mark'] = 5;
  assert.is(array['mark'], 5);
  assert.is(SharedArray.name, 'Array');
  assert.instance(array, SharedArray);
  assert.instance(array, Shareable);
  assert.is(array.constructor, SharedArray);
});

test('slices are as those of arrays', () => {
  const list = [0, 1, 2, 3, 4];
  const array = new SharedArray('b', list, none);
  for (const start of [undefined, 0, 2, 5, 9, -1, -3, -9]) {
    for (const end of [undefined, 0, 2, 5, 9, -1, -3, -9]) {
      assert.equal(array.slice(start, end), list.slice(start, end), `${start} ${end}`);
      const [filled, wanted] = [new SharedArray('b', list, none), [...list]];
      assert.is(filled.fill(7, start, end), filled);
      assert.equal(filled.slice(), wanted.fill(7, start, end), `${start} ${end}`);
    }
  }
  assert.throws(
    () => array.slice(0.5),
    TypeErrorOf(/^Expected whole numbers as start and end of Array.slice, got 0.5$/),
  );
});

test('of several items none is written when one is wrong', () => {
  const array = new SharedArray('B', [1, 2, 3], none);
  assert.throws(
    () => array.assign([4, 256, 5]),
    RangeErrorOf(/^Expected a whole number from 0 to 255 as item 1 of an Array of type 'B', got 256$/),
  );
  assert.throws(
    () => array.assign([4, '5' as never]),
    TypeErrorOf(/as item 1 of an Array of type 'B', got "5"$/),
  );
  assert.throws(
    () => array.assign([4, 5], 2),
    RangeErrorOf(/^Expected a place for 2 items in an Array of 3, got them from 2 on$/),
  );
  assert.throws(() => array.assign([4], -1), RangeErrorOf(/got them from -1 on$/));
  assert.throws(() => array.fill(-1), RangeErrorOf(/as an item of an Array of type 'B', got -1$/));
  assert.throws(() => array.set(0, 0.5), RangeErrorOf(/got 0.5$/));
  assert.throws(() => new SharedArray('B', [0, -1], none), RangeErrorOf(/as item 1 of/));
  assert.throws(
    () => array.assign([4, undefined, 5] as never),
    TypeErrorOf(/as item 1 of an Array of type 'B', got undefined$/),
  );
  assert.equal(array.slice(), [1, 2, 3]);
});

test('items come from anything that has them', () => {
  assert.equal(new SharedArray('d', new Set([1, 2]), none).slice(), [1, 2]);
  assert.equal(new SharedArray('d', new Float32Array([0.5, 2]), none).slice(), [0.5, 2]);
  assert.equal(new SharedArray('d', new Float64Array([9, 0.1, 2, 9]).subarray(1, 3), none).slice(), [0.1, 2]);
  assert.equal(new SharedArray('i', new SharedArray('h', [1, 2], none), none).slice(), [1, 2]);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  shared.set([7, 8]);
  assert.equal(new SharedArray('i', shared, none).slice(), [7, 8]);
  const array = new SharedArray('i', 4, none);
  array.assign(
    (function* () {
      yield* [5, 6];
    })(),
    1,
  );
  assert.equal(array.slice(), [0, 5, 6, 0]);
});

test('readInto fills a typed array of the right type', () => {
  const array = new SharedArray('h', [1, 2, 3, 4], none);
  const target = new Int16Array(2);
  assert.is(array.readInto(target, 1), target);
  assert.equal([...target], [2, 3]);
  assert.throws(() => array.readInto(target, 3), RangeErrorOf(/^Expected a place for 2 items/));
  assert.throws(
    () => array.readInto(new Int32Array(1)),
    TypeErrorOf(/^Expected an Int16Array for items of type 'h', got an Int32Array$/),
  );
  const shared = new Int16Array(new SharedArrayBuffer(8));
  assert.equal([...array.readInto(shared)], [1, 2, 3, 4]);
});

test('an array of characters is a text, and bytes', () => {
  const text = new SharedArray('c', 'hello', none);
  assert.is(text.length, 5);
  assert.is(text.value, 'hello');
  text.value = 'bé';
  assert.is(text.value, 'bé');
  assert.equal(text.raw, new Uint8Array([98, 0xe9, 0, 108, 111]));
  text.raw = Buffer.from('HI');
  assert.equal([...text], ['H', 'I', '\0', 'l', 'o']);
  text.value = 'world';
  assert.is(text.value, 'world');
  text.value = '';
  assert.is(text.value, '');
  assert.throws(
    () => (text.value = 'longer'),
    RangeErrorOf(/^Expected a place for 6 items in an Array of 5/),
  );
  assert.throws(() => (text.value = 'a€'), TypeErrorOf(/as item 1 of an Array of type 'c', got "€"$/));
  assert.throws(
    () => (text.value = 5 as never),
    TypeErrorOf(/^Expected a string as value of an Array, got 5$/),
  );
  assert.throws(
    () => (text.raw = 'x' as never),
    TypeErrorOf(/^Expected a Uint8Array as raw of an Array, got "x"$/),
  );
  assert.equal(new SharedArray('c_char', Buffer.from([1, 2]), none).raw, new Uint8Array([1, 2]));
  assert.is(new SharedArray('c', 3, none).value, '');
  assert.throws(
    () => new SharedArray('i', 3, none).value,
    TypeErrorOf(/^Only an Array of type 'c' has value, got one of type 'i'/),
  );
});

test('M10: locks are as those of a Value', async () => {
  const bare = new SharedArray('i', 1, none);
  assert.is(bare.getLock, undefined);
  assert.throws(() => bare.acquire(), /^RuntimeError|This Array was made with lock: false/);
  assert.throws(
    () => new SharedArray('i', 1, { lock: 'x' as never }),
    TypeErrorOf(/as lock of Array, got "x"$/),
  );
  const lock = new Lock();
  assert.is(new SharedArray('i', 1, { lock }).getLock(), lock);
  const own = new SharedArray('i', [1]);
  assert.instance(own.getLock(), RLock);
  using _held = await own.hold();
  assert.ok((own.getLock() as RLock).owned());
  const inner = own.getObj();
  inner[0] = 5;
  assert.is(own[0], 5);
  assert.is(inner.getLock, undefined);
});

test('it goes through bytes as the same memory', () => {
  const array = new SharedArray('f', [0.5, 1.5]);
  const again = loads(dumps(new Map([['array', array]])).bytes) as Map<string, SharedArray<'f'>>;
  const other = again.get('array')!;
  assert.instance(other, SharedArray);
  assert.equal([other.length, other.typecode, other.slice()], [2, 'f', [0.5, 1.5]]);
  other[1] = 2.5;
  assert.is(array[1], 2.5);
});

test('M10: what children and a thread write is seen here; a million numbers in no time', async () => {
  const small = new SharedArray('d', [1, 2, 3], none);
  const count = 1_000_000;
  const large = new SharedArray('d', count, none);
  const numbers = Float64Array.from({ length: count }, (_, n) => n + 0.25);
  large.assign(numbers);
  assert.equal(large.readInto(new Float64Array(count)), numbers);
  assert.equal(large.slice(-2), [count - 2 + 0.25, count - 1 + 0.25]);
  const list = large.slice();
  assert.is(list.length, count);
  assert.is(list[12_345], 12_345.25);
  for (const kind of ['process', 'process', 'thread'] as const) {
    const worker = new Worker(kind);
    const before = small.slice();
    assert.is(await worker.run(negate, small), 3);
    assert.equal(
      small.slice(),
      before.map((n) => -n),
    );
    assert.equal(await worker.run(lengthOf, large), [count, count - 1 + 0.25]);
  }
});

function RangeErrorOf(message: RegExp) {
  return (error: unknown) => error instanceof RangeError && message.test(error.message);
}

function TypeErrorOf(message: RegExp) {
  return (error: unknown) => error instanceof TypeError && message.test(error.message);
}

test.run();
