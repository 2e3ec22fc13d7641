import { readdirSync } from 'node:fs';
import { RuntimeError } from '@switchyard/remote';
import { dumps, loads } from '@switchyard/remote/core';
import { skip, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Array as SharedArray } from '../src/array.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import type { TypeCode } from '../src/type-code.ts';
import { Value } from '../src/value.ts';
import { endWorkers, Worker } from './arena-workers.ts';
import { addUnderLock, getValue, hasMethods, makeValue, passOn, setValue } from './value-tasks.ts';

const test = suite('value');
const none = { lock: false } as const;

test.after.each(endWorkers);

const MOST = Number.MAX_SAFE_INTEGER;
const MOST_BIG = 2n ** 63n;

/** For each type: what there is at first, what it takes, what is outside of it, what is wrong, and its other names. */
const types: [TypeCode, unknown, unknown[], unknown[], unknown[], string[]][] = [
  ['c', '\0', ['a', '\0', 'ÿ'], [], ['ab', '', 'Ā', 97, null], ['c_char']],
  ['?', false, [true, false], [], [1, 0, 'true', null], ['c_bool']],
  ['b', 0, [-128, 127], [-129, 128, 0.5, Infinity], ['1', 1n, null, NaN, true], ['c_byte', 'c_int8']],
  ['B', 0, [0, 255], [-1, 256], [{}], ['c_ubyte', 'c_uint8']],
  ['h', 0, [-32_768, 32_767], [-32_769, 32_768], [''], ['c_short', 'c_int16']],
  ['H', 0, [0, 65_535], [-1, 65_536], [[]], ['c_ushort', 'c_uint16']],
  ['i', 0, [-(2 ** 31), 2 ** 31 - 1], [-(2 ** 31) - 1, 2 ** 31], ['5', 5n], ['c_int', 'c_int32']],
  ['I', 0, [0, 2 ** 32 - 1], [-1, 2 ** 32], [5n], ['c_uint', 'c_uint32']],
  ['l', 0, [-MOST, MOST, 2 ** 33], [2 ** 53, -(2 ** 53)], [5n], ['c_long']],
  ['L', 0, [0, MOST], [-1, 2 ** 53], [5n], ['c_ulong']],
  ['q', 0n, [-MOST_BIG, MOST_BIG - 1n], [MOST_BIG, -MOST_BIG - 1n], [5, '5'], ['c_longlong', 'c_int64']],
  ['Q', 0n, [0n, 2n ** 64n - 1n], [-1n, 2n ** 64n], [5, null], ['c_ulonglong', 'c_uint64']],
  ['f', 0, [0.5, -1.5, Infinity, NaN, 2 ** 100], [], ['1', 1n, null], ['c_float']],
  ['d', 0, [Math.PI, -0, 5e-324, Number.MAX_VALUE, -Infinity, NaN], [], ['1', 1n, undefined], ['c_double']],
];

for (const [code, first, right, outside, wrong, names] of types) {
  test(`type ${code} keeps what it can, and refuses the rest before anything is written`, () => {
    const value = new Value<TypeCode>(code, undefined, none);
    assert.is(value.value, first);
    for (const item of right) {
      value.value = item as never;
      assert.ok(Object.is(value.value, item), `${String(value.value)} for ${String(item)}`);
      assert.ok(Object.is(new Value<TypeCode>(code, item as never, none).value, item));
    }
    const before = value.value;
    for (const [items, ErrorClass] of [
      [outside, RangeError],
      [wrong, TypeError],
    ] as const) {
      for (const item of items) {
        const refused = (error: unknown) =>
          error instanceof ErrorClass &&
          /^Expected .+ as the value of a Value of type '.', got .+$/.test(error.message);
        assert.throws(() => (value.value = item as never), refused, String(item));
        if (item !== undefined) assert.throws(() => new Value<TypeCode>(code, item as never, none), refused);
      }
    }
    assert.ok(Object.is(value.value, before));
    for (const name of names) assert.is(new Value(name as TypeCode, undefined, none).typecode, code);
  });
}

test('a message says what was expected, and got', () => {
  assert.throws(
    () => new Value('B', 256),
    (error: Error) =>
      error.message === "Expected a whole number from 0 to 255 as the value of a Value of type 'B', got 256",
  );
  assert.throws(
    () => new Value('l', 2 ** 60),
    (error: Error) => error.message.includes("(for more, use the type 'q', of bigints)"),
  );
  for (const code of ['x', '', 'int', undefined, null, 5, 'toString']) {
    assert.throws(
      () => new Value(code as never, 0 as never),
      (error: unknown) =>
        error instanceof TypeError &&
        error.message.startsWith(
          'Expected one of c ? b B h H i I l L q Q f d, or a name as c_int, as the type code',
        ),
    );
  }
});

test('M10: with lock: false there is no getLock, and what is no lock is refused', () => {
  const bare = new Value('i', 5, none);
  assert.is(bare.getLock, undefined);
  for (const use of [() => bare.acquire(), () => bare.release(), () => bare.hold()]) {
    assert.throws(
      use,
      (error: unknown) =>
        error instanceof RuntimeError && error.message.startsWith('This Value was made with lock: false'),
    );
  }
  for (const lock of ['x', 5, null, {}, { acquire() {} }]) {
    assert.throws(
      () => new Value('i', 5, { lock: lock as never }),
      (error: unknown) =>
        error instanceof TypeError &&
        error.message.startsWith('Expected true, false, a Lock or an RLock as lock of Value'),
    );
  }
  assert.throws(() => new Value('i', 5, 'x' as never), /^TypeError|Expected options as \{ lock: false \}/);
});

test('M10: getLock gives the lock that was given, or one of its own, always the same', async () => {
  const lock = new Lock();
  const given = new Value('i', 1, { lock });
  assert.is(given.getLock(), lock);
  const own = new Value('i', 1);
  assert.instance(own.getLock(), RLock);
  assert.is(own.getLock(), own.getLock());
  assert.instance(new Value('i', 1, { lock: true }).getLock(), RLock);

  assert.is(await given.acquire(), true);
  assert.ok(lock.locked());
  assert.is(await given.acquire({ blocking: false }), false);
  given.release();
  {
    using held = await own.hold();
    assert.is(held.abandoned, false);
    assert.ok((own.getLock() as RLock).owned());
  }
  assert.not.ok((own.getLock() as RLock).owned());
});

test('M10: getObj is the same memory without a lock', () => {
  const value = new Value('d', 1.5);
  const bare = value.getObj();
  bare.value = 2.5;
  assert.is(value.value, 2.5);
  assert.is(bare.getLock, undefined);
});

test('it goes through bytes, alone and in others, with its lock', async () => {
  const value = new Value('q', 7n);
  const { bytes } = dumps({ list: [value], again: value });
  const { list, again } = loads(bytes) as { list: Value<'q'>[]; again: Value<'q'> };
  assert.instance(again, Value);
  assert.is(list[0], again);
  again.value += 1n;
  assert.is(value.value, 8n);
  assert.is(again.typecode, 'q');
  assert.is(await value.acquire(), true);
  assert.is((again.getLock() as RLock).locked(), true);
  value.release();

  const bare = loads(dumps(new Value('i', 3, none)).bytes) as Value<'i'>;
  assert.is(bare.value, 3);
  assert.is(bare.getLock, undefined);
  assert.throws(() => structuredClone(value), /unclonable|could not be cloned/);
});

test('M10: what a child writes is seen here, and by another child and a thread', async () => {
  const workers = [new Worker('process'), new Worker('process'), new Worker('thread')];
  const values = [
    new Value('i', 0),
    new Value('q', 0n, none),
    new Value('c', 'a', none),
    new Value('?', false, none),
  ];
  const next = [-5, 2n ** 62n, 'ÿ', true];
  for (const [index, value] of values.entries()) {
    await workers[0]!.run(setValue, value as never, next[index] as never);
    assert.is(value.value, next[index]);
    for (const worker of workers) assert.is(await worker.run(getValue, value as never), next[index]);
  }
  for (const worker of workers) {
    assert.equal(
      [await worker.run(hasMethods, values[0] as never), await worker.run(hasMethods, values[1] as never)],
      [true, false],
    );
  }
});

test('one that a child made comes here, goes to another, and outlives the child', async () => {
  const [maker, user] = [new Worker('process'), new Worker('process')];
  const value = await maker.run(makeValue, 41);
  assert.is(value.value, 41);
  const again = await maker.run(passOn, value as Value<'i'>);
  again.value = 42;
  await maker.kill();
  assert.is(await user.run(getValue, value as never), 42);
  await user.run(setValue, value as never, 43 as never);
  assert.equal([value.value, again.value], [43, 43]);
});

test('counted under its lock by two children, a thread and this process, nothing is lost', async () => {
  const counter = new Value('i', 0);
  const totals = new SharedArray('d', 3, none);
  const workers = [new Worker('process'), new Worker('process'), new Worker('thread')];
  const done = Promise.all(workers.map((worker) => worker.run(addUnderLock, counter, totals, 300)));
  for (let n = 0; n < 300; n++) {
    using _held = await counter.hold();
    counter.value += 1;
  }
  await done;
  assert.is(counter.value, 1200);
  assert.equal(totals.slice(), [300, 300, 300]);
});

test('a hundred thousand values take one file and no lock', () => {
  if (process.platform !== 'linux') skip('open files are counted in /proc');
  const before = readdirSync('/proc/self/fd').length;
  const values = Array.from({ length: 100_000 }, (_, n) => new Value('i', n));
  assert.ok(readdirSync('/proc/self/fd').length - before <= 1);
  for (let n = 0; n < 100_000; n += 997) assert.is(values[n]!.value, n);
});

test.run();
