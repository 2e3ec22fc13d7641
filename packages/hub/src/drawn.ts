import type { LoopExit } from './errors.ts';
import { ERROR, hub } from './hub.ts';
import type { Node } from './line.ts';
import type { Outsider } from './outsiders.ts';
import { PENDING, type Sink, type Wait } from './wait.ts';

/**
 * What a source of waits gives, one after the other, for `for await`. Leaving it while it waits takes the wait back: an
 * async generator would stay in it, and swallow what comes next. @internal
 */
export class Drawn<T> implements AsyncIterableIterator<T, undefined> {
  private readonly begin: () => Wait<T>;
  private readonly ends: (error: unknown) => boolean;
  private readonly waiting: Set<Draw<T>>;
  private ended: boolean;

  /**
   * @param begin makes the wait for the next one
   * @param ends whether an error is the end of the source and no failure
   */
  constructor(begin: () => Wait<T>, ends: (error: unknown) => boolean) {
    this.begin = begin;
    this.ends = ends;
    this.waiting = new Set();
    this.ended = false;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.ended) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      const draw = new Draw<T>(this, this.begin(), resolve, reject);
      let outcome: T | typeof PENDING;
      try {
        outcome = draw.wait.startFor(draw);
      } catch (error) {
        this.failed(draw, error);
        return;
      }
      if (outcome !== PENDING) {
        resolve({ done: false, value: outcome });
        return;
      }
      this.waiting.add(draw);
      hub.outsiders.add(draw);
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.ended = true;
    for (const draw of this.waiting) {
      draw.wait.abandon();
      draw.resolve(END);
      hub.outsiders.delete(draw);
    }
    this.waiting.clear();
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @internal */
  settled(draw: Draw<T>): void {
    this.waiting.delete(draw);
    hub.outsiders.delete(draw);
  }

  /** @internal */
  failed(draw: Draw<T>, error: unknown): void {
    this.ended = true;
    if (this.ends(error)) draw.resolve(END);
    else draw.reject(error);
  }
}

const END: IteratorResult<never, undefined> = Object.freeze({ done: true, value: undefined });

class Draw<T> implements Sink, Outsider {
  before: Node | null;
  after: Node | null;
  readonly wait: Wait<T>;
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
  private readonly source: Drawn<T>;

  constructor(
    source: Drawn<T>,
    wait: Wait<T>,
    resolve: (result: IteratorResult<T, undefined>) => void,
    reject: (error: unknown) => void,
  ) {
    this.before = null;
    this.after = null;
    this.source = source;
    this.wait = wait;
    this.resolve = resolve;
    this.reject = reject;
  }

  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    this.source.settled(this);
    if (kind === ERROR) this.source.failed(this, outcome);
    else this.resolve({ done: false, value: outcome as T });
  }

  describe(): string {
    return this.wait.describe();
  }

  giveUp(error: LoopExit): void {
    this.wait.abandon();
    this.source.settled(this);
    this.reject(error);
  }
}
