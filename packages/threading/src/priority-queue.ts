import { register } from '@switchyard/remote';
import { HeapStore } from './heap-store.ts';
import { Queue } from './queue.ts';
import type { Store } from './queue-store.ts';
import { type Rank, rankOf } from './rank.ts';

/**
 * A queue between threads that gives the lowest item first; of those that are equal, the one that was put first.
 *
 * Items are numbers, strings, bigints, dates, or arrays such as `[priority, value]`, which are compared element by element
 * up to the first that has no order, an object for one. Numbers come before strings.
 *
 * @throws (`put`) TypeError when an item has no order
 *
 * Python: `queue.PriorityQueue`.
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  protected override rank(item: T): Rank {
    return rankOf(item);
  }

  protected override makeStore(memory: readonly SharedArrayBuffer[] | undefined): Store {
    return new HeapStore(memory);
  }
}

register(import.meta, PriorityQueue);
