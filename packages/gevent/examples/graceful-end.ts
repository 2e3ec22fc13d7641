/** A program that is told to end: its greenlets clean up, and the exit code says why it ended. */
import { createServer } from 'node:net';
import { main, sleep, spawn } from '@switchyard/gevent';

function* worker(name: string) {
  try {
    for (;;) yield* sleep(1000);
  } finally {
    yield* sleep(10); // finishes what it is doing
    console.log(`${name} has cleaned up`);
  }
}

createServer().listen(0, '127.0.0.1'); // would keep the process alive

await main(
  function* () {
    spawn(worker, 'first');
    spawn(worker, 'second');
    yield* sleep(0);
    process.kill(process.pid, 'SIGTERM'); // as the one who stops it would
    yield* sleep(60_000);
  },
  { grace: 1000 },
);

// Output:
// first has cleaned up
// second has cleaned up
// Exit: 143
