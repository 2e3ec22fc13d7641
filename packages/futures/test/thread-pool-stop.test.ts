/** ThreadPoolExecutor: cancelled and killed tasks, time limits, signals. Case F03. */
import * as assert from 'uvu/assert';
import { Event } from '@switchyard/threading';
import { CancelledError, TimeoutError } from '../src/errors.ts';
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
  watched,
} from './future-support.ts';
// @ts-expect-error -- plain JavaScript has no types
import { quick } from './slow-to-load.mjs';
import * as tasks from './thread-tasks.ts';

const test = threadSuite('ThreadPoolExecutor: what is to stop');

/** A pool of one worker, which has run a task. */
async function warm(options: ConstructorParameters<typeof ThreadPoolExecutor>[0] = {}): Promise<{
  pool: ThreadPoolExecutor;
  worker: number;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, ...options });
  const worker = await pool.submit(tasks.worker);
  return { pool, worker, [Symbol.asyncDispose]: async () => await pool.shutdown() };
}

test('F03: cancel: what waits, yes; what runs or has finished, no', async () => {
  await using given = await warm();
  const { pool } = given;
  const words = sharedWords();
  using _open = opensAtEnd(words, 1);
  const running = pool.submit(tasks.hold, words, 0, 1);
  const pending = pool.submit(tasks.hold, words, 2, 1);
  assert.equal([pending.state, pending.cancel(), pending.state], ['PENDING', true, 'CANCELLED_AND_NOTIFIED']);
  assert.equal([running.state, running.cancel(), running.state], ['RUNNING', false, 'RUNNING']);
  open(words, 1);
  await running;
  assert.equal([running.cancel(), running.state], [false, 'FINISHED']);
  const error = await rejection(pending);
  assert.instance(error, CancelledError);
  assert.is(error.message, 'task hold was cancelled before it began');
  assert.is(await pool.submit(tasks.square, 2), 4);
  assert.is(words[2], 0);
});

test('a time limit counts from the start of the task', async () => {
  await using given = await warm();
  const { pool } = given;
  const before = pool.submit(tasks.compute, 400);
  assert.is(await pool.submitWith({ timeout: 300 }, tasks.square, 3), 9);
  assert.is(before.done(), true);
  // Nor does it count what it takes to start a thread, or to load the module.
  await using cold = new ThreadPoolExecutor({
    maxWorkers: 1,
    taskTimeout: 300,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  assert.is(await cold.submit(quick as () => string), 'done');
});

test('a task that never ends is killed when its time is up, and the pool goes on', async () => {
  await using given = await warm({ grace: 20 });
  const { pool, worker } = given;
  const words = sharedWords();
  const futures = [
    pool.submitWith({ timeout: 30 }, tasks.spin, words),
    ...[2, 3, 4].map((n) => pool.submit(tasks.square, n)),
  ];
  const error = await rejection(futures[0] as Future);
  assert.instance(error, TimeoutError);
  assert.is(error.message, 'task spin ran longer than its 30 ms');
  assert.equal(await Promise.all(futures.slice(1)), [4, 9, 16]);
  assert.is.not(await pool.submit(tasks.worker), worker);
  const { failed, cancelled, running, runTime } = pool.stats();
  assert.equal([failed, cancelled, running], [1, 0, 0]);
  assert.ok(runTime.max >= 50, `it ran ${runTime.max} ms`);
});

test('the time limit of the pool, and of a task that has none', async () => {
  await using given = await warm({ taskTimeout: 100, grace: 10_000 });
  const { pool, worker } = given;
  const { future, events } = watched(pool, {}, tasks.untilKilled);
  assert.instance(await rejection(future), TimeoutError);
  assert.equal(events, ['begun', 'got a GreenletExit: true', 'cleaned']);
  assert.is(await pool.submitWith({ timeout: null }, tasks.compute, 150), 150);
  assert.is(await pool.submitWith({ timeout: Infinity }, tasks.compute, 150), 150);
  assert.is(await pool.submit(tasks.worker), worker);
});

test('kill asks: an async task by its signal, a generator by a GreenletExit, a loop by its flag', async () => {
  await using given = await warm({ grace: 30_000 });
  const { pool, worker } = given;
  const reason = new RangeError('enough');
  const aborted = watched(pool, {}, tasks.untilAborted);
  await aborted.begun;
  assert.is(aborted.future.kill(reason), true);
  const error = await rejection(aborted.future);
  assert.instance(error, CancelledError);
  assert.is(error.message, 'task untilAborted was killed: enough');
  assert.is(error.cause, reason);
  assert.is(aborted.future.state, 'CANCELLED_AND_NOTIFIED');
  assert.equal(aborted.events, ['begun', 'asked: task untilAborted was killed: enough']);

  const killed = watched(pool, {}, tasks.untilKilled);
  await killed.begun;
  killed.future.kill('enough');
  assert.instance(await rejection(killed.future), CancelledError);
  assert.equal(killed.events, ['begun', 'got a GreenletExit: true', 'cleaned']);

  const words = sharedWords();
  const loop = pool.submit(tasks.politeSpin, words);
  await reaches(words, 0, 1);
  loop.kill();
  assert.instance(await rejection(loop), CancelledError);
  assert.is(words[1], 1);

  assert.is(await pool.submit(tasks.worker), worker, 'the same worker goes on');
  const { cancelled, failed, running } = pool.stats();
  assert.equal([cancelled, failed, running], [3, 0, 0]);
});

test('what went wrong in the cleanup is the cause', async () => {
  await using given = await warm({ grace: 30_000 });
  const { future, begun } = watched(given.pool, {}, tasks.failsInCleanup);
  await begun;
  future.kill();
  const error = await rejection(future);
  assert.instance(error, CancelledError);
  assert.is((error.cause as Error).message, 'there is no inverse of 0');
});

test('what does not stop in its grace time is killed: a loop, one that catches everything, a promise that never settles', async () => {
  await using given = await warm({ maxWorkers: 3, grace: 10 });
  const { pool } = given;
  const words = sharedWords();
  const begun = sharedWords();
  const stubborn = watched(pool, { grace: 20 }, tasks.stubborn);
  const futures = [pool.submit(tasks.spin, words), pool.submit(tasks.never, begun), stubborn.future];
  const ids = [0, 1, 2].map(() => pool.submit(tasks.square, 7));
  await Promise.all([reaches(words, 0, 1), reaches(begun, 0, 1), stubborn.begun]);
  assert.equal(
    futures.map((future) => future.kill()),
    [true, true, true],
  );
  for (const future of futures) assert.instance(await rejection(future), CancelledError);
  assert.equal(await Promise.all(ids), [49, 49, 49]);
  assert.is(futures[0]!.kill(), false);
  assert.is(pool.stats().running, 0);
});

test('a grace time can be shortened, and none at all kills at once', async () => {
  await using given = await warm({ grace: Infinity });
  const { pool } = given;
  const words = sharedWords();
  const first = pool.submit(tasks.spin, words);
  await reaches(words, 0, 1);
  first.kill('a first time');
  first.kill('a second time', { grace: 60_000 });
  first.kill('a third time', { grace: 0 });
  assert.is((await rejection(first)).message, 'task spin was killed: a first time');
  const second = pool.submit(tasks.spin, words);
  await reaches(words, 0, 2);
  second.kill(undefined, { grace: 0 });
  assert.is((await rejection(second)).message, 'task spin was killed');
});

test('a kill of one leaves the others alone, also those that were to be next in its worker', async () => {
  await using given = await warm();
  const { pool } = given;
  // So that several are at hand in the worker.
  await pool.map(tasks.square, Array(100).fill(3) as number[]);
  for (let round = 0; round < 3; round++) {
    const words = sharedWords();
    const loop = pool.submit(tasks.spin, words);
    const others = Array.from({ length: 20 }, (_, n) => pool.submit(tasks.square, n));
    await reaches(words, 0, 1);
    others[3]!.kill();
    loop.kill(undefined, { grace: 0 });
    assert.instance(await rejection(loop), CancelledError);
    assert.instance(await rejection(others[3]!), CancelledError);
    const rest = others.filter((_, n) => n !== 3);
    assert.is((await Promise.all(rest)).length, 19);
  }
  assert.equal([pool.stats().running, pool.stats().pending], [0, 0]);
});

test('a kill that crosses with the task: it has ended, or never began, or stops', async () => {
  await using given = await warm({ maxWorkers: 2 });
  const { pool } = given;
  const ends: Record<string, number> = {};
  for (let n = 0; n < 300; n++) {
    const future = pool.submit(tasks.square, n);
    if (n % 3 === 0) await new Promise((resolve) => void setImmediate(resolve));
    future.kill(undefined, { grace: Infinity });
    const outcome = await future.result().then(
      (value) => (assert.is(value, n * n), 'value'),
      (error: Error) => error.name,
    );
    ends[outcome] = (ends[outcome] ?? 0) + 1;
  }
  assert.equal(
    Object.keys(ends).filter((name) => name !== 'value' && name !== 'CancelledError'),
    [],
  );
  const { running, pending, workers } = pool.stats();
  assert.equal([running, pending], [0, 0]);
  assert.ok(workers <= 2);
});

test('a signal from outside: aborted before, while it waits, while it runs, after', async () => {
  await using given = await warm({ grace: 30_000 });
  const { pool } = given;
  const words = sharedWords();
  using _open = opensAtEnd(words, 3);
  const reason = new RangeError('outside');
  const before = pool.submitWith({ signal: AbortSignal.abort(reason) }, tasks.count, words, 2);
  assert.is((await rejection(before)).cause, reason);
  const held = pool.submit(tasks.hold, words, 0, 3);
  const waiting = new AbortController();
  const pending = pool.submitWith({ signal: waiting.signal }, tasks.nap, 1);
  await reaches(words, 0, 1);
  waiting.abort(reason);
  assert.is((await rejection(pending)).message, 'task nap was cancelled before it began: outside');
  open(words, 3);
  await held;
  const running = new AbortController();
  const loop = sharedWords();
  const future = pool.submitWith({ signal: running.signal }, tasks.politeSpin, loop);
  await reaches(loop, 0, 1);
  running.abort(reason);
  assert.is((await rejection(future)).cause, reason);
  const after = new AbortController();
  assert.is(await pool.submitWith({ signal: after.signal }, tasks.square, 5), 25);
  after.abort();
  assert.is(words[2], 0);
});

test('progress events come in order, and before the end', async () => {
  await using given = await warm();
  const { pool } = given;
  const { future, events } = watched(pool, {}, tasks.progress, 5);
  await future;
  assert.equal(
    events,
    [1, 2, 3, 4, 5].map((step) => ({ step, steps: 5 })),
  );
  // A second one who listens is told too.
  const event = new Event();
  const late = pool.submit(tasks.waitFor, event);
  const seen: unknown[] = [];
  late.addProgressCallback((value) => seen.push(value));
  event.set();
  await late;
  assert.equal(seen, []);
  await happens(() => pool.stats().running === 0);
});

test.run();
