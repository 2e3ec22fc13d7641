import type { Waitable } from '@switchyard/hub';
import { Drawn, ERROR, PENDING, type TimeoutOption, VALUE, Wait } from '@switchyard/hub/core';

/** How a line is read. */
export interface LineOptions extends TimeoutOption {
  /** The most bytes; null or left out for no limit. */
  limit?: number | null | undefined;
  /** Gives a string, decoded so, instead of bytes. */
  encoding?: BufferEncoding | undefined;
}

/** How lines are read. */
export interface LinesOptions extends TimeoutOption {
  /** The most bytes of a line; null or left out for no limit. */
  limit?: number | null | undefined;
  /** What they are decoded as: utf8 when left out; null for bytes. */
  encoding?: BufferEncoding | null | undefined;
}

/**
 * The lines that come over a connection: `for await (const line of lines)` in async code, `yield* lines.next()` in a
 * coroutine, which gives `{ done, value }`. A kill or a timeout that comes meanwhile takes no line away.
 */
export class Lines<T extends Buffer | string> implements AsyncIterable<T, undefined> {
  private readonly line: () => Wait<T>;

  /** @internal */
  constructor(line: () => Wait<T>) {
    this.line = line;
  }

  /** Waits for the next line: `{ done: false, value }`, or `{ done: true }` after the last one. */
  next(): Waitable<IteratorResult<T, undefined>> {
    return new NextLine<T>(this.line());
  }

  /** Takes lines until there are no more. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new Drawn<T>(
      () => new Ending<T>(this.line()),
      (error) => error === END,
    );
  }
}

/** What ends a loop over lines. */
const END = new Error('there are no more lines');

/** A wait that makes something of the outcome of another. */
abstract class Derived<T, R> extends Wait<R> {
  private line: Wait<T>;

  constructor(line: Wait<T>) {
    super();
    this.line = line;
  }

  protected abstract make(line: T): R;

  /** @internal */
  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    let made: R;
    try {
      if (kind === ERROR) throw outcome;
      made = this.make(outcome as T);
    } catch (error) {
      this.resume(ERROR, error);
      return;
    }
    this.resume(VALUE, made);
  }

  override describe(): string {
    return this.line.describe();
  }

  protected override begin(): R | typeof PENDING {
    const outcome = this.line.startFor(this);
    return outcome === PENDING ? PENDING : this.make(outcome);
  }

  protected override detach(): void {
    this.line.abandon();
  }

  protected override renew(): void {
    this.line = this.line.copy();
  }
}

class NextLine<T extends Buffer | string> extends Derived<T, IteratorResult<T, undefined>> {
  protected override make(line: T): IteratorResult<T, undefined> {
    return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
  }
}

class Ending<T extends Buffer | string> extends Derived<T, T> {
  protected override make(line: T): T {
    if (line.length === 0) throw END;
    return line;
  }
}
