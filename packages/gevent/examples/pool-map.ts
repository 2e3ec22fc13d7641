/** At most three at a time, items pulled only as there is room, results in order. */
import { Pool, sleep, spawn } from '@switchyard/gevent';

const pool = new Pool(3);
let running = 0;
let most = 0;

function* square(n: number) {
  most = Math.max(most, ++running);
  yield* sleep(5);
  running--;
  return n * n;
}

console.log(await pool.map(square, [1, 2, 3, 4, 5, 6, 7, 8]));
console.log(`at most ${most} at a time`);

// An endless source: what is not asked for is not pulled.
function* naturals() {
  try {
    for (let n = 1; ; n++) yield n;
  } finally {
    console.log('the source is closed');
  }
}

await spawn(function* () {
  using squares = pool.imap(square, naturals(), { maxsize: 2 });
  for (let n = 0; n < 3; n++) console.log((yield* squares.next()).value);
  // At the end of the block, what still runs is killed.
});
await pool.join();
console.log(`${pool.freeCount()} places are free`);

// Output:
// [
//    1,  4,  9, 16,
//   25, 36, 49, 64
// ]
// at most 3 at a time
// 1
// 4
// 9
// the source is closed
// 3 places are free
