/** Two that wait for each other: when the event loop has run empty, whoever waits outside hears who waits for what. */
import { all, type Coroutine, LoopExit, Waiter } from '@switchyard/hub';

const left = new Waiter();
const right = new Waiter();

function* philosopher(mine: Waiter, his: Waiter): Coroutine<void> {
  yield* his;
  mine.wake();
}

try {
  await all([philosopher(left, right), philosopher(right, left)]);
} catch (error) {
  if (!(error instanceof LoopExit)) throw error;
  console.log(error.message.trimEnd());
}

// Output:
// This would wait for ever: the event loop has run empty and nothing is left that could wake
//   await all (2 to come)
// Parked greenlets:
//   all[0]-1 waits for Waiter
//   all[1]-2 waits for Waiter
