/**
 * ProcessPoolExecutor when something goes wrong: only the task that it went wrong in fails, with all that is known, and the
 * pool goes on. Case F15, where Python breaks the whole pool.
 */
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { BrokenExecutor } from '../src/errors.ts';
import type { Future } from '../src/future.ts';
import { ProcessPoolExecutor } from '../src/process-pool.ts';
// @ts-expect-error -- plain JavaScript has no types
import { unreachable } from './exits-in-child.mjs';
import { Gate, comesAbout, isAlive, rejection, threadSuite, watched } from './future-support.ts';
import * as tasks from './process-tasks.ts';

const test = threadSuite('ProcessPoolExecutor: what goes wrong');

process.env['EXITS_IN_CHILDREN_OF'] = `${process.pid}`;

/** A process takes long to start: most tests use this one, which has one at a time. */
const mill = new ProcessPoolExecutor({
  maxWorkers: 1,
  name: 'mill',
  resourceLimits: { maxOldGenerationSizeMb: 100, maxYoungGenerationSizeMb: 8 },
});
test.after(async () => await mill.shutdown());

const squares = (pool: ProcessPoolExecutor, count: number): Future<number>[] =>
  Array.from({ length: count }, (_, n) => pool.submit(tasks.square, n));

async function allRight(futures: Future<number>[]): Promise<void> {
  assert.equal(
    await Promise.all(futures),
    futures.map((_, n) => n * n),
  );
}

/** What a task fails with whose worker dies; its neighbours do not notice. */
async function broken(submit: () => Future<unknown>): Promise<BrokenExecutor> {
  // So that several are at hand in the worker.
  await allRight(squares(mill, 40));
  const pid = await mill.submit(tasks.worker);
  const before = squares(mill, 5);
  const bad = submit();
  const after = squares(mill, 5);
  const error = (await rejection(bad)) as BrokenExecutor;
  assert.instance(error, BrokenExecutor);
  assert.is(error.pid, pid);
  await allRight(before);
  await allRight(after);
  assert.is.not(await mill.submit(tasks.worker), pid);
  assert.is(isAlive(pid), false);
  assert.is(mill.stats().workers, 1);
  return error;
}

for (const code of [0, 3]) {
  test(`a task that exits with code ${code}`, async () => {
    const error = await broken(() => mill.submit(tasks.exit, code));
    assert.equal([error.exitCode, error.signal], [code, null]);
    assert.ok(
      new RegExp(
        `^worker mill_\\d+ \\(pid ${error.pid}\\) exited with code ${code} while it ran the task exit$`,
      ).test(error.message),
      error.message,
    );
  });
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`F15: a worker that is ended by ${signal}`, async () => {
    const error = await broken(() => mill.submit(tasks.killItself, signal));
    assert.equal([error.exitCode, error.signal], [null, signal]);
    assert.match(error.message, `(pid ${error.pid}) was ended by ${signal} while it ran the task killItself`);
  });
}

test('a worker that runs out of memory', async () => {
  const { exitCode, signal } = await broken(() => mill.submit(tasks.outOfMemory));
  // How Node ends then is not the same everywhere.
  assert.ok(signal === 'SIGABRT' || exitCode !== 0, `${signal} ${exitCode}`);
});

test('a module that ends its process when it is loaded strikes only the task that needs it', async () => {
  const error = await broken(() => mill.submit(unreachable as () => string));
  assert.is(error.exitCode, 7);
});

test('every error of a task comes whole', async () => {
  const error = (await rejection(mill.submit(tasks.rangeError))) as Error & { code: string; data: unknown };
  assert.instance(error, RangeError);
  assert.equal([error.message, error.code, error.data], ['out of reach', 'E_ARM', { length: 3 }]);
  assert.instance(error.cause, TypeError);
  assert.is((error.cause as Error).message, 'too short');
  assert.match(error.stack!, 'process-tasks');
  const both = (await rejection(mill.submit(tasks.aggregate))) as AggregateError;
  assert.instance(both, AggregateError);
  assert.is(both.message, 'both');
  assert.instance(both.errors[0], RangeError);
  assert.is(both.errors[1], 'two');
  assert.is(await mill.submit(tasks.throw42).exception(), 42);
});

for (const [what, late, message] of [
  ['an uncaught error', () => tasks.lateError, 'too late'],
  ['an unhandled rejection', () => tasks.lateRejection, 'refused too late'],
] as const) {
  test(`${what} of a task that has ended fails the one that runs then`, async () => {
    using gate = new Gate();
    await mill.submit(late(), gate.path);
    const running = watched(mill, {}, tasks.never);
    await running.begun;
    gate.open();
    const error = (await rejection(running.future)) as BrokenExecutor;
    assert.instance(error, BrokenExecutor);
    assert.is(error.exitCode, 1);
    assert.is((error.cause as Error).message, message);
    await allRight(squares(mill, 3));
  });
}

test('an error between two tasks is reported, as no future tells of it; a worker that is killed then is just replaced', async () => {
  const before = getHub().onError;
  const told: unknown[] = [];
  getHub().onError = (error) => told.push(error);
  try {
    using gate = new Gate();
    const first = await mill.submit(tasks.lateError, gate.path);
    gate.open();
    await comesAbout(() => told.length > 0);
    await comesAbout(() => mill.stats().workers === 0);
    const second = await mill.submit(tasks.worker);
    assert.is.not(second, first);
    process.kill(second, 'SIGKILL');
    await comesAbout(() => mill.stats().workers === 0);
    await allRight(squares(mill, 3));
  } finally {
    getHub().onError = before;
  }
  assert.equal(
    told.map((error) => (error as Error).message),
    ['too late'],
  );
});

test('workers that are killed at random moments: every future ends, and all tasks but those that ran succeed', async () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const pool = new ProcessPoolExecutor({ maxWorkers: 2, grace: 20, name: 'victims' });
  const { outside } = hub;
  const pids = new Set<number>();
  const futures: Future[] = [];
  const ends = new Map<string, number>();
  let kills = 0;
  while (kills < 8) {
    for (let n = 0; n < 60; n++) {
      const kind = random(100);
      const future: Future =
        kind < 70
          ? pool.submit(tasks.square, n)
          : kind < 85
            ? pool.submit(tasks.nap, 1)
            : kind < 95
              ? pool.submit(tasks.inverse, 0)
              : pool.submitWith({ timeout: 5 }, tasks.nap, 60_000);
      futures.push(future);
      if (random(20) === 0) futures[random(futures.length)]!.kill();
      if (random(20) === 0) futures[random(futures.length)]!.cancel();
    }
    const pid = await pool
      .submit(tasks.worker)
      .result()
      .then(
        (one) => one,
        () => null,
      );
    if (pid === null) continue;
    pids.add(pid);
    for (let turns = random(20); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    if (!isAlive(pid)) continue;
    process.kill(pid, 'SIGKILL');
    kills++;
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
  assert.ok((ends.get('BrokenExecutor') ?? 0) <= kills, `${ends.get('BrokenExecutor')} tasks died`);
  const { submitted, completed, failed, cancelled, running, pending, workers } = pool.stats();
  assert.equal([running, pending, workers], [0, 0, 0]);
  assert.is(completed + failed + cancelled, submitted);
  assert.is(hub.outside, outside, 'virtual time waits for nothing that has ended');
  for (const pid of pids) assert.is(isAlive(pid), false);
});

test.run();
