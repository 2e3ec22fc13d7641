/** Timeouts nest, and each is known by itself. */
import { Event, sleep, spawn, Timeout, withTimeout } from '@switchyard/gevent';

const never = new Event();

await spawn(function* () {
  // A wait's own limit.
  console.log(yield* never.wait({ timeout: 10 }));

  // A limit for a block, with a value instead of the error.
  console.log(yield* withTimeout(10, () => sleep(1000), { value: 'too slow' }));
  console.log(yield* withTimeout(1000, () => 'quick'));

  // Two around the same wait.
  using outer = Timeout.start(20);
  try {
    yield* withTimeout(1000, function* () {
      yield* never.wait();
    });
  } catch (error) {
    console.log(error === outer, (error as Error).message);
  }
});

// In async code.
try {
  await withTimeout(10, never.wait());
} catch (error) {
  console.log((error as Error).name);
}

// Output:
// false
// too slow
// quick
// true 20 ms
// Timeout
