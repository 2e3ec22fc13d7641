import { ERROR, PENDING, TimedWait } from '@switchyard/hub/core';
import type { TimeoutError } from './errors.ts';

/** Where the results come from. @internal */
export interface ResultSource<T> {
  /** The next result if it is there, otherwise the wait gets in line. */
  take(wait: NextResult<T>): IteratorResult<T, undefined> | null;
  /** The wait is given up. */
  leave(wait: NextResult<T>): void;
  /** The time is up; gives what it ends with. */
  giveUp(): TimeoutError;
}

/** The wait for the next result of a map, or the next future that is done. @internal */
export class NextResult<T> extends TimedWait<IteratorResult<T, undefined>> {
  private readonly source: ResultSource<T>;
  private readonly label: string;

  /** @param label what is waited for, in run info */
  constructor(source: ResultSource<T>, limit: number, label: string) {
    super(limit);
    this.source = source;
    this.label = label;
  }

  override expire(): void {
    this.source.leave(this);
    this.resume(ERROR, this.source.giveUp());
  }

  override describe(): string {
    return this.label;
  }

  protected override begin(): IteratorResult<T, undefined> | typeof PENDING {
    const result = this.source.take(this);
    if (result !== null) return result;
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.source.leave(this);
  }
}
