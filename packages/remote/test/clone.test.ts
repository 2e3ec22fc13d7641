/** What crosses the border to a worker, what does not, and what is said then. */
import { createSecretKey } from 'node:crypto';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { CloneError, inline } from '../src/index.ts';
import { CHUNK } from '../src/core.ts';
import { Box, Memory } from './classes.ts';
import { failure, Host, type Kind, kinds, TestCall } from './support.ts';
import * as tasks from './tasks.ts';

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  const timeout = 20_000;
  let host: Host;
  test.before(() => {
    host = new Host(kind);
  });
  test.after(() => host.end());

  test('what structured clone keeps arrives as it was', { timeout }, async () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['self'] = circle;
    const holes = Object.assign(Array<number>(3), { 0: 1, 2: 3 });
    const values = [
      undefined, null, true, 0, -0, 1.5, NaN, -Infinity, 10n ** 30n, '', 'text', 'ü\u{1F600}\ud800', new Date(5), /x/giu,
      holes, { a: { b: [1, 'x'] } }, new Map([[1, new Set(['y'])]]), new Uint8Array([1, 2]), new Float64Array([0.5]).buffer,
    ]; // prettier-ignore
    for (const value of values) assert.equal(await host.run(tasks.give, value), value);
    assert.ok(Object.is(await host.run(tasks.give, -0), -0));
    assert.ok(
      Object.is(
        await host.run(tasks.give, { deep: [-0] }).then((it) => (it as { deep: number[] }).deep[0]),
        -0,
      ),
    );
    const back = (await host.run(tasks.give, circle)) as typeof circle;
    assert.is(back['self'], back);
    const large = new Uint8Array(3_000_000).fill(9);
    assert.equal(await host.run(tasks.give, { large, text: 'x'.repeat(1_000_000) }), {
      large,
      text: 'x'.repeat(1_000_000),
    });
  });

  test(
    'an argument that cannot be cloned is refused with its path, and the worker goes on',
    { timeout },
    async () => {
      let error: Error & { code?: string } = new Error();
      try {
        void host.run(tasks.give, { a: [1, { f: () => 1 }] });
      } catch (caught) {
        error = caught as Error;
      }
      assert.instance(error, CloneError);
      assert.is(error.code, 'ERR_ARGUMENT_CLONE');
      assert.match(error.message, /^args\[0\]\.a\[1\]\.f: a function \(f\) cannot be sent/);
      assert.throws(() => host.run(tasks.give, 1, Symbol('s')), /args\[1\]: a symbol/);
      assert.throws(() => host.run(tasks.give, Promise.resolve()), /args\[0\]: a Promise/);
      if (kind === 'process') {
        assert.throws(
          () => host.run(tasks.give, { key: createSecretKey(Buffer.from('k')) }),
          /^args\[0\]\.key: a KeyObject cannot be sent to another process/,
        );
      }
      assert.is(host.peer.calls.length, 0);
      assert.is(await host.run(tasks.add, 1, 2), 3);
    },
  );

  test('a call names its arguments as its user knows them', { timeout }, async () => {
    class Wrapped extends TestCall {
      override argumentNames(): readonly string[] {
        return ['target', 'args'];
      }
    }
    const push = (...args: unknown[]): unknown => host.push(new Wrapped(tasks.give, args));
    assert.throws(
      () => push(tasks.add, [{ a: { f: () => 1 } }]),
      /^args\[0\]\.a\.f: a function \(f\) cannot/,
    );
    assert.throws(() => push(() => 1, []), /^target: a function cannot/);
    assert.throws(() => push(null, [], Symbol('s')), /^args\[2\]: a symbol/, 'one without a name');
    assert.throws(() => push(null, [new Box({ a: () => 1 })]), /^args\[0\] \(a Box\)\.a: a function/);
    if (kind === 'process') {
      assert.throws(() => push(null, [1, new Memory()]), /^args\[1\] \(a Memory\) cannot be sent to another/);
    }
    assert.equal(await push(1, [2]), 1);
  });

  test('a result that cannot be cloned is told with its path', { timeout }, async () => {
    const error = await failure(host.run(tasks.giveFunction));
    assert.instance(error, CloneError);
    assert.is(error['code'], 'ERR_RESULT_CLONE');
    assert.match(error.message, 'result.list[1].f: a function (f)');
    assert.match((await failure(host.run(tasks.giveBare))).message, /^result: a function cannot be sent/);
    assert.is(await host.run(tasks.add, 1, 2), 3);
  });

  test('tasks as arguments arrive callable', { timeout }, async () => {
    assert.is(await host.run(tasks.apply, tasks.add, 1, 2), 3);
    assert.is(await host.run(tasks.apply, tasks.apply, tasks.add, 1, 2), 3);
    assert.is(await host.run(tasks.give, tasks.add), tasks.add);
  });

  test('shared memory goes to threads only', { timeout }, async () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const value = { deep: [new Map([['lock', new Memory()]])] };
    if (kind === 'thread') {
      await host.run(
        inline((array: Int32Array) => Atomics.store(array, 0, 7)),
        words,
      );
      assert.is(words[0], 7);
      await host.run(tasks.give, value);
      return;
    }
    assert.throws(
      () => host.run(tasks.give, words),
      /args\[0\] \(an Int32Array on shared memory\) cannot be sent to another process/,
    );
    assert.throws(() => host.run(tasks.give, { a: words.buffer }), /args\[0\]\.a \(a SharedArrayBuffer\)/);
    assert.throws(
      () => host.run(tasks.give, value),
      /args\[0\]\.deep\[0\]\.get\("lock"\) \(a Memory\) cannot/,
    );
    const error = await failure(host.run(inline(() => ({ x: new SharedArrayBuffer(4) }))));
    assert.instance(error, CloneError);
    assert.match(error.message, 'result.x (a SharedArrayBuffer)');
    assert.is(await host.run(tasks.add, 1, 2), 3);
  });

  test('large values, many at a time, while nobody reads', { timeout }, async () => {
    const size = 4_000_000;
    const calls = Array.from({ length: 12 }, (_, at) =>
      host.run(tasks.give, { at, bytes: new Uint8Array(size).fill(at) }),
    );
    const single = host.run(tasks.give, 'x'.repeat(30_000_000));
    // The worker has to wait for this thread now, and goes on afterwards.
    const end = performance.now() + 300;
    while (performance.now() < end);
    for (const [at, call] of calls.entries()) {
      const got = (await call) as { at: number; bytes: Uint8Array };
      assert.equal([got.at, got.bytes.length, got.bytes[0], got.bytes[size - 1]], [at, size, at, at]);
    }
    assert.is(((await single) as string).length, 30_000_000);
  });

  test('a result of an item of a chunk that cannot be cloned', { timeout }, async () => {
    const odd = inline((x: number) => (x === 2 ? { f: () => x } : x));
    const error = await failure(host.push(new TestCall(odd, [1, 2, 3], CHUNK)));
    assert.is(error['code'], 'ERR_RESULT_CLONE');
    assert.match(error.message, /^results\[1\]\.f: a function cannot/);
  });

  test.run();
}
