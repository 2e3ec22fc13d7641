/** ThreadPoolExecutor: tasks, map, buffers, statistics, shutdown. Cases F01, F02. */
import * as assert from 'uvu/assert';
import { sleep, withVirtualTime } from '@switchyard/hub';
import { CloneError, inline, TaskError, transfer } from '@switchyard/remote';
import { RuntimeError } from '../src/errors.ts';
import type { Future } from '../src/future.ts';
import { ThreadPoolExecutor } from '../src/thread-pool.ts';
import {
  happens,
  open,
  opensAtEnd,
  reaches,
  rejection,
  sharedWords,
  threadSuite,
  thrownBy,
  turn,
} from './future-support.ts';
// @ts-expect-error -- plain JavaScript has no types
import { shout } from './plain-tasks.mjs';
import * as tasks from './thread-tasks.ts';

const test = threadSuite('ThreadPoolExecutor');

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function taken<T>(results: AsyncIterable<T>): Promise<[T[], Error | null]> {
  const values: T[] = [];
  try {
    for await (const value of results) values.push(value);
  } catch (error) {
    return [values, error as Error];
  }
  return [values, null];
}

test('F01: plain, async and generator tasks, inline ones and those of plain JavaScript', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  const typed: Future<number> = pool.submit(tasks.squareInSteps, 7);
  assert.is(await typed, 49);
  const futures = [
    pool.submit(tasks.square, 2),
    pool.submit(tasks.squareLater, 3),
    pool.submit(
      inline((a: number, b: number) => a + b),
      3,
      4,
    ),
    pool.submit(shout, 'x'),
  ];
  assert.equal(await Promise.all(futures), [4, 9, 7, 'X']);
  // Over here they are the functions that they are.
  assert.is(tasks.square(5), 25);
});

test('what is no task is refused at once, with the line to write', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const work = (n: number): number => n;
  const error = thrownBy(() => pool.submit(work, 1));
  assert.instance(error, TaskError);
  assert.match(error.message, "export const work = task(import.meta, 'work',");
  assert.instance(
    thrownBy(() => pool.map(work, [1])),
    TaskError,
  );
  assert.instance(
    thrownBy(() => pool.submit(undefined as never)),
    TypeError,
  );
  assert.is(pool.stats().workers, 0);
});

test('F02: map: in order, with and without chunks, of plain, async and generator tasks', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  const items = numbers(50);
  const squares = items.map((n) => n * n);
  for (const target of [tasks.square, tasks.squareLater, tasks.squareInSteps]) {
    for (const chunksize of [undefined, 1, 7, 50, 1000]) {
      const options = chunksize === undefined ? {} : { chunksize };
      assert.equal(
        await pool.map(target as typeof tasks.square, items, options),
        squares,
        `chunksize ${chunksize}`,
      );
    }
  }
  async function* later(): AsyncGenerator<number> {
    for (const n of items) {
      await turn();
      yield n;
    }
  }
  assert.equal(await pool.map(tasks.square, later(), { chunksize: 9 }), squares);
  assert.equal(await pool.map(tasks.square, new Set(items), { chunksize: 9, buffersize: 2 }), squares);
  assert.equal(await pool.map(tasks.square, [], { chunksize: 9 }), []);
});

test('F02: an error comes in the place of its item, also in the middle of a chunk', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  for (const target of [tasks.inverse, tasks.inverseInSteps]) {
    for (const chunksize of [1, 2, 3, 100]) {
      const [values, error] = await taken(
        pool.map(target as typeof tasks.inverse, [1, 2, 4, 0, 8, 0], { chunksize }),
      );
      assert.equal(values, [1, 0.5, 0.25], `chunksize ${chunksize}`);
      assert.instance(error, RangeError);
      assert.is(error?.message, 'there is no inverse of 0');
    }
  }
  for (const chunksize of [0, -1, 1.5]) {
    assert.instance(
      thrownBy(() => pool.map(tasks.square, [1], { chunksize })),
      RangeError,
    );
  }
});

test('a chunk is one task, one worker runs it, and what cannot be sent in it is named', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  await pool.map(tasks.square, numbers(10), { chunksize: 5 });
  assert.is(pool.stats().submitted, 2);
  const [values, error] = await taken(pool.map(tasks.square, [1, 2, (() => 3) as never], { chunksize: 2 }));
  assert.equal(values, [1, 4]);
  assert.instance(error, CloneError);
  assert.match(error!.message, 'args[0]');
});

test('buffers move there and back', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const copied = new Uint8Array(1000).fill(1);
  assert.is(await pool.submit(tasks.total, copied), 1000);
  assert.is(copied.byteLength, 1000);
  const moved = new Uint8Array(1000).fill(2);
  assert.is(await pool.submit(tasks.total, transfer(moved)), 2000);
  assert.is(moved.byteLength, 0);
  const back = await pool.submit(tasks.bytes, 1 << 20);
  assert.is(back.byteLength, 1 << 20);
  const items = numbers(6).map(() => transfer(new Uint8Array(10).fill(1)));
  assert.equal(
    await pool.map(tasks.total, items, { chunksize: 2 }),
    numbers(6).map(() => 10),
  );
  assert.ok(items.every((item) => item.byteLength === 0));
});

test('what cannot be sent fails its own future only, and names the path', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const good = pool.submit(tasks.square, 2);
  const bad = pool.submit(tasks.square, { a: [1, { f: () => 1 }] } as never);
  const next = pool.submit(tasks.square, 3);
  const error = await rejection(bad);
  assert.instance(error, CloneError);
  assert.match(error.message, 'args[0].a[1].f');
  assert.equal([await good, await next], [4, 9]);
  // Nor does one that nothing else runs beside.
  assert.instance(await rejection(pool.submit(tasks.square, (() => 1) as never)), CloneError);
  assert.is(await pool.submit(tasks.square, 4), 16);
  const { submitted, completed, failed, pending, running } = pool.stats();
  assert.equal([submitted, completed, failed, pending, running], [5, 3, 2, 0, 0]);
});

test('stats', async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  await pool.submit(tasks.square, 1);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const held = numbers(3).map(() => pool.submit(tasks.hold, words, 0, 1));
  await reaches(words, 0, 2);
  await happens(() => pool.stats().running === 2);
  held[2]!.cancel();
  const mid = pool.stats();
  assert.equal([mid.submitted, mid.completed, mid.running, mid.workers], [4, 1, 2, 2]);
  assert.equal([mid.pending, mid.cancelled], [0, 1]);
  open(words, 1);
  await Promise.all(held.slice(0, 2));
  // Of a task that its worker does not know yet, the start is heard of later than it is.
  await pool.submit(tasks.compute, 1);
  await pool.submit(tasks.compute, 30);
  await rejection(pool.submit(tasks.inverse, 0));
  const end = pool.stats();
  assert.is(end.completed + end.failed + end.cancelled, end.submitted);
  assert.equal([end.failed, end.pending, end.running], [1, 0, 0]);
  assert.ok(end.runTime.max >= 30 && end.runTime.max < 20_000, `the longest ran ${end.runTime.max} ms`);
  assert.ok(end.runTime.min >= 0 && end.runTime.p50 <= end.runTime.p99);
  assert.ok(end.waitTime.max > 0 && end.waitTime.max < 20_000, `the longest waited ${end.waitTime.max} ms`);
  assert.ok(end.utilisation > 0 && end.utilisation <= 1, `utilisation ${end.utilisation}`);
  await pool.shutdown();
  assert.is(pool.stats().workers, 0);
});

test('F01: nothing is accepted after a shutdown; what was before runs to its end', async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const futures = numbers(5).map((n) => pool.submit(tasks.squareInSteps, n));
  await pool.shutdown({ wait: false });
  assert.is(futures[0]!.done(), false);
  for (const action of [() => pool.submit(tasks.square, 1), () => pool.map(tasks.square, [1])]) {
    const error = thrownBy(action);
    assert.instance(error, RuntimeError);
    assert.is(error.message, 'cannot schedule new futures after shutdown');
  }
  await pool.shutdown();
  assert.equal(
    futures.map((future) => future.state),
    numbers(5).map(() => 'FINISHED'),
  );
  await pool.shutdown();
  await new ThreadPoolExecutor().shutdown();
});

test('shutdown with cancelFutures cancels what has not begun', async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const held = pool.submit(tasks.hold, words, 0, 1);
  const others = numbers(20).map((n) => pool.submit(tasks.square, n));
  await reaches(words, 0, 1);
  const ended = pool.shutdown({ cancelFutures: true });
  assert.ok(others.at(-1)!.cancelled());
  open(words, 1);
  await ended;
  assert.is(held.state, 'FINISHED');
  assert.ok(
    others.every((future) => future.cancelled()),
    others.map((future) => future.state).join(' '),
  );
});

test('await using waits for the tasks', async () => {
  let future: Future<number>;
  {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    future = pool.submit(tasks.squareInSteps, 6);
  }
  assert.is(future.done(), true);
  assert.is(await future, 36);
});

test('a pool in a task of a pool', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  assert.equal(await pool.map(tasks.sumOfSquares, [[1, 2, 3], [4]]), [14, 16]);
});

test('virtual time is not overtaken by a task', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  await pool.submit(tasks.square, 1);
  const order = await withVirtualTime(function* () {
    const order: string[] = [];
    const future = pool.submit(tasks.square, 2);
    future.addDoneCallback(() => void order.push('task'));
    yield* sleep(3_600_000);
    order.push('an hour');
    yield* future;
    return order;
  });
  assert.equal(order, ['task', 'an hour']);
});

test.run();
