/** Run against the packed package: processes, and what is between them, from plain JavaScript. */
import assert from 'node:assert/strict';
import {
  Event,
  isMain,
  JoinableQueue,
  Lock,
  Manager,
  Pipe,
  Pool,
  Process,
  register,
  task,
  Value,
} from '@switchyard/multiprocessing';

export const add = task(import.meta, 'add', function* (start, lock, sum, queue, n) {
  yield* start.wait();
  for (let turn = 0; turn < 20; turn++) {
    yield* lock.acquire();
    sum.value += n;
    lock.release();
  }
  yield* queue.put(n);
  return `added ${n}`;
});

export const square = task(import.meta, 'square', (n) => n * n);

export class Upper extends Process {
  constructor(connection) {
    super();
    this.connection = connection;
  }

  async run() {
    await this.connection.send((await this.connection.recv()).toUpperCase());
  }
}
register(import.meta, Upper);

if (isMain(import.meta)) {
  const [start, lock, sum, queue] = [new Event(), new Lock(), new Value('i', 0), new JoinableQueue()];
  const children = [3, 1].map((n) => new Process({ target: add, args: [start, lock, sum, queue, n] }));
  for (const child of children) child.start();
  start.set();
  assert.deepEqual(await Promise.all(children), ['added 3', 'added 1']);
  assert.equal(sum.value, 80);
  assert.equal((await queue.get()) + (await queue.get()), 4);

  const [here, there] = Pipe();
  const upper = new Upper(there);
  upper.start();
  await here.send('hello');
  assert.equal(await here.recv(), 'HELLO');
  assert.equal(await upper.join({ timeout: 20_000 }), true);
  assert.equal(upper.exitcode, 0);

  const pool = new Pool(2);
  assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9]);
  pool.terminate();

  const manager = Manager();
  const list = manager.list([1]);
  await list.append(2);
  assert.deepEqual(await list.copy(), [1, 2]);
  await manager.shutdown();
}
