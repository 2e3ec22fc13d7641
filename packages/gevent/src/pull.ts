import type { Coroutine } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { hub, follow } from '@switchyard/hub/core';
import type { Source } from './imap.ts';

/** Items one after the other, from whatever gives items. @internal */
export class Pull<I> {
  private readonly iterator: Iterator<I> | AsyncIterator<I>;
  private readonly waits: boolean;
  private ended = false;

  constructor(items: Source<I>) {
    this.waits = isAsync(items);
    this.iterator = isAsync(items) ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  }

  *next(): Coroutine<IteratorResult<I, unknown>> {
    // One that fails has ended as well.
    let ended = true;
    try {
      const next = this.iterator.next();
      // Killed while it waits, the source is still in the middle of its items.
      if (this.waits) ended = false;
      const result = (
        this.waits ? yield* follow(next as Promise<IteratorResult<I>>) : next
      ) as IteratorResult<I>;
      ended = result.done === true;
      return result;
    } finally {
      this.ended = ended;
    }
  }

  /** No more items are wanted: lets the source clean up, as `break` in a loop does. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    try {
      const closed: unknown = this.iterator.return?.();
      if (this.waits) Promise.resolve(closed).catch((error: unknown) => hub.reports.report(error, null));
    } catch (error) {
      hub.reports.report(error, null);
    }
  }
}

function isAsync<I>(items: Source<I>): items is AsyncIterable<I> {
  return typeof (items as Partial<AsyncIterable<I>> | null)?.[Symbol.asyncIterator] === 'function';
}

/** Refuses what gives no items. @internal */
export function checkSource(items: unknown, verb: string): void {
  if (isAsync(items as Source<unknown>)) return;
  if (typeof (items as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === 'function') return;
  throw new TypeError(`Expected an iterable for ${verb}, got ${show(items)}`);
}
