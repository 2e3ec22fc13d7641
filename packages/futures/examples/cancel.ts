/** A task is asked to stop, and killed when it does not: the others, and the pool, go on. */
import { CancelledError, currentTask, isMain, task, ThreadPoolExecutor } from '@switchyard/futures';

export const polite = task(import.meta, 'polite', () => {
  currentTask().emit('polite begins');
  while (!currentTask().cancelled);
  currentTask().emit('polite puts its things away');
});

export const deaf = task(import.meta, 'deaf', () => {
  currentTask().emit('deaf begins');
  for (;;);
});

export const answer = task(import.meta, 'answer', () => 42);

if (isMain(import.meta)) {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, grace: 50 });
  for (const target of [polite, deaf]) {
    const future = pool.submitWith(
      {
        onProgress(event) {
          console.log(event);
          future.kill('enough');
        },
      },
      target,
    );
    const next = pool.submit(answer);
    const error = await future.exception().then(null, (error) => error);
    console.log(error instanceof CancelledError, error.message);
    console.log('the next one gives', await next);
  }
}

// Output:
// polite begins
// polite puts its things away
// true task polite was killed: enough
// the next one gives 42
// deaf begins
// true task deaf was killed: enough
// the next one gives 42
