/** Data that each thread has its own of. */
import { isMain, local, task, Thread } from '@switchyard/threading';

const visits = new local(() => ({ count: 0 }));

function visit() {
  return ++visits.count;
}

export const visitTwice = task(import.meta, 'visitTwice', () => [visit(), visit()]);

if (isMain(import.meta)) {
  visits.count = 100;
  for (let n = 0; n < 2; n++) {
    const thread = new Thread({ target: visitTwice });
    thread.start();
    console.log(thread.name, await thread);
  }
  console.log('here', visit());
}

// Output:
// Thread-1 (visitTwice) [ 1, 2 ]
// Thread-2 (visitTwice) [ 1, 2 ]
// here 101
