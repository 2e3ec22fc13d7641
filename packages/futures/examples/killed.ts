/** A worker process is killed: the task that it ran fails and says how, and all others give their results. */
import { BrokenExecutor, currentTask, isMain, ProcessPoolExecutor, task } from '@switchyard/futures';

export const cube = task(import.meta, 'cube', (n: number) => n ** 3);

export const dig = task(import.meta, 'dig', () => {
  currentTask().emit(process.pid);
  for (;;);
});

if (isMain(import.meta)) {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 2, name: 'mine' });
  const cubes = [1, 2, 3, 4, 5].map((n) => pool.submit(cube, n));
  const onProgress = (pid: unknown) => process.kill(pid as number, 'SIGKILL');
  const error = await pool.submitWith({ onProgress }, dig).exception();
  if (error instanceof BrokenExecutor) {
    console.log(error.message.replace(/mine_\d/, 'mine_n').replace(`${error.pid}`, 'n'));
    console.log(error.exitCode, error.signal);
  }
  console.log(...(await Promise.all(cubes)), await pool.submit(cube, 6));
}

// Output:
// worker mine_n (pid n) was ended by SIGKILL while it ran the task dig
// null SIGKILL
// 1 8 27 64 125 216
