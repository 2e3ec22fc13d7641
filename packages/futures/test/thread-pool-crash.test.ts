/**
 * ThreadPoolExecutor when something goes wrong: only the task that it went wrong in fails, with all that is known, and the
 * pool goes on.
 */
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { CloneError, transfer } from '@switchyard/remote';
import { BrokenExecutor } from '../src/errors.ts';
import type { Future } from '../src/future.ts';
import { ThreadPoolExecutor } from '../src/thread-pool.ts';
// @ts-expect-error -- plain JavaScript has no types
import { unreachable } from './exits-when-loaded.mjs';
import { happens, open, opensAtEnd, reaches, rejection, sharedWords, threadSuite } from './future-support.ts';
import * as tasks from './thread-tasks.ts';

const test = threadSuite('ThreadPoolExecutor: what goes wrong');

const squares = (pool: ThreadPoolExecutor, count: number): Future<number>[] =>
  Array.from({ length: count }, (_, n) => pool.submit(tasks.square, n));

async function allRight(futures: Future<number>[]): Promise<void> {
  assert.equal(
    await Promise.all(futures),
    futures.map((_, n) => n * n),
  );
}

for (const code of [0, 3]) {
  test(`a task that exits with code ${code}`, async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1, name: 'mill' });
    const before = squares(pool, 5);
    const bad = pool.submit(tasks.exit, code);
    const after = squares(pool, 5);
    const error = (await rejection(bad)) as BrokenExecutor;
    assert.instance(error, BrokenExecutor);
    assert.is(error.exitCode, code);
    assert.is(error.message, `worker mill_0 exited with code ${code} while it ran the task exit`);
    await allRight(before);
    await allRight(after);
    const { completed, failed, running, workers } = pool.stats();
    assert.equal([completed, failed, running, workers], [10, 1, 0, 1]);
  });
}

test('a worker that exits takes none of those along that were at hand in it', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  await pool.map(tasks.square, Array(100).fill(3) as number[]);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const bad = [3, 4].map((code) => pool.submit(tasks.exitLater, words, code));
  const good = squares(pool, 30);
  await reaches(words, 0, 2);
  open(words, 1);
  assert.equal(
    (await Promise.all(bad.map((future) => rejection(future)))).map(
      (error) => (error as BrokenExecutor).exitCode,
    ),
    [3, 4],
  );
  await allRight(good);
});

test('every error of a task comes whole', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const error = (await rejection(pool.submit(tasks.rangeError))) as Error & { code: string; data: unknown };
  assert.instance(error, RangeError);
  assert.equal([error.message, error.code, error.data], ['out of reach', 'E_ARM', { length: 3 }]);
  assert.instance(error.cause, TypeError);
  assert.is((error.cause as Error).message, 'too short');
  assert.match(error.stack!, 'thread-tasks');
  const both = (await rejection(pool.submit(tasks.aggregate))) as AggregateError;
  assert.instance(both, AggregateError);
  assert.is(both.message, 'both');
  assert.instance(both.errors[0], RangeError);
  assert.is(both.errors[1], 'two');
  assert.is(await pool.submit(tasks.throw42).exception(), 42);
  const nothing = pool.submit(tasks.throwNothing);
  assert.is(await nothing.exception(), undefined);
  assert.is(
    await nothing.result().then(
      () => 'value',
      (thrown) => thrown,
    ),
    undefined,
  );
  assert.is(pool.stats().failed, 4);
});

test('a result that cannot be sent is an error that names the path; a promise of a plain function is waited for', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const error = await rejection(pool.submit(tasks.giveFunction));
  assert.instance(error, CloneError);
  assert.match(error.message, 'result.list[1]');
  assert.is(await pool.submit(tasks.promised, 5), 5);
});

test('a module that ends its thread when it is loaded strikes only the task that needs it', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const before = squares(pool, 3);
  const bad = pool.submit(unreachable as () => string);
  const after = squares(pool, 3);
  const error = (await rejection(bad)) as BrokenExecutor;
  assert.instance(error, BrokenExecutor);
  assert.is(error.exitCode, 7);
  await allRight(before);
  await allRight(after);
});

test('a worker that runs out of memory', async () => {
  await using pool = new ThreadPoolExecutor({
    maxWorkers: 1,
    resourceLimits: { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 },
  });
  const good = squares(pool, 3);
  const bad = pool.submit(tasks.outOfMemory);
  const after = squares(pool, 3);
  const error = (await rejection(bad)) as BrokenExecutor;
  assert.instance(error, BrokenExecutor);
  assert.is((error.cause as Error & { code: string }).code, 'ERR_WORKER_OUT_OF_MEMORY');
  assert.is(error.exitCode, 1);
  await allRight(good);
  await allRight(after);
});

for (const [what, late, message] of [
  ['an uncaught error', () => tasks.lateError, 'too late'],
  ['an unhandled rejection', () => tasks.lateRejection, 'refused too late'],
] as const) {
  test(`${what} of a task that has ended fails the one that runs then`, async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const words = sharedWords();
    await pool.submit(late(), words);
    const running = pool.submit(tasks.never, words);
    const error = (await rejection(running)) as BrokenExecutor;
    assert.instance(error, BrokenExecutor);
    assert.is(error.exitCode, 1);
    assert.is((error.cause as Error).message, message);
    await allRight(squares(pool, 3));
  });
}

test('an error between two tasks is reported, as no future tells of it', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const before = getHub().onError;
  const told: unknown[] = [];
  getHub().onError = (error) => told.push(error);
  try {
    await pool.submit(tasks.square, 1);
    const words = sharedWords();
    await pool.submit(tasks.lateError, words);
    open(words, 0);
    await happens(() => told.length > 0);
  } finally {
    getHub().onError = before;
  }
  assert.is(told.length, 1);
  assert.is((told[0] as Error).message, 'too late');
  assert.is(pool.stats().workers, 0);
  await allRight(squares(pool, 3));
});

test('a worker that exits after a task was sent there, but before it began: another runs it', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, name: 'mill' });
  for (const moves of [false, true]) {
    const words = sharedWords();
    using _open = opensAtEnd(words, 1);
    await pool.submit(tasks.exitBetween, words, 9);
    await reaches(words, 0, 1);
    const bytes = new Uint8Array(10).fill(1);
    const future = pool.submit(tasks.total, moves ? transfer(bytes) : bytes);
    const next = pool.submit(tasks.square, 3);
    open(words, 1);
    if (moves) {
      // What has moved is gone.
      const error = (await rejection(future)) as BrokenExecutor;
      assert.instance(error, BrokenExecutor);
      assert.is(error.exitCode, 9);
      assert.match(error.message, 'after the buffers had moved there, but before it ran the task total');
    } else assert.is(await future, 10);
    assert.is(await next, 9);
  }
  const { running, pending, submitted, completed, failed } = pool.stats();
  assert.equal([running, pending, submitted, completed, failed], [0, 0, 6, 5, 1]);
});

test('whatever happens, every future ends, and so does the pool', async () => {
  let seed = 42;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const pool = new ThreadPoolExecutor({ maxWorkers: 2, grace: 20, maxTasksPerChild: 100 });
  const { outside } = hub;
  const ends = new Map<string, number>();
  const futures: Future[] = [];
  for (let n = 0; n < 300; n++) {
    const kind = random(100);
    const future: Future =
      kind < 60
        ? pool.submit(tasks.square, n)
        : kind < 75
          ? pool.submit(tasks.nap, 1)
          : kind < 85
            ? pool.submit(tasks.inverse, 0)
            : kind < 90
              ? pool.submitWith({ timeout: 5 }, tasks.nap, 60_000)
              : kind < 97
                ? pool.submit(tasks.total, transfer(new Uint8Array(8)))
                : kind < 99
                  ? pool.submit(tasks.exit, 3)
                  : pool.submitWith({ timeout: 5 }, tasks.spin);
    futures.push(future);
    if (random(10) === 0) futures[random(futures.length)]!.kill();
    if (random(10) === 0) futures[random(futures.length)]!.cancel();
    if (random(20) === 0) await futures[random(futures.length)]!.exception().then(null, () => {});
  }
  await pool.shutdown();
  for (const future of futures) {
    const end = await future.result().then(
      () => 'value',
      (error: Error) => error.name,
    );
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  const known = ['value', 'RangeError', 'TimeoutError', 'CancelledError', 'BrokenExecutor'];
  assert.equal(
    [...ends.keys()].filter((name) => !known.includes(name)),
    [],
  );
  const { submitted, completed, failed, cancelled, running, pending, workers } = pool.stats();
  assert.equal([submitted, running, pending, workers], [300, 0, 0, 0]);
  assert.is(completed + failed + cancelled, 300);
  assert.is(completed, ends.get('value'));
  assert.is(hub.outside, outside, 'virtual time waits for nothing that has ended');
});

test.run();
