import { Line } from '@switchyard/hub/core';
import type { Work } from './executor-work.ts';

/** What has yet to be given to a worker, first in first out. @internal */
export class WorkQueue extends Line<Work> {
  /** Puts it before the first: it has been given to a worker, and was given back. */
  pushFirst(work: Work): void {
    const { first } = this;
    if (first === null) {
      this.push(work);
      return;
    }
    work.after = first;
    first.before = work;
    this.first = work;
    this.length++;
  }
}
