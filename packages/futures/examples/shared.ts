/** Tasks in several processes that count together, and tell of it through a queue. */
import { isMain, ProcessPoolExecutor, task } from '@switchyard/futures';
import { Lock, Queue, Value } from '@switchyard/multiprocessing';

export const stamp = task(
  import.meta,
  'stamp',
  function* (letters: number, count: Value<'i'>, lock: Lock, told: Queue<string>) {
    for (let letter = 0; letter < letters; letter++) {
      using _held = yield* lock.hold();
      count.value++;
    }
    yield* told.put(`${letters} letters`);
  },
);

if (isMain(import.meta)) {
  const count = new Value('i', 0);
  const lock = new Lock();
  const told = new Queue<string>();
  await using pool = new ProcessPoolExecutor({ maxWorkers: 2 });
  const tasks = [200, 300].map((letters) => pool.submit(stamp, letters, count, lock, told));
  await Promise.all(tasks);
  console.log([await told.get(), await told.get()].sort().join(', '));
  console.log(count.value, 'in all');
}

// Output:
// 200 letters, 300 letters
// 500 in all
