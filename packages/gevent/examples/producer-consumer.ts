/** A queue of two pushes back: the fast producer waits for the slow consumer. */
import { joinall, Queue, ShutDown, sleep, spawn } from '@switchyard/gevent';

const queue = new Queue<number>(2);

function* produce() {
  for (let n = 1; n <= 5; n++) {
    yield* queue.put(n);
    console.log(`put ${n}`);
  }
  queue.shutdown();
}

function* consume() {
  try {
    for (;;) {
      const item = yield* queue.get();
      yield* sleep(10);
      console.log(`done ${item}`);
    }
  } catch (error) {
    // The queue has been shut down, and there is nothing left in it.
    if (!(error instanceof ShutDown)) throw error;
    console.log('home');
  }
}

await joinall([spawn(produce), spawn(consume)], { raiseError: true });

// Output:
// put 1
// put 2
// put 3
// done 1
// put 4
// done 2
// put 5
// done 3
// done 4
// done 5
// home
