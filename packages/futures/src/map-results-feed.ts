import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { Waiter } from '@switchyard/hub';
import { captureContext, follow, hub, interrupt, type ScheduledGreenlet, Strand } from '@switchyard/hub/core';

/** Where items come from: an iterable or an async iterable. */
export type ItemSource<I> = Iterable<I> | AsyncIterable<I>;

/** Who is given the items. @internal */
export interface Eater {
  /** Whether there is room for one more task. */
  readonly hungry: boolean;
  /** How many items make a task. */
  readonly chunksize: number;
  /** Submits a task for them. */
  eat(items: unknown[]): void;
  /** No more will come; because of this error, if there is one. */
  fed(failure: { error: unknown } | null): void;
}

/** Takes the items from their source, as far as there is room. @internal */
export interface Feed {
  /** There may be room for more. */
  refill(): void;
  /** Takes no more. */
  close(): void;
}

/** How many items there are, or null when only counting them would tell. @internal */
export function sizeOf(items: unknown): number | null {
  if (Array.isArray(items)) return items.length;
  return items instanceof Set || items instanceof Map ? items.size : null;
}

/** @throws TypeError when `items` cannot be iterated @internal */
export function feedOf(items: unknown, eater: Eater): Feed {
  if (items !== null && items !== undefined) {
    const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = items as Partial<
      AsyncIterable<unknown> & Iterable<unknown>
    >;
    if (typeof later === 'function') return new AsyncFeed(items as AsyncIterable<unknown>, eater);
    // What can be waited for has an iterator too, which gives no items.
    const waitable = typeof (items as { then?: unknown }).then === 'function';
    if (typeof now === 'function' && !waitable) return new SyncFeed(items as Iterable<unknown>, eater);
    if (waitable) {
      throw new TypeError(`Expected items for map, got ${show(items)} that has yet to be waited for`);
    }
  }
  throw new TypeError(`Expected an iterable or an async iterable of items for map, got ${show(items)}`);
}

class SyncFeed implements Feed {
  private readonly eater: Eater;
  private iterator: Iterator<unknown> | null;
  // Results may be taken in the hub; the source is read as the one who called map would read it.
  private readonly context: ReturnType<typeof captureContext>;
  private reading: boolean;

  constructor(items: Iterable<unknown>, eater: Eater) {
    this.eater = eater;
    this.iterator = items[Symbol.iterator]();
    this.context = captureContext();
    this.reading = false;
  }

  refill(): void {
    if (this.iterator === null || this.reading || !this.eater.hungry) return;
    // A source that takes results of this very map must not be read a second time meanwhile.
    this.reading = true;
    try {
      this.context.runInAsyncScope(this.read, this);
    } finally {
      this.reading = false;
    }
  }

  close(): void {
    const { iterator } = this;
    this.iterator = null;
    if (this.reading) return;
    try {
      iterator?.return?.();
    } catch (error) {
      hub.reports.report(error, null);
    }
  }

  private read(): void {
    const { eater } = this;
    const { chunksize } = eater;
    let items: unknown[] = [];
    let failure: { error: unknown } | null = null;
    while (this.iterator !== null && eater.hungry) {
      let more = false;
      try {
        const next = this.iterator.next();
        if (next.done !== true) {
          more = true;
          items.push(next.value);
        }
      } catch (error) {
        failure = { error };
      }
      if (items.length > 0 && (!more || items.length >= chunksize)) {
        try {
          eater.eat(items);
        } catch (error) {
          this.close();
          eater.fed({ error });
          return;
        }
        items = [];
      }
      if (!more) {
        this.iterator = null;
        eater.fed(failure);
      }
    }
  }
}

class AsyncFeed implements Feed {
  private readonly eater: Eater;
  private readonly iterator: AsyncIterator<unknown>;
  private readonly strand: Strand<void>;
  /** What it waits on while there is no room. */
  private gate: Waiter | null;
  private closed: boolean;

  constructor(items: AsyncIterable<unknown>, eater: Eater) {
    this.eater = eater;
    this.iterator = items[Symbol.asyncIterator]();
    this.gate = null;
    this.closed = false;
    this.strand = new Strand<void>(
      'the items of map',
      () => this.read(),
      (failed, outcome) => {
        if (failed) hub.reports.report(outcome, this.strand as unknown as ScheduledGreenlet);
      },
    );
  }

  refill(): void {
    if (this.eater.hungry) this.gate?.wake();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    const exit = new GreenletExit();
    hub.schedule({ turn: () => interrupt(this.strand as unknown as ScheduledGreenlet, exit) });
    try {
      const returned = this.iterator.return?.();
      if (returned !== undefined) {
        Promise.resolve(returned).catch((error: unknown) => hub.reports.report(error, null));
      }
    } catch (error) {
      hub.reports.report(error, null);
    }
  }

  private *read(): Coroutine<void> {
    const { eater, iterator } = this;
    let failure: { error: unknown } | null = null;
    let items: unknown[] = [];
    try {
      for (;;) {
        while (!eater.hungry) {
          this.gate = new Waiter();
          yield* this.gate;
          this.gate = null;
        }
        const next = (yield* follow(() => iterator.next())) as IteratorResult<unknown>;
        if (next.done === true) break;
        items.push(next.value);
        if (items.length < eater.chunksize) continue;
        const full = items;
        items = [];
        eater.eat(full);
      }
    } catch (error) {
      if (this.closed) throw error;
      failure = { error };
    }
    if (this.closed) return;
    try {
      if (items.length > 0) eater.eat(items);
    } catch (error) {
      failure ??= { error };
    }
    // What could not be submitted is not the end of the source.
    if (failure !== null) this.close();
    eater.fed(failure);
  }
}
