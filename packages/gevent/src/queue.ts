import type { Waitable } from '@switchyard/hub';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { type Event, Milestone } from './event.ts';
import { SimpleQueue } from './simple-queue.ts';

/**
 * A first-in first-out queue between greenlets. With a size it pushes back: who puts waits for room. Those who wait are
 * served in the order in which they came; one who is killed or timed out takes nothing with it.
 *
 * It knows when all that was put has been dealt with, if that is of interest: each item taken is reported with
 * `taskDone()`, and `join()` waits until none is left.
 *
 * Python: `gevent.queue.Queue`, and `gevent.queue.JoinableQueue`, which are one in gevent 25.
 */
export class Queue<T = unknown> extends SimpleQueue<T> {
  /** How many items have been put and not been reported with `taskDone()`. */
  unfinishedTasks: number;
  private allDone: Event | null;

  constructor(maxsize?: number | null, items: Iterable<T> = []) {
    super(maxsize);
    this.unfinishedTasks = 0;
    this.allDone = null;
    for (const item of items) this.store(item);
  }

  /** Reports that an item that was taken has been dealt with. @throws RangeError when that was said of all already */
  taskDone(): void {
    if (this.unfinishedTasks === 0) {
      throw new RangeError('taskDone() called too many times: all items that were put have been reported');
    }
    if (--this.unfinishedTasks === 0) this.allDone?.set();
  }

  /**
   * Waits until all items have been reported; at once when none is left.
   *
   * @returns true, or false when the timeout (in ms) came first
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    checkTimeout(options, `${this.constructor.name}.join`);
    return this.finished().wait(options);
  }

  /** @internal */
  protected override store(item: T): void {
    super.store(item);
    this.unfinishedTasks++;
    this.allDone?.clear();
  }

  /** @internal */
  protected override discard(_item: T): void {
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

/** The same as `Queue`, from the time when only this kind could be joined. Python: `gevent.queue.JoinableQueue`. */
export class JoinableQueue<T = unknown> extends Queue<T> {}
