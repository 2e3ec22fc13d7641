/** ThreadPool: threads for greenlets, as gevent.threadpool has them. */
import * as assert from 'uvu/assert';
import { GreenletExit, joinall, spawn, withTimeout } from '@switchyard/gevent';
import { TaskError } from '@switchyard/remote';
import { ThreadPool } from '../src/index.ts';
import {
  open,
  opensAtEnd,
  reaches,
  rejection,
  sharedWords,
  threadSuite,
  thrownBy,
} from './future-support.ts';
import * as tasks from './thread-tasks.ts';

const test = threadSuite('ThreadPool');

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('spawn, apply and map from greenlets and from async code', async () => {
  await using pool = new ThreadPool(2);
  assert.is(await pool.spawn(tasks.square, 7), 49);
  assert.is(await pool.apply(tasks.squareInSteps, [8]), 64);
  const sum = spawn(function* () {
    const calls = [pool.spawn(tasks.square, 2), pool.spawn(tasks.square, 3)];
    yield* joinall(calls);
    return (yield* calls[0]!) + (yield* calls[1]!) + (yield* pool.apply(tasks.square, [4]));
  });
  assert.is(await sum, 29);
  assert.equal(
    await pool.map(tasks.square, numbers(20)),
    numbers(20).map((n) => n * n),
  );
  const unordered: number[] = [];
  for await (const square of pool.imapUnordered(tasks.square, numbers(10))) unordered.push(square);
  assert.equal(
    unordered.sort((a, b) => a - b),
    numbers(10).map((n) => n * n),
  );
  assert.equal([pool.maxsize, pool.length, pool.size <= 2], [2, 0, true]);
});

test('a callback, a link, and an error in its place', async () => {
  await using pool = new ThreadPool(1);
  const heard = await new Promise((resolve) => void pool.applyAsync(tasks.square, [5], resolve));
  assert.is(heard, 25);
  assert.is((await rejection(pool.spawn(tasks.inverse, 0))).message, 'there is no inverse of 0');
  const results = pool.imap(tasks.inverse, [1, 0, 2]);
  assert.is((await results.next()).value, 1);
  assert.instance(await rejection(results.next()), RangeError);
  assert.is((await results.next()).value, 0.5);
});

test('what is no task is refused at once', () => {
  const pool = new ThreadPool(1);
  assert.instance(
    thrownBy(() => pool.spawn((n: number) => n, 1)),
    TaskError,
  );
  assert.instance(
    thrownBy(() => new ThreadPool(0)),
    RangeError,
  );
  return Promise.resolve();
});

test('no more threads than its size; join waits for all, and gives way in time', async () => {
  await using pool = new ThreadPool(2);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const calls = [1, 2, 3, 4].map(() => pool.spawn(tasks.hold, words, 0, 1));
  await reaches(words, 0, 2);
  assert.equal([pool.size, pool.length], [2, 4]);
  assert.is(await pool.join({ timeout: 5 }), false);
  assert.is(words[0], 2, 'the others have not begun');
  open(words, 1);
  assert.is(await pool.join(), true);
  assert.is(new Set(await Promise.all(calls)).size <= 2, true);
});

test('with another maxsize what waits moves over, and what runs ends where it is', async () => {
  await using pool = new ThreadPool(1);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  using _openToo = opensAtEnd(words, 3);
  const first = pool.spawn(tasks.hold, words, 0, 1);
  const others = [1, 2].map(() => pool.spawn(tasks.hold, words, 2, 3));
  await reaches(words, 0, 1);
  pool.maxsize = 2;
  await reaches(words, 2, 2);
  open(words, 3);
  await joinall(others);
  assert.is(first.ready(), false);
  open(words, 1);
  assert.type(await first, 'number');
  assert.is(pool.maxsize, 2);
});

test('a kill and a timeout reach what computes', async () => {
  await using pool = new ThreadPool(1, { grace: 10 });
  const words = sharedWords();
  const spinning = pool.spawn(tasks.spin, words);
  await reaches(words, 0, 1);
  await spinning.kill();
  assert.instance(spinning.value, GreenletExit);
  assert.is(await withTimeout(20, () => pool.apply(tasks.spin), { value: 'late' }), 'late');
  assert.is(await pool.apply(tasks.square, [3]), 9);
});

test('kill ends all calls and the threads, and it can be used again', async () => {
  const pool = new ThreadPool(2, { grace: 10 });
  const words = sharedWords();
  const calls = [1, 2, 3].map(() => pool.spawn(tasks.spin, words));
  await reaches(words, 0, 2);
  await pool.kill();
  assert.equal(
    calls.map((call) => call.value instanceof GreenletExit),
    [true, true, true],
  );
  assert.equal([pool.length, pool.size], [0, 0]);
  assert.is(await pool.apply(tasks.square, [3]), 9);
  await pool.kill();
});

test.run();
