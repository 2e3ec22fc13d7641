/** The program waits for its threads, but not for its daemons. */
import { Event, isMain, task, Thread } from '@switchyard/threading';
import { sleep } from '@switchyard/hub';

export const work = task(import.meta, 'work', function* (ms: number, begun: Event, last: string) {
  begun.set();
  yield* sleep(ms);
  console.log(last);
});

if (isMain(import.meta)) {
  const begun = new Event();
  const daemon = new Thread({ target: work, args: [60_000, begun, 'end of daemon'], daemon: true });
  daemon.start();
  await begun.wait();

  new Thread({ target: work, args: [100, begun, 'end of thread'] }).start();
  console.log('end of main');
}

// Output:
// end of main
// end of thread
