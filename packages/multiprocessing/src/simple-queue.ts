import type { Waitable } from '@switchyard/hub';
import { register, revive, share, Shareable } from '@switchyard/remote';
import { Queue } from './queue.ts';

/**
 * A queue without a limit, and with nothing but the necessary.
 *
 * Python: `multiprocessing.SimpleQueue`.
 */
export class SimpleQueue<T = unknown> extends Shareable {
  private readonly queue: Queue<T>;

  constructor() {
    super();
    this.queue = new Queue<T>();
  }

  /** Adds a copy of an item. @throws CloneError when it cannot be copied; RuntimeError after `close()` */
  put(item: T): Waitable<void> {
    return this.queue.put(item);
  }

  /** Takes the next item, waiting for one if need be. @throws RuntimeError after `close()` */
  get(): Waitable<T> {
    return this.queue.get();
  }

  /** Whether it holds nothing. What another process has done in this very moment is not seen yet. */
  empty(): boolean {
    return this.queue.empty();
  }

  /** Says that this process uses it no more. */
  close(): void {
    this.queue.close();
  }

  /** @internal */
  [share](): unknown {
    return this.queue;
  }

  /** @internal */
  static [revive](queue: Queue): SimpleQueue {
    return Object.assign(Object.create(SimpleQueue.prototype) as SimpleQueue, { queue });
  }
}

register(import.meta, SimpleQueue);
