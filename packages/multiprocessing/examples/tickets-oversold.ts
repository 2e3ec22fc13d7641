/** Two processes sell the last ticket, without a lock: both look before either takes it. */
import { Barrier, isMain, Process, task, Value } from '@switchyard/multiprocessing';

export const sell = task(import.meta, 'sell', function* (both: Barrier, left: Value<'i'>) {
  const number = left.value;
  // What happens by chance now and then happens each time: the other one looks before this one takes it.
  yield* both.wait();
  if (number === 0) return 'sold out';
  left.value = number - 1;
  return `sold ticket ${number}`;
});

if (isMain(import.meta)) {
  const both = new Barrier(2);
  const left = new Value('i', 1, { lock: false });
  const sellers = [1, 2].map(() => new Process({ target: sell, args: [both, left] }));
  for (const seller of sellers) seller.start();
  for (const seller of sellers) console.log(await seller);
  console.log(`${left.value} left`);
}

// Output:
// sold ticket 1
// sold ticket 1
// 0 left
