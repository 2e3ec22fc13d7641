/** `until` hands an AbortSignal to whatever makes promises: a timeout or a kill aborts it, and nothing runs on unseen. */
import { setTimeout as wait } from 'node:timers/promises';
import { all, type Coroutine, Timeout, until, withTimeout } from '@switchyard/hub';

function* download(name: string, ms: number): Coroutine<string> {
  return yield* until(async (signal) => {
    signal.addEventListener('abort', () => console.log(`${name} aborted: ${signal.reason}`));
    await wait(ms, undefined, { signal });
    return `${name} done`;
  });
}

console.log(await withTimeout(5000, () => download('small', 1)));

try {
  await withTimeout(10, () => download('big', 60_000));
} catch (error) {
  console.log(error instanceof Timeout);
}

// The first failure cancels the others.
function* failing(): Coroutine<never> {
  yield* until(wait(5));
  throw new Error('disk full');
}
try {
  await all([download('huge', 60_000), failing()]);
} catch (error) {
  console.log(String(error));
}

// Output:
// small done
// big aborted: Timeout: 10 ms
// true
// huge aborted: GreenletExit
// Error: disk full
