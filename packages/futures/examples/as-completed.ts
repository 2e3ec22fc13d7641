/** Answers as they come, and what to do about those that do not come in time. */
import { asCompleted, GreenletPoolExecutor, TimeoutError } from '@switchyard/futures';
import { sleep } from '@switchyard/gevent';

function* ask(name: string, ms: number) {
  yield* sleep(ms);
  return `${name} answers`;
}

await using pool = new GreenletPoolExecutor({ maxWorkers: 8 });
const futures = [
  pool.submit(ask, 'tortoise', 60_000),
  pool.submit(ask, 'dog', 40),
  pool.submit(ask, 'hare', 5),
];
try {
  for await (const future of asCompleted(futures, { timeout: 500 })) console.log(await future);
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error;
  console.log(error.message);
}
for (const future of futures) if (!future.done()) future.kill('too slow');
console.log(String(await futures[0]?.result().then(null, (error) => error)));

// Output:
// hare answers
// dog answers
// 1 (of 3) futures unfinished
// CancelledError: task ask was killed: too slow
