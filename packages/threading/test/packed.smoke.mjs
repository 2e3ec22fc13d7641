/** Run against the packed package: tasks, locks and queues between real threads, from plain JavaScript. */
import assert from 'node:assert/strict';
import {
  Event,
  isMain,
  Lock,
  PriorityQueue,
  Queue,
  register,
  task,
  Thread,
  Timer,
} from '@switchyard/threading';

export const add = task(import.meta, 'add', function* (start, lock, sum, log, n) {
  yield* start.wait();
  for (let turn = 0; turn < 100; turn++) {
    lock.acquireSync();
    sum[0] += n;
    lock.release();
  }
  yield* log.put(n);
  return `added ${n}`;
});

export class Doubler extends Thread {
  constructor(n) {
    super();
    this.n = n;
  }

  run() {
    this.n *= 2;
  }
}
register(import.meta, Doubler);

if (isMain(import.meta)) {
  const sum = new Int32Array(new SharedArrayBuffer(4));
  const [start, lock, log] = [new Event(), new Lock(), new PriorityQueue()];
  const threads = [3, 1, 2].map((n) => new Thread({ target: add, args: [start, lock, sum, log, n] }));
  for (const thread of threads) thread.start();
  start.set();
  assert.deepEqual(await Promise.all(threads), ['added 3', 'added 1', 'added 2']);
  assert.equal(sum[0], 600);
  assert.deepEqual([log.getNowait(), log.getNowait(), log.getNowait()], [1, 2, 3]);

  const doubler = new Doubler(21);
  doubler.start();
  assert.equal(await doubler.join({ timeout: 20_000 }), true);
  assert.equal(doubler.n, 42);

  const rung = new Queue();
  new Timer(1, () => rung.putNowait('rung')).start();
  assert.equal(await rung.get({ timeout: 20_000 }), 'rung');
}
