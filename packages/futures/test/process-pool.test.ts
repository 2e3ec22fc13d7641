/** ProcessPoolExecutor: tasks, map, what is sent, shutdown. Cases F01, F02. */
import * as assert from 'uvu/assert';
import { Array as SharedArray, Lock, Queue, Value } from '@switchyard/multiprocessing';
import { CloneError, inline, TaskError, transfer } from '@switchyard/remote';
import { RuntimeError } from '../src/errors.ts';
import type { Future } from '../src/future.ts';
import { ProcessPoolExecutor } from '../src/process-pool.ts';
import { Gate, happens, rejection, threadSuite, thrownBy, watched } from './future-support.ts';
// @ts-expect-error -- plain JavaScript has no types
import { shout } from './plain-tasks.mjs';
import * as shared from './process-shared-tasks.ts';
import * as tasks from './process-tasks.ts';

const test = threadSuite('ProcessPoolExecutor');

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A process takes long to start: most tests use these two. */
const pool = new ProcessPoolExecutor({ maxWorkers: 2 });
test.after(async () => await pool.shutdown());

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
  assert.is.not(await pool.submit(tasks.worker), process.pid);
});

test('what is no task is refused at once, with the line to write', async () => {
  const work = (n: number): number => n;
  const error = thrownBy(() => pool.submit(work, 1));
  assert.instance(error, TaskError);
  assert.match(error.message, "export const work = task(import.meta, 'work',");
  assert.instance(
    thrownBy(() => pool.map(work, [1])),
    TaskError,
  );
});

test('F02: map: in order, with and without chunks; an error comes in its place', async () => {
  const items = numbers(50);
  const squares = items.map((n) => n * n);
  for (const target of [tasks.square, tasks.squareLater, tasks.squareInSteps]) {
    for (const chunksize of [1, 7, 1000]) {
      assert.equal(
        await pool.map(target as typeof tasks.square, items, { chunksize }),
        squares,
        `chunksize ${chunksize}`,
      );
    }
  }
  for (const chunksize of [1, 3, 100]) {
    const [values, error] = await taken(pool.map(tasks.inverse, [1, 2, 4, 0, 8, 0], { chunksize }));
    assert.equal(values, [1, 0.5, 0.25], `chunksize ${chunksize}`);
    assert.instance(error, RangeError);
  }
});

test('thousands of short tasks, each with its own result', async () => {
  const futures = numbers(5000).map((n) => pool.submit(tasks.square, n));
  assert.equal(
    await Promise.all(futures),
    numbers(5000).map((n) => n * n),
  );
});

test('what is sent is copied, there and back, also what is marked to move', async () => {
  const value = {
    map: new Map<unknown, unknown>([[new Date(5), new Set([1n, undefined])]]),
    words: new Float64Array([1.5, -0.25]),
    text: /x/g,
  };
  assert.equal(await pool.submit(tasks.same, value), value);
  const bytes = transfer(new Uint8Array(1 << 20).fill(2));
  assert.is(await pool.submit(tasks.total, bytes), 2 << 20);
  assert.is(bytes.byteLength, 1 << 20);
  assert.is((await pool.submit(tasks.bytes, 1 << 20)).byteLength, 1 << 20);
  assert.equal(await pool.map(tasks.total, [transfer(new Uint8Array(4).fill(3))], { chunksize: 2 }), [12]);
});

test('what cannot be sent fails its own future only, and names the path', async () => {
  const good = pool.submit(tasks.square, 2);
  const bad = pool.submit(tasks.square, { a: [1, { f: () => 1 }] } as never);
  const memory = pool.submit(tasks.total, { words: new Uint8Array(new SharedArrayBuffer(8)) } as never);
  const next = pool.submit(tasks.square, 3);
  const error = await rejection(bad);
  assert.instance(error, CloneError);
  assert.match(error.message, 'args[0].a[1].f');
  const refused = await rejection(memory);
  assert.instance(refused, CloneError);
  assert.match(refused.message, 'args[0].words');
  assert.match(refused.message, 'only threads share memory');
  assert.equal([await good, await next], [4, 9]);
  const result = await rejection(pool.submit(tasks.giveFunction));
  assert.instance(result, CloneError);
  assert.match(result.message, 'result.list[1]');
});

test('locks, queues, values and arrays that processes share can be sent', async () => {
  const value = new Value('i', 0, { lock: false });
  const lock = new Lock();
  const adds = numbers(4).map(() => pool.submit(shared.add, value, lock, 50));
  await Promise.all(adds);
  assert.is(value.value, 200);
  const array = new SharedArray('d', 3, { lock: false });
  await Promise.all(numbers(3).map((n) => pool.submit(shared.fill, array, n, n / 2)));
  assert.equal(array.slice(), [0, 0.5, 1]);
  const queue = new Queue<unknown>();
  await pool.submit(shared.put, queue, { flour: 3 });
  assert.equal(await queue.get(), { flour: 3 });
  await using mill = new ProcessPoolExecutor({
    maxWorkers: 1,
    name: 'mill',
    initializer: shared.takeQueue,
    initargs: [queue],
  });
  await mill.submit(shared.putThere, 'from the initializer');
  assert.is(await queue.get(), 'from the initializer');
  assert.is(await mill.submit(shared.processName), 'mill_0');
});

test('a worker is no daemon: it may have a pool of its own', async () => {
  assert.is(await pool.submit(tasks.sumOfSquares, [1, 2, 3]), 14);
});

test('a task does not wait behind one that waits while there is another worker', async () => {
  for (let round = 0; round < 3; round++) {
    // So that workers have several at hand.
    await pool.map(tasks.linger, Array(100).fill(null) as null[]);
    await pool.map(tasks.square, Array(100).fill(3) as number[]);
    using gate = new Gate();
    const long = watched(pool, {}, tasks.linger, gate.path);
    const others = numbers(60).map((n) => pool.submit(tasks.square, n));
    assert.equal(
      await Promise.all(others),
      numbers(60).map((n) => n * n),
    );
    await long.begun;
    assert.is(long.future.done(), false);
    gate.open();
    await long.future;
  }
});

test('tasks behind one that computes run once each, where there is room', async () => {
  await pool.map(tasks.hold, Array(100).fill(null) as null[]);
  using gate = new Gate();
  const long = watched(pool, {}, tasks.hold, gate.path);
  const others = numbers(60).map(() => watched(pool, {}, tasks.hold, null));
  await long.begun;
  const { completed } = pool.stats();
  // The other worker does those that it has, and the rest is asked back.
  await happens(() => pool.stats().completed > completed);
  gate.open();
  await Promise.all([long.future, ...others.map(({ future }) => future)]);
  const { running, pending } = pool.stats();
  assert.equal([running, pending], [0, 0]);
});

test('stats; nothing is accepted after a shutdown, and what was before runs to its end', async () => {
  const own = new ProcessPoolExecutor({ maxWorkers: 1 });
  const futures = numbers(5).map((n) => own.submit(tasks.squareInSteps, n));
  void own.shutdown({ wait: false });
  assert.is(futures[0]!.done(), false);
  for (const action of [() => own.submit(tasks.square, 1), () => own.map(tasks.square, [1])]) {
    const error = thrownBy(action);
    assert.instance(error, RuntimeError);
    assert.is(error.message, 'cannot schedule new futures after shutdown');
  }
  await own.shutdown();
  assert.ok(futures.every((future) => future.state === 'FINISHED'));
  const { submitted, completed, failed, running, pending, workers, runTime } = own.stats();
  assert.equal([submitted, completed, failed, running, pending, workers], [5, 5, 0, 0, 0, 0]);
  assert.is(runTime.count, 5);
});

test('shutdown with cancelFutures cancels what has not begun', async () => {
  let begun: Promise<void>;
  let futures: Future[];
  using gate = new Gate();
  {
    await using own = new ProcessPoolExecutor({ maxWorkers: 1 });
    const long = watched(own, {}, tasks.hold, gate.path);
    ({ begun } = long);
    futures = [long.future, ...numbers(20).map((n) => own.submit(tasks.square, n) as Future)];
    await begun;
    const ended = own.shutdown({ cancelFutures: true });
    assert.ok(
      futures.slice(1).every((future) => future.cancelled()),
      futures.map((future) => future.state).join(' '),
    );
    gate.open();
    await ended;
  }
  assert.is(futures[0]!.state, 'FINISHED');
});

test.run();
