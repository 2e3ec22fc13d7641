import type { Waitable } from '@switchyard/hub';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { register } from '@switchyard/remote';
import { Queue } from './queue.ts';
import { Join } from './queue-waits.ts';

/**
 * A queue whose items are reported when they have been dealt with, so that one can wait for all.
 *
 * Python: `multiprocessing.JoinableQueue`.
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  /** How many items have been put and not been reported with `taskDone()`. */
  get unfinishedTasks(): number {
    return this.stub.unfinished;
  }

  /** Reports that an item that was taken has been dealt with. @throws RangeError when that was said of all already */
  taskDone(): void {
    this.stub.taskDone();
  }

  /**
   * Waits until all items have been reported with `taskDone()`; at once when none is left.
   *
   * @returns true, or false when the timeout (in ms) came first
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    return new Join(this.stub, checkTimeout(options, 'JoinableQueue.join'));
  }
}

register(import.meta, JoinableQueue);
