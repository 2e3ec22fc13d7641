import { ConcurrentObjectUseError, type Waitable } from '@switchyard/hub';
import { checkTimeout, hub, PENDING, Ring, TimedWait, VALUE } from '@switchyard/hub/core';
import type { Waitlike } from './linkable.ts';
import type { WaitOptions } from './wait.ts';
import { list, enough, Watches } from './watches.ts';

/**
 * Gives objects as they become ready. In async code `for await (const object of iwait(objects))`; in a coroutine
 * `yield* it.next()`, which gives `{ done, value }`. Leaving early (break, `using`, `return()`) unlinks the rest.
 *
 * Python: `gevent.iwait`.
 */
export function iwait<O extends Waitlike>(objects: Iterable<O>, options?: WaitOptions): IWait<O> {
  return new IWait<O>(list(objects, 'iwait'), options);
}

/** The objects that have become ready, as they do. */
export class IWait<O> implements AsyncIterableIterator<O> {
  private readonly watches: Watches;
  private left: number;
  private readonly found = new Ring<O>();
  private readonly deadline: number;
  private waiting: NextReady<O> | null = null;

  /** @internal */
  constructor(objects: Waitlike[], options: WaitOptions | undefined) {
    const limit = checkTimeout(options, 'iwait');
    this.left = enough(options, objects.length, 'iwait');
    this.deadline = limit < 0 ? Infinity : hub.now() + limit;
    this.watches = new Watches(this.left === 0 ? [] : objects, this, 'iwait', null);
  }

  /**
   * Waits for the next object that is ready: `{ done: false, value }`, or `{ done: true }` when all, or enough, have been
   * given or the time is up.
   */
  next(): Waitable<IteratorResult<O, undefined>> & Promise<IteratorResult<O, undefined>> {
    const limit = this.deadline === Infinity ? -1 : Math.max(0, this.deadline - hub.now());
    // An async iterator must give a promise; whoever awaits a waitable cannot tell it from one.
    return new NextReady<O>(this, limit) as unknown as Waitable<IteratorResult<O, undefined>> &
      Promise<IteratorResult<O, undefined>>;
  }

  /** Ends it: the rest is unlinked. */
  return(): Promise<IteratorResult<O, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  one(object: unknown): void {
    if (this.left === 0) return;
    this.found.push(object as O);
    const waiting = this.waiting;
    if (waiting === null) return;
    this.waiting = null;
    waiting.resume(VALUE, this.take());
  }

  /** @internal */
  take(): IteratorResult<O, undefined> | null {
    if (this.left > 0 && this.found.length > 0) {
      const value = this.found.shift();
      if (--this.left === 0) this.watches.unlink();
      return { done: false, value };
    }
    return this.left === 0 ? { done: true, value: undefined } : null;
  }

  /** @internal */
  park(wait: NextReady<O> | null): void {
    if (wait !== null && this.waiting !== null) {
      throw new ConcurrentObjectUseError(
        'somebody waits for the next object of this iwait already: make an iwait for each, or a queue for all',
      );
    }
    this.waiting = wait;
  }

  /** @internal */
  close(): void {
    this.left = 0;
    this.watches.unlink();
    const waiting = this.waiting;
    this.waiting = null;
    if (waiting !== null)
      hub.schedule({ turn: () => waiting.resume(VALUE, { done: true, value: undefined }) });
  }
}

class NextReady<O> extends TimedWait<IteratorResult<O, undefined>> {
  private readonly source: IWait<O>;

  constructor(source: IWait<O>, limit: number) {
    super(limit);
    this.source = source;
  }

  override expire(): void {
    this.source.park(null);
    this.source.close();
    this.resume(VALUE, { done: true, value: undefined });
  }

  override describe(): string {
    return 'the next of iwait';
  }

  protected override begin(): IteratorResult<O, undefined> | typeof PENDING {
    const result = this.source.take();
    if (result !== null) return result;
    this.source.park(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.source.park(null);
  }
}
