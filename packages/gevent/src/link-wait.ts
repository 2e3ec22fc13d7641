import { PENDING, TimedWait } from '@switchyard/hub/core';
import type { Link, Linkable } from './linkable.ts';

/** A wait that stands in the line of something linkable. @internal */
export abstract class LinkWait<T, S extends Linkable> extends TimedWait<T> implements Link {
  protected readonly source: S;

  constructor(source: S, limit: number) {
    super(limit);
    this.source = source;
  }

  notices(): boolean {
    return true;
  }

  abstract notify(): void;

  protected park(): typeof PENDING {
    this.source.enqueue(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.source.dequeue(this);
  }
}
