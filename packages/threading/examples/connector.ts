/** A wait with a limit says whether it was in vain: three attempts, half a second each, then it gives up. */
import { Event, isMain, task, Thread, TimeoutError, Timer } from '@switchyard/threading';

export const connect = task(import.meta, 'connect', function* (up: Event) {
  for (let attempt = 1; attempt <= 3; attempt++) {
    if (yield* up.wait({ timeout: 500 })) return 'connected';
    console.log(`attempt ${attempt}: not up yet`);
  }
  throw new TimeoutError('not up after 3 attempts');
});

if (isMain(import.meta)) {
  const up = new Event();
  const patient = new Thread({ target: connect, args: [up] });
  patient.start();
  try {
    console.log(await patient);
  } catch (error) {
    console.log(String(error));
  }

  new Timer(50, () => up.set()).start();
  const lucky = new Thread({ target: connect, args: [up] });
  lucky.start();
  console.log(await lucky);
}

// Output:
// attempt 1: not up yet
// attempt 2: not up yet
// attempt 3: not up yet
// TimeoutError: not up after 3 attempts
// connected
