import type { Coroutine } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { follow, hub } from '@switchyard/hub/core';

/** Whatever gives items: an iterable or an async iterable. */
export type Source<I> = Iterable<I> | AsyncIterable<I>;

/** @throws TypeError when it gives no items @internal */
export function checkSource(items: unknown, verb: string): void {
  if (isAsync(items)) return;
  const { [Symbol.iterator]: iterate, then } = (items ?? {}) as Partial<Iterable<unknown> & Promise<unknown>>;
  // What can be waited for has an iterator too, which gives no items.
  if (typeof iterate === 'function' && typeof then !== 'function') return;
  throw new TypeError(`Expected an iterable or an async iterable of items for ${verb}, got ${show(items)}`);
}

/** The items one after the other. @internal */
export class Items {
  private readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
  private readonly waits: boolean;
  private ended: boolean;

  constructor(items: Source<unknown>) {
    this.waits = isAsync(items);
    this.iterator = isAsync(items) ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    this.ended = false;
  }

  /** The next `count` of them; fewer at the end. What the source throws comes behind those that it gave before. */
  *take(count: number): Coroutine<{ items: unknown[]; failure: { readonly error: unknown } | null }> {
    const items: unknown[] = [];
    while (items.length < count && !this.ended) {
      let next: IteratorResult<unknown>;
      try {
        const given = this.iterator.next();
        next = (this.waits ? yield* follow(() => given) : given) as IteratorResult<unknown>;
      } catch (error) {
        // Whoever takes the items has been ended.
        if (this.ended) throw error;
        // Killed while it waits, the source is still in the middle of its items.
        if (!this.waits) this.ended = true;
        return { items, failure: { error } };
      }
      if (next.done === true) this.ended = true;
      else items.push(next.value);
    }
    return { items, failure: null };
  }

  /** No more are wanted: lets the source clean up, as `break` in a loop does. */
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

/** @internal */
export function isAsync(items: unknown): items is AsyncIterable<unknown> {
  return typeof (items as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === 'function';
}

/** All of them. @internal */
export function* listOf(items: Source<unknown>): Coroutine<unknown[]> {
  if (!isAsync(items)) return [...items];
  const source = new Items(items);
  try {
    const { items: list, failure } = yield* source.take(Infinity);
    if (failure !== null) throw failure.error;
    return list;
  } finally {
    source.close();
  }
}
