/** ProcessPoolExecutor: cancelled and killed tasks, time limits, signals. Case F03. */
import * as assert from 'uvu/assert';
import { CancelledError, TimeoutError } from '../src/errors.ts';
import type { Future } from '../src/future.ts';
import { ProcessPoolExecutor } from '../src/process-pool.ts';
import { Gate, isAlive, rejection, threadSuite, watched } from './future-support.ts';
import * as tasks from './process-tasks.ts';

const test = threadSuite('ProcessPoolExecutor: what is to stop');

/** A process takes long to start: all tests use this one, which has one at a time. */
const pool = new ProcessPoolExecutor({ maxWorkers: 1, grace: 30_000 });
test.after(async () => await pool.shutdown());

test('F03: cancel: what waits, yes; what runs or has finished, no', async () => {
  using gate = new Gate();
  await pool.submit(tasks.worker);
  const running = watched(pool, {}, tasks.hold, gate.path);
  const pending = pool.submit(tasks.hold, gate.path);
  assert.equal([pending.state, pending.cancel(), pending.state], ['PENDING', true, 'CANCELLED_AND_NOTIFIED']);
  await running.begun;
  assert.equal([running.future.cancel(), running.future.state], [false, 'RUNNING']);
  gate.open();
  await running.future;
  assert.equal([running.future.cancel(), running.future.state], [false, 'FINISHED']);
  const error = await rejection(pending);
  assert.instance(error, CancelledError);
  assert.is(error.message, 'task hold was cancelled before it began');
});

test('kill asks: an async task by its signal, a generator by a GreenletExit, a loop by its flag', async () => {
  const worker = await pool.submit(tasks.worker);
  const reason = new RangeError('enough');
  const aborted = watched(pool, {}, tasks.untilAborted);
  await aborted.begun;
  assert.is(aborted.future.kill(reason), true);
  const error = await rejection(aborted.future);
  assert.instance(error, CancelledError);
  assert.is(error.message, 'task untilAborted was killed: enough');
  assert.is(error.cause, reason);
  assert.equal(aborted.events, ['begun', 'asked: task untilAborted was killed: enough']);

  const killed = watched(pool, {}, tasks.untilKilled);
  await killed.begun;
  killed.future.kill('enough');
  assert.instance(await rejection(killed.future), CancelledError);
  assert.equal(killed.events, ['begun', 'got a GreenletExit: true', 'cleaned']);

  const loop = watched(pool, {}, tasks.politeSpin);
  await loop.begun;
  loop.future.kill();
  assert.instance(await rejection(loop.future), CancelledError);
  assert.equal(loop.events, ['begun', 'stops']);

  assert.is(await pool.submit(tasks.worker), worker, 'the same worker goes on');
});

test('a time limit counts from the start of the task, and one that goes on is killed', async () => {
  const worker = await pool.submit(tasks.worker);
  const before = pool.submit(tasks.compute, 400);
  assert.is(await pool.submitWith({ timeout: 300 }, tasks.square, 3), 9);
  assert.is(before.done(), true);
  const late = pool.submitWith({ timeout: 30, grace: 20 }, tasks.spin);
  const others = [2, 3, 4].map((n) => pool.submit(tasks.square, n));
  const error = await rejection(late);
  assert.instance(error, TimeoutError);
  assert.is(error.message, 'task spin ran longer than its 30 ms');
  assert.equal(await Promise.all(others), [4, 9, 16]);
  assert.is.not(await pool.submit(tasks.worker), worker);
  assert.is(isAlive(worker), false);
});

test('a kill of one leaves the others alone, also those that were to be next in its worker', async () => {
  // So that several are at hand in the worker.
  await pool.map(tasks.hold, Array(100).fill(null) as null[]);
  using gate = new Gate();
  const long = watched(pool, {}, tasks.hold, gate.path);
  const others = Array.from({ length: 40 }, (_, n) => pool.submit(tasks.square, n));
  await long.begun;
  // One that waits in the worker, one that waits here: neither runs, and the one before them goes on.
  for (const n of [2, 39]) others[n]!.kill(undefined, { grace: 10 });
  assert.instance(await rejection(others[2]!), CancelledError);
  assert.instance(await rejection(others[39]!), CancelledError);
  assert.is(long.future.done(), false);
  long.future.kill(undefined, { grace: 0 });
  assert.instance(await rejection(long.future), CancelledError);
  for (const [n, other] of others.entries()) if (n !== 2 && n !== 39) assert.is(await other, n * n);
  assert.equal([pool.stats().running, pool.stats().pending], [0, 0]);
});

test('a kill that crosses with the task: it has ended, or never began, or stops', async () => {
  await pool.map(tasks.square, Array(100).fill(3) as number[]);
  const ends = new Map<string, number>();
  const futures: Future<number>[] = [];
  for (let n = 0; n < 300; n++) {
    const future = pool.submit(tasks.square, n);
    futures.push(future);
    if (n % 3 === 0) await new Promise((resolve) => void setImmediate(resolve));
    if (n % 2 === 0) future.kill(undefined, { grace: n % 4 === 0 ? Infinity : 2000 });
  }
  for (const [n, future] of futures.entries()) {
    const outcome = await future.result().then(
      (value) => (assert.is(value, n * n), 'value'),
      (error: Error) => error.name,
    );
    if (n % 2 === 1) assert.is(outcome, 'value', `the neighbour ${n}`);
    ends.set(outcome, (ends.get(outcome) ?? 0) + 1);
  }
  assert.equal(
    [...ends.keys()].filter((name) => name !== 'value' && name !== 'CancelledError'),
    [],
  );
  assert.equal([pool.stats().running, pool.stats().pending], [0, 0]);
});

test('a signal from outside: aborted before, while it runs, after', async () => {
  const reason = new RangeError('outside');
  const before = pool.submitWith({ signal: AbortSignal.abort(reason) }, tasks.square, 2);
  assert.is((await rejection(before)).cause, reason);
  const running = new AbortController();
  const loop = watched(pool, { signal: running.signal }, tasks.politeSpin);
  await loop.begun;
  running.abort(reason);
  assert.is((await rejection(loop.future)).cause, reason);
  const after = new AbortController();
  assert.is(await pool.submitWith({ signal: after.signal }, tasks.square, 5), 25);
  after.abort();
});

test.run();
