import { register } from '@switchyard/remote';
import { Queue } from './queue.ts';
import type { Store } from './queue-store.ts';
import { StackStore } from './stack-store.ts';

/**
 * A queue between threads that gives the item first which was put last.
 *
 * Python: `queue.LifoQueue`.
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  protected override makeStore(memory: readonly SharedArrayBuffer[] | undefined): Store {
    return new StackStore(memory);
  }
}

register(import.meta, LifoQueue);
