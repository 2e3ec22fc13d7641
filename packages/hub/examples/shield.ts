/** A part that must not be cut in two: what comes meanwhile is thrown when it has ended. */
import { type Coroutine, shield, sleep, withTimeout, withVirtualTime } from '@switchyard/hub';

let balance = 100;
let other = 0;

function* transfer(amount: number): Coroutine<void> {
  console.log('preparing');
  yield* sleep(5);
  yield* shield(function* () {
    balance -= amount;
    yield* sleep(50); // the time limit is up in the middle of this
    other += amount;
    console.log('both sides are booked');
  });
  console.log('never printed');
}

await withVirtualTime(function* () {
  const outcome = yield* withTimeout(20, () => transfer(30), { value: 'too slow' });
  console.log(outcome, balance, other);
});

// Output:
// preparing
// both sides are booked
// too slow 70 30
