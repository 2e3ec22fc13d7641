/** Run against the packed package: tasks in real threads, processes and greenlets, from plain JavaScript. */
import assert from 'node:assert/strict';
import {
  asCompleted,
  BrokenExecutor,
  CancelledError,
  FIRST_COMPLETED,
  GreenletPoolExecutor,
  isMain,
  ProcessPoolExecutor,
  task,
  ThreadPoolExecutor,
  TimeoutError,
  transfer,
  wait,
} from '@switchyard/futures';

export const square = task(import.meta, 'square', (n) => n * n);

export const total = task(import.meta, 'total', (bytes) => bytes.reduce((sum, byte) => sum + byte, 0));

export const exit = task(import.meta, 'exit', (code) => process.exit(code));

export const spin = task(import.meta, 'spin', () => {
  for (;;);
});

if (isMain(import.meta)) {
  const threads = new ThreadPoolExecutor({ maxWorkers: 2, grace: 10, name: 'mill' });
  const greenlets = new GreenletPoolExecutor({ maxWorkers: 2 });
  const processes = new ProcessPoolExecutor({ maxWorkers: 1, grace: 10, name: 'press' });
  for (const pool of [threads, processes, greenlets]) {
    assert.equal(await pool.submit(square, 7), 49);
    assert.deepEqual(await pool.map(square, [1, 2, 3, 4, 5], { chunksize: 2 }), [1, 4, 9, 16, 25]);
    const { done } = await wait([pool.submit(square, 2), pool.submit(square, 3)], { timeout: 20_000 });
    assert.equal(done.size, 2);
    const values = [];
    for await (const future of asCompleted([pool.submit(square, 4)])) values.push(await future);
    assert.deepEqual(values, [16]);
  }

  const bytes = new Uint8Array(100).fill(2);
  assert.equal(await threads.submit(total, transfer(bytes)), 200);
  assert.equal(bytes.byteLength, 0);

  for (const pool of [threads, processes]) {
    const broken = await pool.submit(exit, 3).exception();
    assert.ok(broken instanceof BrokenExecutor);
    assert.equal(broken.exitCode, 3);

    const late = await pool.submitWith({ timeout: 20 }, spin).exception();
    assert.ok(late instanceof TimeoutError);

    const killed = pool.submit(spin);
    const { notDone } = await wait([killed], { timeout: 20, returnWhen: FIRST_COMPLETED });
    assert.ok(notDone.has(killed));
    killed.kill();
    await assert.rejects(async () => await killed, CancelledError);
    await pool.shutdown();
    assert.equal(pool.stats().workers, 0);
  }
  await greenlets.shutdown();
}
