/** Four processes sell twenty tickets. Each looks and takes one under a lock: never is one sold twice. */
import { sleep } from '@switchyard/hub';
import { isMain, Lock, Process, task, Value } from '@switchyard/multiprocessing';

export const sell = task(import.meta, 'sell', function* (lock: Lock, left: Value<'i'>) {
  const sold: number[] = [];
  for (;;) {
    using _held = yield* lock.hold();
    const number = left.value;
    if (number === 0) return sold;
    // Others run meanwhile, and have to wait.
    yield* sleep(1);
    left.value = number - 1;
    sold.push(number);
  }
});

if (isMain(import.meta)) {
  const lock = new Lock();
  const left = new Value('i', 20);
  const sellers = Array.from({ length: 4 }, () => new Process({ target: sell, args: [lock, left] }));
  for (const seller of sellers) seller.start();
  const sold: number[] = [];
  for (const seller of sellers) sold.push(...(await seller));
  console.log(`${sold.length} sold, ${new Set(sold).size} of them different, ${left.value} left`);
}

// Output:
// 20 sold, 20 of them different, 0 left
