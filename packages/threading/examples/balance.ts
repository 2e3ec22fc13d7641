/** A balance in shared memory that four threads pay into: wrong without a lock, right with one. */
import { Barrier, isMain, Lock, task, Thread } from '@switchyard/threading';
import { sleep } from '@switchyard/hub';

const TIMES = 25;

function* deposit(balance: Int32Array) {
  const before = balance[0]!;
  // Somebody else may pay in now, and what he paid is overwritten.
  yield* sleep(1);
  balance[0] = before + 1;
}

export const careless = task(import.meta, 'careless', function* (start: Barrier, balance: Int32Array) {
  yield* start.wait();
  for (let n = 0; n < TIMES; n++) yield* deposit(balance);
});

export const careful = task(
  import.meta,
  'careful',
  function* (start: Barrier, balance: Int32Array, lock: Lock) {
    yield* start.wait();
    for (let n = 0; n < TIMES; n++) {
      using _held = yield* lock.hold();
      yield* deposit(balance);
    }
  },
);

if (isMain(import.meta)) {
  for (const target of [careless, careful]) {
    const balance = new Int32Array(new SharedArrayBuffer(4));
    const [start, lock] = [new Barrier(4), new Lock()];
    const threads = Array.from({ length: 4 }, () => new Thread({ target, args: [start, balance, lock] }));
    for (const thread of threads) thread.start();
    for (const thread of threads) await thread;
    console.log(target.name, balance[0] === 4 * TIMES ? 'is right' : 'has lost money');
  }
}

// Output:
// careless has lost money
// careful is right
