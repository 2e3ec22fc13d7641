/** Timeouts nest: each one knows its own expiry, and lets another one's pass. */
import { type Coroutine, sleep, Timeout, withTimeout, withVirtualTime } from '@switchyard/hub';

function* query(ms: number): Coroutine<string> {
  yield* sleep(ms);
  return `answer after ${ms} ms`;
}

await withVirtualTime(function* () {
  // The inner limit is reached: its value stands in for the answer, and the outer block goes on.
  const first = yield* withTimeout(100, function* () {
    const answer = yield* withTimeout(10, () => query(50), { value: 'no answer in 10 ms' });
    return `${answer}, then ${yield* query(20)}`;
  });
  console.log(first);

  // The outer limit is reached inside of the inner block, which is none of the inner one's business.
  try {
    yield* withTimeout(10, () => withTimeout(100, () => query(50), { value: 'never used' }));
  } catch (error) {
    console.log(`thrown: ${error}`);
  }

  // The same by hand; what is thrown is the timeout itself.
  using outer = Timeout.start(30, 'the whole took too long');
  try {
    using inner = Timeout.start(20);
    yield* sleep(5);
    inner.cancel();
    yield* sleep(1000);
  } catch (error) {
    console.log(error === outer, String(error));
  }
});

// Output:
// no answer in 10 ms, then answer after 20 ms
// thrown: Timeout: 10 ms
// true Timeout: the whole took too long
