/** A killed greenlet cleans up, and its cleanup may itself wait. What comes behind is not reached. */
import { isInterrupt, sleep, spawn } from '@switchyard/gevent';

function* transaction() {
  console.log('begin');
  try {
    yield* sleep(60_000);
    console.log('commit');
  } finally {
    yield* sleep(10);
    console.log('rolled back');
  }
}

const worker = spawn(function* () {
  try {
    yield* transaction();
    console.log('never reached');
  } catch (error) {
    // A catch-all has to let kills and timeouts pass.
    if (isInterrupt(error)) throw error;
    console.log('failed', error);
  }
});

await sleep(10);
console.log('kill');
await worker.kill();
console.log(worker.dead, worker.successful(), String(worker.value));

// Output:
// begin
// kill
// rolled back
// true true GreenletExit
