/** Values to bytes and back, beside structuredClone. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { dumps, loads, Pickler, Unpickler } from '../src/pickle.ts';
import { register, revive, share, Shareable, task, TaskError } from '../src/index.ts';

const test = suite('pickle');

function there<T>(value: T): T {
  const { bytes, buffers } = dumps(value);
  return loads(bytes, buffers) as T;
}

function thrownBy(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

function same(value: unknown): void {
  const got = there(value);
  const expected: unknown = structuredClone(value);
  assert.ok(
    isDeepStrictEqual(got, expected),
    `expected ${inspect(expected, { depth: 9 })}\n     got ${inspect(got, { depth: 9 })}`,
  );
}

test('what has a byte of its own, numbers and strings', () => {
  for (const value of [
    undefined,
    null,
    true,
    false,
    '',
    'abc',
    'é',
    'ÿ',
    'Ā',
    '日本',
    '😀',
    '\ud800',
    'a\udc00b',
    '\0',
  ])
    assert.is(there(value), value);
  const numbers = [
    0,
    -0,
    1,
    -1,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    0.1,
    NaN,
    Infinity,
    -Infinity,
    5e-324,
    2 ** 53,
  ];
  for (const value of numbers) assert.ok(Object.is(there(value), value), String(value));
});

test('plain data, and what looks like it', () => {
  const twice = { a: 1 };
  const odd = Object.assign([1, 2], { extra: 'kept' });
  const holes: unknown[] = [];
  holes[3] = 1;
  const own: unknown = JSON.parse('{"b":1,"__proto__":{"x":1},"a":2,"1":3}');
  for (const value of [
    {},
    [],
    [[]],
    { a: [1, { b: null }], 'x y': '😀\ud800' },
    own,
    { a: undefined },
    [undefined],
    { n: NaN },
    { z: -0 },
    [Infinity],
    odd,
    holes,
    'x'.match(/x/),
    { first: twice, second: twice },
    Object.create(null),
    { toJSON: 1 },
    Array.from({ length: 500 }, (_, n) => n),
  ]) {
    same(value);
  }
  assert.equal(Object.keys(there(own) as object), ['1', 'b', '__proto__', 'a']);
  const shared = there({ first: twice, second: twice });
  assert.is(shared.first, shared.second);
  const hidden = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 'wrong' });
  assert.equal(there(hidden), { a: 1 });
  assert.is(3 in there(holes), true);
  assert.is(0 in there(holes), false);
});

test('whatever structured clone takes', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle['self'] = cycle;
  class Point {
    x = 1;
    y = 2;
  }
  const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const value of [
    new Map<unknown, unknown>([
      ['a', 1],
      [{ k: 1 }, new Map()],
    ]),
    new Set([1, 'two', new Set([3])]),
    new Date(12345),
    /a+/giu,
    10n ** 40n,
    { big: -1n },
    bytes,
    bytes.subarray(2, 5),
    Buffer.from('buffer'),
    bytes.buffer,
    new Uint8Array(0),
    new ArrayBuffer(0),
    new Float64Array([0.5, -0]),
    new DataView(new ArrayBuffer(9), 1, 3),
    { words: new Int32Array([1, 2]) },
    new Error('failed'),
    new RangeError('outer', { cause: new TypeError('inner') }),
    new Point(),
    Object(7),
    cycle,
  ]) {
    same(value);
  }
  const error = there(new RangeError('outer', { cause: new TypeError('inner') }));
  assert.instance(error.cause, TypeError);
  const resizable = there(
    new (ArrayBuffer as never as new (n: number, o: object) => ArrayBuffer)(4, { maxByteLength: 8 }),
  );
  assert.is((resizable as { resizable?: boolean }).resizable, true);
});

test('random values arrive as with structuredClone', () => {
  let state = 20260101;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % n;
  };
  const leaves: (() => unknown)[] = [
    () => random(1000) - 500,
    () => random(1000) / 7,
    () => [NaN, -0, Infinity, undefined, null, true, false][random(7)],
    () => String.fromCharCode(...Array.from({ length: random(6) }, () => random(3) * 0x7000 + 65)),
    () => new Date(random(1e6)),
    () => BigInt(random(1e6)) ** 5n,
    () => Uint8Array.from({ length: random(9) }, () => random(256)),
    () => new Error(`e${random(9)}`),
  ];
  const made: object[] = [];
  const value = (depth: number): unknown => {
    const kind = random(depth <= 0 ? 8 : 13);
    if (kind < 8) return leaves[kind]!();
    const size = random(5);
    let result: object;
    if (kind === 8) result = Array.from({ length: size }, () => value(depth - 1));
    else if (kind === 9) {
      result = new Map(Array.from({ length: size }, () => [value(depth - 2), value(depth - 1)]));
    } else if (kind === 10) result = new Set(Array.from({ length: size }, () => value(depth - 2)));
    else if (kind === 11 && made.length > 0) result = made[random(made.length)]!;
    else {
      const keys = ['a', 'b', 'key', '7', '__proto__', 'toString'];
      result = Object.fromEntries(Array.from({ length: size }, () => [keys[random(6)]!, value(depth - 1)]));
    }
    made.push(result);
    return result;
  };
  for (let n = 0; n < 3000; n++) {
    made.length = 0;
    same(value(4));
  }
});

test('written straight into the bytes of the caller, at any place', () => {
  const target = Buffer.alloc(400, 0xaa);
  const pickler = new Pickler();
  const unpickler = new Unpickler();
  for (const at of [0, 3, 8]) {
    for (const value of [1, 0.5, 'text', '日本', { a: 1 }, new Map([[1, 2]]), new Uint8Array([1, 2, 3])]) {
      target.fill(0xaa);
      const size = pickler.take(value);
      assert.is(size, pickler.size);
      pickler.write(target, at);
      assert.is(target[at + size], 0xaa, 'nothing behind it is touched');
      if (at > 0) assert.is(target[at - 1], 0xaa);
      unpickler.take(target, at, size);
      target.fill(0);
      assert.equal(unpickler.value(), structuredClone(value));
    }
  }
});

test('into and out of shared memory', () => {
  const target = Buffer.from(new SharedArrayBuffer(1000));
  const pickler = new Pickler();
  const unpickler = new Unpickler();
  for (const value of [1, 'text', '日本', { a: ['b'] }, new Set([1]), new Uint8Array(300).fill(7), 5n]) {
    const size = pickler.take(value);
    pickler.write(target, 8);
    unpickler.take(target, 8, size);
    assert.equal(unpickler.value(), value);
  }
});

test('a getter that pickles something itself', () => {
  const inner = { a: [1, { b: 2 }] };
  const value = {
    get nested() {
      return dumps(inner).bytes.length;
    },
    after: 'x',
  };
  assert.equal(there(value), { nested: value.nested, after: 'x' });
});

test('a getter that throws', () => {
  const value = {
    get broken(): never {
      throw new RangeError('broken');
    },
  };
  assert.is(thrownBy(() => dumps(value)).message, 'broken');
  assert.is(there(5), 5);
});

test('shared memory stays the same', () => {
  const memory = new SharedArrayBuffer(16);
  const words = new Int32Array(memory, 4, 2);
  const { bytes, buffers } = dumps({
    memory,
    words,
    again: new Map([['m', memory]]),
    view: new DataView(memory, 8),
    n: 1n,
  });
  assert.equal(buffers.length, 1);
  const got = loads(bytes, buffers) as {
    memory: SharedArrayBuffer;
    words: Int32Array;
    again: Map<string, unknown>;
  };
  assert.is(got.memory, memory);
  assert.is(got.again.get('m'), memory);
  got.words[1] = 99;
  assert.is(words[1], 99);
  assert.is(got.words.length, 2);
  const alone = dumps(memory);
  assert.is(loads(alone.bytes, alone.buffers), memory);
  const view = dumps(new Uint8Array(memory, 2, 3));
  assert.is((loads(view.bytes, view.buffers) as Uint8Array).buffer, memory);
});

class Counter extends Shareable {
  readonly words: Int32Array;
  constructor(words: Int32Array = new Int32Array(new SharedArrayBuffer(4))) {
    super();
    this.words = words;
  }
  add(): number {
    return Atomics.add(this.words, 0, 1) + 1;
  }
  [share](): unknown {
    return { words: this.words };
  }
  static [revive](state: { words: Int32Array }): Counter {
    return new Counter(state.words);
  }
}
register(import.meta, Counter);
export const double = task(import.meta, 'double', (n: number) => n * 2);

test('shareable objects arrive as themselves, at any depth', () => {
  const counter = new Counter();
  const value = {
    a: [counter, { deep: { deeper: new Map([['c', new Set([counter])]]) } }],
    job: double,
    kind: Counter,
  };
  const got = there(value);
  const first = got.a[0] as Counter;
  assert.instance(first, Counter);
  assert.is(first.add(), 1);
  assert.is(counter.add(), 2);
  const deep = got.a[1] as { deep: { deeper: Map<string, Set<Counter>> } };
  const [same] = deep.deep.deeper.get('c')!;
  assert.is(same, first);
  assert.is(got.job, double);
  assert.is(got.kind, Counter);
  assert.is(there(counter).add(), 3);
  assert.is(value.a[0], counter, 'the original stays as it is');
});

test('a shareable object of a module that is not loaded here', () => {
  const { bytes, buffers } = dumps({ counter: new Counter() });
  const url = import.meta.url;
  const elsewhere = url.replace('pickle.test', 'pickle.gone');
  assert.is(elsewhere.length, url.length);
  const moved = Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(url, elsewhere), 'latin1');
  const error = thrownBy(() => loads(moved, buffers));
  assert.instance(error, TaskError);
  assert.ok(error.message.includes(elsewhere) && error.message.includes('import it'), error.message);
});

test('a shareable object of a class that has not been registered', () => {
  class Unknown extends Counter {}
  assert.instance(
    thrownBy(() => dumps([new Unknown()])),
    TaskError,
  );
});

test.run();
