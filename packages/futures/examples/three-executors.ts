/** The same program on greenlets, threads and processes: what it runs is a task, and the rest is what every executor has. */
import {
  type Executor,
  GreenletPoolExecutor,
  isMain,
  ProcessPoolExecutor,
  task,
  ThreadPoolExecutor,
  wait,
} from '@switchyard/futures';
import { sleep } from '@switchyard/hub';

export const collatz = task(import.meta, 'collatz', function* (start: number) {
  let steps = 0;
  for (let n = start; n !== 1; n = n % 2 === 0 ? n / 2 : 3 * n + 1) steps++;
  yield* sleep(1);
  return steps;
});

export const root = task(import.meta, 'root', (n: number) => {
  if (n < 0) throw new RangeError(`there is no root of ${n}`);
  return Math.sqrt(n);
});

async function program(pool: Executor) {
  console.log(...(await pool.map(collatz, [6, 7, 27, 97])));
  const futures = [9, -1, 16].map((n) => pool.submit(root, n));
  const { done, notDone } = await wait(futures);
  console.log(done.size, notDone.size);
  for (const future of futures) console.log(String((await future.exception()) ?? (await future)));
  const { completed, failed } = pool.stats();
  console.log(`${completed} completed, ${failed} failed`);
}

if (isMain(import.meta)) {
  for (const Pool of [GreenletPoolExecutor, ThreadPoolExecutor, ProcessPoolExecutor]) {
    await using pool = new Pool({ maxWorkers: 2 });
    console.log(Pool.name);
    await program(pool);
  }
}

// Output:
// GreenletPoolExecutor
// 8 16 111 118
// 3 0
// 3
// RangeError: there is no root of -1
// 4
// 6 completed, 1 failed
// ThreadPoolExecutor
// 8 16 111 118
// 3 0
// 3
// RangeError: there is no root of -1
// 4
// 6 completed, 1 failed
// ProcessPoolExecutor
// 8 16 111 118
// 3 0
// 3
// RangeError: there is no root of -1
// 4
// 6 completed, 1 failed
