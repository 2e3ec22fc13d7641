/** Results as they come; an error comes in its place, and the rest go on. */
import { Pool, sleep, spawn } from '@switchyard/gevent';

function* work(ms: number) {
  yield* sleep(ms);
  if (ms === 40) throw new Error(`${ms} failed`);
  return `${ms} is there`;
}

const pool = new Pool(3);

await spawn(function* () {
  const results = pool.imapUnordered(work, [60, 20, 40]);
  for (;;) {
    try {
      const { done, value } = yield* results.next();
      if (done) break;
      console.log(value);
    } catch (error) {
      console.log((error as Error).message);
    }
  }
});

// In async code, and left early.
for await (const result of pool.imapUnordered(work, [1, 1000, 2000])) {
  console.log(result);
  break;
}
await pool.join();
console.log('nobody is left');

// Output:
// 20 is there
// 40 failed
// 60 is there
// 1 is there
// nobody is left
