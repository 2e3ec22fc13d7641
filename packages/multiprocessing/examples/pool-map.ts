/** Four ways to run one task with many items. */
import { isMain, Pool, task, TimeoutError } from '@switchyard/multiprocessing';

export const countPrimes = task(import.meta, 'countPrimes', (limit: number) => {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let prime = true;
    for (let d = 2; prime && d * d <= n; d++) prime = n % d !== 0;
    if (prime) count++;
  }
  return count;
});

export const power = task(import.meta, 'power', (base: number, exponent: number) => base ** exponent);

export const sleep = task(
  import.meta,
  'sleep',
  (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
);

if (isMain(import.meta)) {
  await using pool = new Pool(2);
  console.log(await pool.map(countPrimes, [10, 100, 1000]));
  for await (const count of pool.imap(countPrimes, [10, 100, 1000])) console.log(count);
  const table: [number, number][] = [
    [2, 8],
    [3, 2],
  ];
  console.log(await pool.starmap(power, table));

  const result = pool.applyAsync(sleep, [60_000]);
  try {
    await result.get({ timeout: 50 });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log(`ready: ${result.ready()}`);
  }
  // The task is still asleep: nobody is to wait for it.
  result.get().then(null, (error) => console.log(String(error)));
}

// Output:
// [ 4, 25, 168 ]
// 4
// 25
// 168
// [ 256, 9 ]
// ready: false
// ProcessError: the pool was terminated before this task had ended
