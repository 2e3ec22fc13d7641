/** ThreadPoolExecutor: how many workers there are, their names and initializers, what each runs, when one is replaced. Cases F14, F17. */
import * as assert from 'uvu/assert';
import { CloneError } from '@switchyard/remote';
import { Event } from '@switchyard/threading';
import { BrokenExecutor } from '../src/errors.ts';
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
} from './future-support.ts';
import * as tasks from './thread-tasks.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const test = threadSuite('ThreadPoolExecutor: its workers');

test('F14: the number of workers; tasks one after the other use one', async () => {
  for (const maxWorkers of [0, -1, 1.5, '2' as never]) {
    const error = thrownBy(() => new ThreadPoolExecutor({ maxWorkers }));
    assert.instance(error, RangeError);
    assert.match(error.message, 'from 1 up as the maxWorkers of ThreadPoolExecutor, got');
  }
  for (const bad of [{ maxTasksPerChild: 0 }, { recycleHeapMb: -1 }]) {
    assert.instance(
      thrownBy(() => new ThreadPoolExecutor(bad)),
      RangeError,
    );
  }
  for (const bad of [{ initargs: 5 }, { threadNamePrefix: 5 }, { resourceLimits: 5 }, { name: 5 }]) {
    assert.instance(
      thrownBy(() => new ThreadPoolExecutor(bad as never)),
      TypeError,
    );
  }
  await using pool = new ThreadPoolExecutor({ maxWorkers: 3 });
  for (let n = 0; n < 3; n++) await pool.submit(tasks.square, n);
  assert.is(pool.stats().workers, 1);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const held = numbers(5).map(() => pool.submit(tasks.hold, words, 0, 1));
  await reaches(words, 0, 3);
  assert.is(pool.stats().workers, 3);
  await happens(() => pool.stats().running === 3);
  open(words, 1);
  assert.is(new Set(await Promise.all(held)).size, 3);
});

test('threads are called by their prefix and a number', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, threadNamePrefix: 'baker' });
  assert.is(await pool.submit(tasks.threadName), 'baker_0');
  await using other = new ThreadPoolExecutor({ maxWorkers: 1, name: 'mill' });
  assert.is(await other.submit(tasks.threadName), 'mill_0');
  assert.is(await other.submitWith({ name: 'rye' }, tasks.taskName), 'rye');
  assert.is(await other.submit(tasks.taskName), 'taskName');
});

test('F17: the initializer runs once in each worker, before anything else', async () => {
  await using pool = new ThreadPoolExecutor({
    maxWorkers: 2,
    initializer: tasks.prepare,
    initargs: ['flour'],
  });
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const held = numbers(2).map(() => pool.submit(tasks.hold, words, 0, 1));
  await reaches(words, 0, 2);
  open(words, 1);
  assert.is(new Set(await Promise.all(held)).size, 2);
  for (const { prepared } of await pool.map(tasks.readPrepared, numbers(20) as never[])) {
    assert.equal(prepared, ['flour']);
  }
  // A worker that has been prepared is no other pool's.
  await pool.shutdown();
  await using next = new ThreadPoolExecutor({ maxWorkers: 2 });
  assert.equal((await next.submit(tasks.readPrepared)).prepared, []);
});

for (const [how, initializer, message, exitCode] of [
  ['fails', tasks.failToPrepare, 'no flour', null],
  ['exits', tasks.exitInstead, 'exited with code 5', 5],
] as const) {
  test(`F17: an initializer that ${how} breaks the pool for what waits and what comes`, async () => {
    const pool = new ThreadPoolExecutor({ maxWorkers: 2, initializer, name: 'mill' });
    const futures = numbers(5).map((n) => pool.submit(tasks.square, n));
    for (const future of futures) {
      const error = (await rejection(future)) as BrokenExecutor;
      assert.instance(error, BrokenExecutor);
      assert.is(error.message.includes('the initializer of mill failed, so no task can run: '), true);
      assert.match(error.message, message);
      assert.is((error.cause as BrokenExecutor).exitCode ?? null, exitCode);
    }
    for (const action of [() => pool.submit(tasks.square, 1), () => pool.map(tasks.square, [1])]) {
      assert.instance(thrownBy(action), BrokenExecutor);
    }
    await pool.shutdown();
  });
}

test('an initializer that has yet to end when nobody wants a worker any more', async () => {
  const pool = new ThreadPoolExecutor({
    maxWorkers: 1,
    initializer: tasks.nap as () => unknown,
    initargs: [60_000] as never,
  });
  const future = pool.submit(tasks.square, 1);
  assert.is(future.cancel(), true);
  await pool.shutdown();
  assert.is(
    thrownBy(() => pool.submit(tasks.square, 1)).message,
    'cannot schedule new futures after shutdown',
  );
});

test('maxTasksPerChild: a worker is replaced after so many tasks', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 3, name: 'mill' });
  const names = await Promise.all(Array.from({ length: 7 }, () => pool.submit(tasks.threadName)));
  assert.equal(names, ['mill_0', 'mill_0', 'mill_0', 'mill_1', 'mill_1', 'mill_1', 'mill_2']);
  assert.is(pool.stats().workers, 1);
});

test('recycleHeapMb: a worker that keeps too much is replaced, and no other', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2, recycleHeapMb: 120 });
  const first = await pool.submit(tasks.worker);
  assert.is(await pool.submit(tasks.hoardMb, 1), first);
  assert.is(await pool.submit(tasks.hoardMb, 200), first);
  // It is looked at when a task has ended, some time after the last look.
  let worker = first;
  for (let n = 0; n < 400 && worker === first; n++)
    worker = await pool
      .submit(tasks.nap, 1)
      .result()
      .then(() => pool.submit(tasks.worker));
  assert.is.not(worker, first);
  // One after the other they need one worker, also while its heap is being looked at.
  for (let n = 0; n < 60; n++) {
    await pool.submit(tasks.nap, 1);
    assert.is(await pool.submit(tasks.worker), worker);
  }
});

test('a short task does not wait behind a long one while there is another worker', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  // So that workers have several at hand.
  await pool.map(tasks.square, Array(200).fill(3) as number[]);
  for (let round = 0; round < 5; round++) {
    const words = sharedWords();
    using _open = opensAtEnd(words, 1);
    const before = Array.from({ length: 10 }, (_, n) => pool.submit(tasks.square, n));
    const long = pool.submit(tasks.hold, words, 0, 1);
    const after = Array.from({ length: 30 }, (_, n) => pool.submit(tasks.square, n));
    await Promise.all([...before, ...after]);
    assert.is(long.done(), false);
    open(words, 1);
    await long;
  }
});

test('what stands behind a long task can be cancelled: it has not begun', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  await pool.map(tasks.square, Array(200).fill(3) as number[]);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const long = pool.submit(tasks.hold, words, 0, 1);
  const others = Array.from({ length: 20 }, () => pool.submit(tasks.count, words, 2));
  await reaches(words, 0, 1);
  assert.ok(
    others.every((future) => future.state === 'PENDING' && future.cancel()),
    others.map((future) => future.state).join(' '),
  );
  open(words, 1);
  await long;
  await pool.submit(tasks.square, 2);
  assert.is(words[2], 0);
});

test('shutdown with cancelFutures, and several at hand in the workers', async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  await pool.map(tasks.square, Array(200).fill(3) as number[]);
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const held = [0, 1].map(() => pool.submit(tasks.hold, words, 0, 1));
  const others = Array.from({ length: 30 }, () => pool.submit(tasks.count, words, 2));
  await reaches(words, 0, 2);
  const ended = pool.shutdown({ cancelFutures: true });
  assert.ok(
    others.every((future) => future.cancelled()),
    others.map((future) => future.state).join(' '),
  );
  open(words, 1);
  await ended;
  assert.ok(held.every((future) => future.state === 'FINISHED'));
  assert.is(words[2], 0);
});

test('tasks in different workers can wait for each other', async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  const event = new Event();
  const waiting = pool.submit(tasks.waitFor, event);
  await pool.submit(tasks.letGo, event);
  assert.is(await waiting, true);
});

test('arguments of an initializer that cannot be sent break the pool', async () => {
  const pool = new ThreadPoolExecutor({
    maxWorkers: 2,
    name: 'mill',
    initializer: tasks.prepare,
    initargs: [(() => 'flour') as never],
  });
  const error = (await rejection(pool.submit(tasks.square, 1))) as BrokenExecutor;
  assert.instance(error, BrokenExecutor);
  assert.instance(error.cause, CloneError);
  assert.match(error.message, 'mill cannot start a worker: args[0]');
  await pool.shutdown();
});

test('a failed initializer: the pool can be shut down at any time, and ends', async () => {
  for (const waits of [false, true]) {
    const pool = new ThreadPoolExecutor({ maxWorkers: 2, initializer: tasks.failToPrepare });
    const futures = Array.from({ length: 3 }, (_, n) => pool.submit(tasks.square, n));
    if (waits) await Promise.all(futures.map((future) => rejection(future)));
    await pool.shutdown();
    for (const future of futures) assert.instance(await future.exception(), BrokenExecutor);
    await happens(() => pool.stats().workers === 0);
  }
});

test.run();
