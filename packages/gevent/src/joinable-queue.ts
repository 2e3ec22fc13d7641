import type { Waitable } from '@switchyard/hub';
import type { TimeoutOption } from '@switchyard/hub/core';
import { type Event, Milestone } from './event.ts';
import { Queue } from './queue.ts';

/**
 * A queue that knows when all that was put has been dealt with: each item taken is reported with `taskDone()`, and
 * `join()` waits until none is left.
 *
 * Python: `gevent.queue.JoinableQueue`.
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  /** How many items have been put and not been reported with `taskDone()`. */
  unfinishedTasks = 0;
  private allDone: Event | null = null;

  constructor(maxsize?: number | null, items: Iterable<T> = []) {
    super(maxsize);
    for (const item of items) this.store(item);
  }

  /** Reports that an item that was taken has been dealt with. @throws RangeError when that was said of all already */
  taskDone(): void {
    if (this.unfinishedTasks === 0) {
      throw new RangeError('taskDone() called too many times: all items that were put have been reported');
    }
    if (--this.unfinishedTasks === 0) this.finished().set();
  }

  /**
   * Waits until all items have been reported; at once when none is left.
   *
   * @returns true, or false when the timeout (in ms) came first
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    return this.finished().wait(options);
  }

  override store(item: T): void {
    super.store(item);
    this.unfinishedTasks++;
    this.allDone?.clear();
  }

  override discard(): void {
    this.taskDone();
  }

  private finished(): Event {
    if (this.allDone === null) {
      this.allDone = new Milestone(`${this.constructor.name}.join`);
      if (this.unfinishedTasks === 0) this.allDone.set();
    }
    return this.allDone;
  }
}
