/** ProcessPoolExecutor: how many workers there are, what they are started with, when one is replaced. Cases F14, F17. */
import * as assert from 'uvu/assert';
import { BrokenExecutor } from '../src/errors.ts';
import { ProcessPoolExecutor } from '../src/process-pool.ts';
import { Gate, isAlive, rejection, threadSuite, thrownBy, watched } from './future-support.ts';
import * as tasks from './process-tasks.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const test = threadSuite('ProcessPoolExecutor: its workers');

test('options that are not what they should be', () => {
  for (const maxWorkers of [0, -1, 1.5, '2' as never]) {
    const error = thrownBy(() => new ProcessPoolExecutor({ maxWorkers }));
    assert.instance(error, RangeError);
    assert.match(error.message, 'from 1 up as the maxWorkers of ProcessPoolExecutor, got');
  }
  for (const bad of [{ maxTasksPerChild: 0 }, { recycleHeapMb: -1 }, { recycleRssMb: 0.5 }]) {
    assert.instance(
      thrownBy(() => new ProcessPoolExecutor(bad)),
      RangeError,
    );
  }
  for (const bad of [{ initargs: 5 }, { resourceLimits: 5 }, { name: 5 }, { env: 5 }, { execArgv: [5] }]) {
    assert.instance(
      thrownBy(() => new ProcessPoolExecutor(bad as never)),
      TypeError,
    );
  }
  return Promise.resolve();
});

test('F14: tasks one after the other use one worker, more only as they are needed; none is left', async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 2 });
  assert.is(pool.stats().workers, 0);
  const pids = new Set<number>();
  for (let n = 0; n < 3; n++) pids.add(await pool.submit(tasks.worker));
  assert.is(pids.size, 1);
  assert.is(pool.stats().workers, 1);
  using gate = new Gate();
  const held = numbers(4).map(() => watched(pool, {}, tasks.hold, gate.path));
  await Promise.all(held.slice(0, 2).map(({ begun }) => begun));
  assert.is(pool.stats().workers, 2);
  assert.is(pool.stats().running, 2);
  gate.open();
  for (const { future } of held) pids.add((await future) as number);
  assert.is(pids.size, 2);
  await pool.shutdown();
  assert.is(pool.stats().workers, 0);
  for (const pid of pids) assert.is(isAlive(pid), false, `process ${pid} is still there`);
});

test('a worker is started with the environment and the options of Node that are asked for', async () => {
  await using pool = new ProcessPoolExecutor({
    maxWorkers: 1,
    env: { ...process.env, FLOUR: 'rye' },
    execArgv: [...process.execArgv, '--stack-trace-limit=7'],
    resourceLimits: { maxOldGenerationSizeMb: 200 },
  });
  assert.is(await pool.submit(tasks.variable, 'FLOUR'), 'rye');
  const options = await pool.submit(tasks.nodeOptions);
  assert.ok(options.includes('--stack-trace-limit=7'), options.join(' '));
  assert.ok(options.includes('--max-old-space-size=200'), options.join(' '));
});

test('F17: the initializer runs once in each worker, before anything else', async () => {
  await using pool = new ProcessPoolExecutor({
    maxWorkers: 2,
    initializer: tasks.prepare,
    initargs: ['flour'],
    maxTasksPerChild: 4,
  });
  const pids = new Set<number>();
  for (const { pid, prepared } of await pool.map(tasks.readPrepared, numbers(8) as never[])) {
    assert.equal(prepared, ['flour']);
    pids.add(pid);
  }
  assert.ok(pids.size >= 2);
});

for (const [how, initializer, message, exitCode] of [
  ['fails', tasks.failToPrepare, 'no flour', null],
  ['exits', tasks.exitInstead, 'exited with code 5', 5],
] as const) {
  test(`F17: an initializer that ${how} breaks the pool for what waits and what comes`, async () => {
    const pool = new ProcessPoolExecutor({ maxWorkers: 1, initializer, name: 'mill' });
    const futures = numbers(3).map((n) => pool.submit(tasks.square, n));
    for (const future of futures) {
      const error = (await rejection(future)) as BrokenExecutor;
      assert.instance(error, BrokenExecutor);
      assert.match(error.message, 'the initializer of mill failed, so no task can run: ');
      assert.match(error.message, message);
      assert.is((error.cause as BrokenExecutor).exitCode ?? null, exitCode);
    }
    assert.instance(
      thrownBy(() => pool.submit(tasks.square, 1)),
      BrokenExecutor,
    );
    await pool.shutdown();
  });
}

test('an initializer whose worker is killed is begun again in another', async () => {
  using gate = new Gate();
  await using pool = new ProcessPoolExecutor({
    maxWorkers: 1,
    initializer: tasks.dieOnce,
    initargs: [gate.path],
  });
  assert.is(await pool.submit(tasks.square, 3), 9);
});

test('a pool whose workers cannot be started breaks', async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 2, execArgv: ['--no-such-option'], name: 'mill' });
  const error = (await rejection(pool.submit(tasks.square, 1))) as BrokenExecutor;
  assert.instance(error, BrokenExecutor);
  assert.match(error.message, 'no worker of mill comes up: the last one exited with code 9');
  assert.is(error.exitCode, 9);
  await pool.shutdown();
});

test('maxTasksPerChild: a worker is replaced after so many tasks', async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 3 });
  const pids = await Promise.all(Array.from({ length: 7 }, () => pool.submit(tasks.worker)));
  assert.is(new Set(pids).size, 3);
  assert.is(pids[0], pids[2]);
  assert.is(pids[3], pids[5]);
  assert.is(isAlive(pids[0]!), false);
});

for (const [option, target, mb] of [
  ['recycleHeapMb', tasks.hoardMb, 200],
  ['recycleRssMb', tasks.hoardBytes, 300],
] as const) {
  test(`${option}: a worker that keeps too much is replaced, and no other`, async () => {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1, [option]: mb });
    const first = await pool.submit(tasks.worker);
    assert.is(await pool.submit(target, 1), first);
    assert.is(await pool.submit(target, mb), first);
    let worker = first;
    for (let n = 0; n < 400 && worker === first; n++) {
      await pool.submit(tasks.nap, 1);
      worker = await pool.submit(tasks.worker);
    }
    assert.is.not(worker, first);
    for (let n = 0; n < 30; n++) {
      await pool.submit(tasks.nap, 2);
      assert.is(await pool.submit(tasks.worker), worker);
    }
  });
}

test.run();
