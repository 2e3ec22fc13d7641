/** What the children of the manager tests run. */
import { sleep } from '@switchyard/hub';
import { task } from '@switchyard/remote';
import type { DictProxy } from '../src/dict-proxy.ts';
import type { ListProxy } from '../src/list-proxy.ts';
import type { Lock } from '../src/lock.ts';
import { Manager, type SyncManager } from '../src/manager.ts';
import type { Queue } from '../src/queue.ts';

/** Adds to all there is, and leaves a list that only the dict holds when it has ended. */
export const contribute = task(
  import.meta,
  'contribute',
  async (manager: SyncManager, list: ListProxy<number>, dict: DictProxy<string, unknown>, id: number) => {
    for (let n = 0; n < 50; n++) {
      await list.append(id);
      await (dict as DictProxy<string, number>).add('count', 1);
    }
    await dict.set(`of ${id}`, manager.list([id, manager.dict({ id })]));
    return list;
  },
);

/** Holds a lock and a place in a queue until it is killed. */
export const holdOn = task(
  import.meta,
  'holdOn',
  async (lock: Lock, list: ListProxy<string>, queue: Queue<string>) => {
    await lock.acquire();
    await list.append('held');
    await queue.get();
  },
);

/** Uses the manager of its parent for ever. */
export const useForEver = task(import.meta, 'useForEver', async (dict: DictProxy<string, number>) => {
  await dict.set('pid', process.pid);
  for (;;) await dict.add('uses', 1);
});

/** Has no children, as a daemon. */
export const startManager = task(import.meta, 'startManager', async () => {
  await Manager().list().length();
  await sleep(0);
});
