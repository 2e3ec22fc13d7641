import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, PENDING, TimedWait, type TimeoutOption, VALUE } from '@switchyard/hub/core';
import { Future } from './future.ts';
import type { Listener, Place } from './future-listener.ts';

/** `wait` returns when the first future is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED';
/** `wait` returns when the first future fails (to be cancelled is not to fail), or all are done. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
/** `wait` returns when all futures are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED';

/** When `wait` returns. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;

/** What `wait` takes. */
export interface WaitFuturesOptions extends TimeoutOption {
  /** When it returns; ALL_COMPLETED by default. */
  returnWhen?: ReturnWhen;
}

/** The futures that were given to `wait`, each in one of the two, in the order in which they were given. */
export interface DoneAndNotDone<F> {
  readonly done: Set<F>;
  readonly notDone: Set<F>;
}

/**
 * Waits for futures, of any executors. It throws neither their errors nor a TimeoutError.
 *
 * @returns which are done, and which are not: because `returnWhen` asks for no more, or the timeout (in ms) came first
 * @throws TypeError when it is given something else than futures; RangeError for an unknown `returnWhen`
 *
 * Python: `concurrent.futures.wait`.
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: WaitFuturesOptions,
): Waitable<DoneAndNotDone<F>> {
  const limit = checkTimeout(options, 'wait');
  const returnWhen = options?.returnWhen ?? ALL_COMPLETED;
  if (returnWhen !== FIRST_COMPLETED && returnWhen !== FIRST_EXCEPTION && returnWhen !== ALL_COMPLETED) {
    throw new RangeError(
      `Expected FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED as returnWhen of wait, got ${show(returnWhen)}`,
    );
  }
  return new WaitForFutures<F>(futuresOf(futures, 'wait'), returnWhen, limit);
}

/** The futures, each once. @internal */
export function futuresOf<F extends Future<unknown>>(futures: Iterable<F>, verb: string): Set<F> {
  if (
    futures === null ||
    typeof futures !== 'object' ||
    !(Symbol.iterator in futures) ||
    futures instanceof Future
  ) {
    throw new TypeError(
      `Expected a list of futures for ${verb}, as in ${verb}([a, b]), got ${show(futures)}`,
    );
  }
  const set = new Set<F>();
  let at = 0;
  for (const future of futures) {
    if (!(future instanceof Future)) {
      throw new TypeError(`Expected a Future at ${at} of ${verb}, got ${show(future)}`);
    }
    set.add(future);
    at++;
  }
  return set;
}

class WaitForFutures<F extends Future<unknown>> extends TimedWait<DoneAndNotDone<F>> implements Listener {
  private readonly futures: Set<F>;
  private readonly returnWhen: ReturnWhen;
  /** How many more have to be told of. */
  private missing: number;
  /** The places of this in the lines of futures where others stand too; made when the first is needed. */
  private places: Map<F, Place> | null;

  constructor(futures: Set<F>, returnWhen: ReturnWhen, limit: number) {
    super(limit);
    this.futures = futures;
    this.returnWhen = returnWhen;
    this.missing = 0;
    this.places = null;
  }

  get shared(): boolean {
    return true;
  }

  notify(future: unknown): void {
    this.missing--;
    if (!this.enough(future as F)) return;
    this.finish();
  }

  override expire(): void {
    this.finish();
  }

  override describe(): string {
    const names = [...this.futures].filter((future) => !future.done()).map((future) => future.name);
    return `wait (${names.length} to come${names.length === 0 ? '' : `: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`})`;
  }

  protected override begin(): DoneAndNotDone<F> | typeof PENDING {
    let missing = this.futures.size;
    let enough = missing === 0;
    for (const future of this.futures) {
      if (!future.done()) continue;
      missing--;
      this.missing = missing;
      enough ||= this.enough(future);
    }
    if (enough) return this.sorted();
    this.missing = missing;
    for (const future of this.futures) {
      if (future.done()) continue;
      const place = future.listen(this);
      if (place !== null) (this.places ??= new Map<F, Place>()).set(future, place);
    }
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.unlisten();
  }

  protected override renew(): void {
    super.renew();
    this.missing = 0;
    this.places = null;
  }

  /** Whether it can return, given one that is done. */
  private enough(future: F): boolean {
    if (this.missing === 0 || this.returnWhen === FIRST_COMPLETED) return true;
    return this.returnWhen === FIRST_EXCEPTION && future.failed;
  }

  private sorted(): DoneAndNotDone<F> {
    const done = new Set<F>();
    const notDone = new Set<F>();
    for (const future of this.futures) {
      if (future.done()) {
        future.notice();
        done.add(future);
      } else notDone.add(future);
    }
    return { done, notDone };
  }

  private finish(): void {
    const sorted = this.sorted();
    this.unlisten();
    this.resume(VALUE, sorted);
  }

  private unlisten(): void {
    const { places } = this;
    this.places = null;
    for (const future of this.futures) future.unlisten(this, places?.get(future) ?? null);
  }
}
