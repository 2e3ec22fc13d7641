/** The programs of sync-exit.test.ts: `node sync-program.ts <story>`. */
import { type Coroutine } from '@switchyard/hub';
import { isMain, task } from '@switchyard/remote';
import { Condition } from '../src/condition.ts';
import { Event } from '../src/event.ts';
import { Lock } from '../src/lock.ts';
import { Pipe } from '../src/pipe.ts';
import { Process } from '../src/process.ts';
import { Queue } from '../src/queue.ts';
import { Semaphore } from '../src/semaphore.ts';

export const putAll = task(import.meta, 'putAll', function* (queue: Queue): Coroutine {
  // It does not wait once, and the queue is not even connected.
  for (let n = 0; n < 1000; n++) void queue.put(n).then(() => {});
  void queue.put(new Uint8Array(16 * 1024 * 1024)).then(() => {});
  yield* [];
});

export const waitForEver = task(import.meta, 'waitForEver', function* (lock: Lock): Coroutine {
  yield* lock.acquire();
});

export const makeLock = task(import.meta, 'makeLock', () => new Lock());

const stories: Record<string, () => Promise<void>> = {
  async uses() {
    const lock = new Lock();
    await lock.acquire();
    lock.release();
    const queue = new Queue<number>();
    await queue.put(1);
    await queue.get();
    const event = new Event();
    event.set();
    await event.wait();
    const condition = new Condition();
    await condition.acquire();
    await condition.wait({ timeout: 1 });
    condition.release();
    await new Semaphore().acquire();
    const [a, b] = Pipe();
    await a.send('x');
    await b.recv();
    // Held, and never released.
    await new Lock().acquire();
    console.log('used');
  },

  async puts() {
    const queue = new Queue();
    const child = new Process({ target: putAll, args: [queue] });
    child.start();
    await child;
    let count = 0;
    for (;;) {
      const item = await queue.get({ timeout: 10_000 });
      if (item instanceof Uint8Array) {
        console.log(`${count} items, ${item.length} bytes`);
        return;
      }
      if (item !== count++) throw new Error(`${String(item)} came after ${count - 2}`);
    }
  },

  async leaves() {
    const lock = new Lock();
    await lock.acquire();
    new Process({ target: waitForEver, args: [lock], daemon: true }).start();
    console.log('left');
  },

  async orphan() {
    const child = new Process<Lock>({ target: makeLock as never });
    child.start();
    try {
      const lock = await child;
      await lock.acquire();
      console.log('acquired');
    } catch (error) {
      console.log(String(error));
    }
  },
};

if (isMain(import.meta)) await stories[process.argv[2] as string]?.();
