/** Four processes count with one number. Each addition is a read and a write: the lock of the value keeps them together. */
import { isMain, Process, task, Value } from '@switchyard/multiprocessing';

const TIMES = 250;

export const count = task(import.meta, 'count', function* (counter: Value<'i'>) {
  for (let n = 0; n < TIMES; n++) {
    using _held = yield* counter.hold();
    counter.value += 1;
  }
});

if (isMain(import.meta)) {
  const counter = new Value('i', 0);
  const processes = [1, 2, 3, 4].map(() => new Process({ target: count, args: [counter] }));
  for (const process of processes) process.start();
  for (const process of processes) await process.join();
  console.log(`${counter.value} of ${4 * TIMES}`);

  try {
    counter.value = 2 ** 31;
  } catch (error) {
    console.log(String(error));
  }
}

// Output:
// 1000 of 1000
// RangeError: Expected a whole number from -2147483648 to 2147483647 as the value of a Value of type 'i', got 2147483648
