/** Three workers meet at a barrier after each round; a condition tells a fourth one when enough has come together. */
import { Barrier, Condition, joinall, sleep, spawn } from '@switchyard/gevent';

const barrier = new Barrier(3, { action: () => console.log('all are here') });
const condition = new Condition();
let sum = 0;

function* work(n: number) {
  for (let round = 1; round <= 2; round++) {
    yield* sleep(n * 5);
    {
      using _held = yield* condition.hold();
      sum += n * round;
      condition.notifyAll();
    }
    yield* barrier.wait();
  }
}

function* watch() {
  using _held = yield* condition.hold();
  yield* condition.waitFor(() => sum > 6);
  console.log(`${sum} is more than 6`);
}

await joinall([spawn(watch), ...[1, 2, 3].map((n) => spawn(work, n))], { raiseError: true });
console.log(`${sum} in all`);

// Output:
// all are here
// 8 is more than 6
// all are here
// 18 in all
