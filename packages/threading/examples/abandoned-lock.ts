/** A thread is killed in the middle of its work: the next one gets its lock, and is told. */
import { Event, isMain, Lock, task, Thread } from '@switchyard/threading';

export const move = task(
  import.meta,
  'move',
  (lock: Lock, accounts: Int32Array, half: Event, stuck: boolean) => {
    using held = lock.holdSync();
    if (held.abandoned) {
      console.log(`abandoned at ${accounts.join(' and ')}`);
      accounts.set([100, 0]);
    }
    accounts[0]! -= 30;
    half.set();
    while (stuck);
    accounts[1]! += 30;
  },
);

if (isMain(import.meta)) {
  const lock = new Lock();
  const half = new Event();
  const accounts = new Int32Array(new SharedArrayBuffer(8));
  accounts.set([100, 0]);

  const stuck = new Thread({ target: move, args: [lock, accounts, half, true] });
  stuck.start();
  await half.wait();
  await stuck.kill();

  const next = new Thread({ target: move, args: [lock, accounts, half, false] });
  next.start();
  await next;
  console.log(`now ${accounts.join(' and ')}`);
}

// Output:
// abandoned at 70 and 0
// now 70 and 30
