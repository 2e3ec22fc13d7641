/** Events from tasks while they run: how far each of them is. */
import { currentTask, isMain, task, ThreadPoolExecutor } from '@switchyard/futures';

export const bake = task(import.meta, 'bake', (what: string, steps: string[]) => {
  for (const [at, step] of steps.entries()) currentTask().emit(`${step} (${at + 1} of ${steps.length})`);
  return `the ${what} is ready`;
});

if (isMain(import.meta)) {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, threadNamePrefix: 'baker' });
  const onProgress = (event: unknown) => console.log(event);
  console.log(await pool.submitWith({ onProgress }, bake, 'bread', ['mix', 'knead', 'wait', 'bake']));
}

// Output:
// mix (1 of 4)
// knead (2 of 4)
// wait (3 of 4)
// bake (4 of 4)
// the bread is ready
