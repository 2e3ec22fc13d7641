/** Workers that exit or run out of memory: only their task fails, and the error says how it ended. */
import { BrokenExecutor, isMain, task, ThreadPoolExecutor } from '@switchyard/futures';

export const work = task(import.meta, 'work', (n: number) => {
  if (n === 2) process.exit(3);
  const hoard: number[][] = [];
  while (n === 4) hoard.push(Array.from({ length: 10_000 }, (_, at) => at));
  return n * n;
});

if (isMain(import.meta)) {
  await using pool = new ThreadPoolExecutor({
    maxWorkers: 1,
    name: 'mill',
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
  });
  const futures = [1, 2, 3, 4, 5].map((n) => pool.submit(work, n));
  for (const future of futures) {
    const error = await future.exception();
    if (error instanceof BrokenExecutor) console.log(error.exitCode, error.message);
    else console.log(await future);
  }
}

// Output:
// 1
// 3 worker mill_0 exited with code 3 while it ran the task work
// 9
// 1 worker mill_1 exited with code 1 (Worker terminated due to reaching memory limit: JS heap out of memory) while it ran the task work
// 25
