/** A test of a retry with growing pauses, which takes an hour on the clock and no time at all. */
import { type Coroutine, getHub, sleep, withVirtualTime } from '@switchyard/hub';

function* retry<T>(attempt: () => Coroutine<T>, pauses: number[]): Coroutine<T> {
  for (const pause of pauses) {
    try {
      return yield* attempt();
    } catch (error) {
      console.log(`${getHub().now() / 1000} s: ${(error as Error).message}, again in ${pause / 1000} s`);
      yield* sleep(pause);
    }
  }
  return yield* attempt();
}

let attempts = 0;
function* flaky(): Coroutine<string> {
  yield* sleep(2000);
  if (++attempts < 4) throw new Error(`failure ${attempts}`);
  return 'success';
}

const before = performance.now();
await withVirtualTime(function* () {
  const result = yield* retry(flaky, [60_000, 600_000, 3_000_000]);
  console.log(`${getHub().now() / 1000} s: ${result}`);
});
console.log('an hour, really?', performance.now() - before > 60_000);

// Output:
// 2 s: failure 1, again in 60 s
// 64 s: failure 2, again in 600 s
// 666 s: failure 3, again in 3000 s
// 3668 s: success
// an hour, really? false
