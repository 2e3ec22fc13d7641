/** The programs of exit.test.ts: `node exit-program.ts <story>`. */
import { sleep } from '@switchyard/hub';
import { isMain, task } from '@switchyard/remote';
import { type Event, Event as NewEvent, Lock, Thread, Timer } from '../src/index.ts';

export const speak = task(import.meta, 'speak', function* (ms: number, text: string) {
  yield* sleep(ms);
  console.log(text);
});

export const chatter = task(import.meta, 'chatter', (lines: number) => {
  for (let n = 0; n < lines; n++) console.log(`line ${n}`);
});

export const fail = task(import.meta, 'fail', () => {
  throw new RangeError('out of reach');
});

export const parent = task(import.meta, 'parent', () => {
  new Thread({ target: speak, args: [100, 'end of grandchild'] }).start();
});

export const waits = task(import.meta, 'waits', function* (event: Event) {
  yield* event.wait();
});

const stories: Record<string, () => unknown> = {
  waited() {
    new Thread({ target: speak, args: [100, 'end of thread'] }).start();
    console.log('end of main');
  },
  daemon() {
    new Thread({ target: speak, args: [20_000, 'never printed'], daemon: true }).start();
    console.log('end of main');
  },
  async joinedDaemon() {
    const thread = new Thread({ target: speak, args: [50, 'end of daemon'], daemon: true });
    thread.start();
    await thread.join();
    console.log('end of main');
  },
  spares() {
    for (let n = 0; n < 3; n++) new Thread({ target: speak, args: [1, 'spoken'] }).start();
  },
  printed() {
    new Thread({ target: chatter, args: [500] }).start();
  },
  failing() {
    new Thread({ target: fail, name: 'arm' }).start();
  },
  grandchild() {
    new Thread({ target: parent }).start();
  },
  timer() {
    new Timer(50, () => console.log('rung')).start();
    new Timer(20_000, () => console.log('never'), [], { daemon: true }).start();
  },
  async deadlock() {
    const lock = new Lock();
    lock.tryAcquire();
    await lock.acquire();
  },
  async threadWaits() {
    const event = new NewEvent();
    const thread = new Thread({ target: waits, args: [event] });
    thread.start();
    setTimeout(() => event.set(), 100);
    await thread;
    console.log('woken');
  },
};

if (isMain(import.meta)) await stories[process.argv[2] as string]?.();
