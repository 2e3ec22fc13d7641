/** A kill is thrown in: `finally` runs from the inside out, may itself wait, and the code behind it does not go on. */
import { type Coroutine, sleep, withTimeout, withVirtualTime } from '@switchyard/hub';

function* connection(): Coroutine<void> {
  console.log('open');
  try {
    yield* sleep(60_000);
    console.log('never printed');
  } finally {
    console.log('closing');
    yield* sleep(5); // saying goodbye takes a while
    console.log('closed');
  }
}

function* session(): Coroutine<void> {
  try {
    yield* connection();
    console.log('never printed either');
  } finally {
    console.log('session over');
  }
}

await withVirtualTime(function* () {
  console.log(yield* withTimeout(100, session, { value: 'timed out' }));
});

// Output:
// open
// closing
// closed
// session over
// timed out
