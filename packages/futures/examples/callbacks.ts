/** A pool whose results are printed by a callback, in the order in which they come. */
import { type Future, isMain, task, ThreadPoolExecutor } from '@switchyard/futures';

export const countPrimes = task(import.meta, 'countPrimes', (limit: number) => {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let prime = true;
    for (let d = 2; prime && d * d <= n; d++) prime = n % d !== 0;
    if (prime) count++;
  }
  return count;
});

async function print(future: Future<number>) {
  const error = await future.exception();
  console.log(error === undefined ? `there are ${await future}` : String(error));
}

if (isMain(import.meta)) {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  for (const limit of [10, 100, 1000]) pool.submit(countPrimes, limit).addDoneCallback(print);
  console.log('submitted');
}

// Output:
// submitted
// there are 4
// there are 25
// there are 168
