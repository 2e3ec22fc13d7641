import { Queue } from './queue.ts';
import type { Store } from './simple-queue.ts';

/**
 * A queue that gives the item first which was put last.
 *
 * Python: `gevent.queue.LifoQueue`.
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /** @internal */
  protected override makeStore(): Store<T> {
    return new Stack<T>();
  }
}

class Stack<T> implements Store<T> {
  private readonly items: T[];

  constructor() {
    this.items = [];
  }

  get length(): number {
    return this.items.length;
  }

  get first(): T | undefined {
    return this.items[this.items.length - 1];
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T {
    return this.items.pop() as T;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items.values();
  }
}
