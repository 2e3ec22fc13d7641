import { ERROR, PENDING, TimedWait } from '@switchyard/hub/core';
import { TimeoutError } from '@switchyard/remote';

/** Where the results come from. */
interface ResultSource<T> {
  /** Whether somebody else is to get the next one. */
  readonly awaited: boolean;
  /** The next result if it is there, or null. */
  take(): IteratorResult<T, undefined> | null;
  enqueue(wait: NextResult<T>): void;
  dequeue(wait: NextResult<T>): void;
}

/** The wait for the next result of imap. @internal */
export class NextResult<T> extends TimedWait<IteratorResult<T, undefined>> {
  private readonly results: ResultSource<T>;

  constructor(results: ResultSource<T>, limit: number) {
    super(limit);
    this.results = results;
  }

  override expire(): void {
    this.results.dequeue(this);
    this.resume(ERROR, this.late());
  }

  override describe(): string {
    return 'the next result of imap';
  }

  protected override begin(): IteratorResult<T, undefined> | typeof PENDING {
    const ready = this.results.awaited ? null : this.results.take();
    if (ready !== null) return ready;
    if (this.limit === 0) throw this.late();
    this.results.enqueue(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.results.dequeue(this);
  }

  private late(): TimeoutError {
    return new TimeoutError(`the next result is not there within ${this.limit} ms`);
  }
}
