import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { type Waitable, Waiter } from '@switchyard/hub';
import {
  checkTimeout,
  ERROR,
  hub,
  interrupt,
  Line,
  Ring,
  type ScheduledGreenlet,
  Strand,
  type TimeoutOption,
  VALUE,
} from '@switchyard/hub/core';
import { Items, type Source } from './pool-items.ts';
import type { Job } from './pool-job.ts';
import { chunkJob, type ChunkOutcome } from './pool-map.ts';
import { NextResult } from './pool-next.ts';
import { checkCount, type ImapOptions } from './pool-options.ts';

/** What the results have to know of their pool. @internal */
export interface ImapPool {
  readonly processes: number;
  /** @throws when it takes no more */
  submit(job: Job): void;
  /** It comes next. */
  resubmit(job: Job): void;
}

/** What came of one item. */
interface Entry {
  readonly failed: boolean;
  readonly outcome: unknown;
}

/** Where what came of a chunk is put: one for each chunk when in order, otherwise one for all. */
interface Slot {
  readonly entries: Ring<Entry>;
  /** How many chunks are to put something into it. */
  open: number;
}

type Next<T> = IteratorResult<T, undefined>;

/**
 * The results of a map, as they come: `for await (const result of pool.imap(fn, items))` in async code, `yield* it.next()`
 * in a coroutine, which gives `{ done, value }`. Items are taken from their source, which may be endless, only as workers
 * have need of them. Leaving early (break, `using`, `return()`) takes back what no worker has begun.
 *
 * Python: `multiprocessing.pool.IMapIterator`.
 */
export class PoolResults<T> implements AsyncIterableIterator<T, undefined> {
  private readonly pool: ImapPool;
  private readonly target: (item: never) => unknown;
  private readonly chunksize: number;
  private readonly maxsize: number;
  private readonly ordered: boolean;
  private readonly items: Items;
  private readonly driver: Strand<void>;
  /** What the driver waits on while there is enough to do. */
  private gate: Waiter | null;
  /** In the order in which they are to be taken. */
  private readonly slots: Ring<Slot>;
  private readonly jobs: Set<Job>;
  /** How many items have been started whose results have not been taken. */
  private started: number;
  private index: number;
  private fed: boolean;
  private closed: boolean;
  private readonly waits: Line<NextResult<T>>;
  private due: boolean;

  /** @internal */
  constructor(
    pool: ImapPool,
    target: (item: never) => unknown,
    items: Source<unknown>,
    ordered: boolean,
    options: ImapOptions = {},
  ) {
    const { chunksize = 1, maxsize } = options;
    const verb = ordered ? 'imap' : 'imapUnordered';
    this.chunksize = checkCount(chunksize, `the chunksize of ${verb}`);
    this.maxsize = maxsize == null ? Infinity : checkCount(maxsize, `the maxsize of ${verb}`);
    this.pool = pool;
    this.target = target;
    this.ordered = ordered;
    this.items = new Items(items);
    this.gate = null;
    this.slots = new Ring();
    this.jobs = new Set();
    this.started = 0;
    this.index = 0;
    this.fed = false;
    this.closed = false;
    this.waits = new Line();
    this.due = false;
    if (!ordered) this.slots.push({ entries: new Ring(), open: 1 });
    this.driver = new Strand<void>(
      `the items of ${verb}`,
      () => this.drive(),
      (failed, outcome) => {
        if (failed) hub.reports.report(outcome, null);
      },
    );
  }

  /**
   * Waits for the next result: `{ done: false, value }`, or `{ done: true }` behind the last one. A kill or a timeout that
   * comes meanwhile takes no result away.
   *
   * @param options `timeout` in ms
   * @throws the error of the item whose turn it is; the next call goes on behind it. The error of the source itself comes
   *   behind the results of the items before it. TimeoutError when the result is not there in time: it can be asked for again
   */
  next(options?: TimeoutOption): Waitable<Next<T>> & Promise<Next<T>> {
    // An async iterator must give a promise; whoever awaits a waitable cannot tell it from one.
    return new NextResult<T>(this, checkTimeout(options, 'next')) as unknown as Waitable<Next<T>> &
      Promise<Next<T>>;
  }

  /** Ends it: what no worker has begun is taken back. */
  return(): Promise<Next<T>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The next result if it is there, or null. @internal */
  take(): Next<T> | null {
    for (;;) {
      const slot = this.slots.first;
      if (slot === undefined) return this.fed || this.closed ? { done: true, value: undefined } : null;
      const { entries } = slot;
      if (entries.length > 0) {
        const { failed, outcome } = entries.shift();
        this.started--;
        this.refill();
        if (failed) throw outcome;
        return { done: false, value: outcome as T };
      }
      if (slot.open > 0) return null;
      void this.slots.shift();
    }
  }

  /** @internal */
  enqueue(wait: NextResult<T>): void {
    this.waits.push(wait);
    this.refill();
  }

  /** @internal */
  dequeue(wait: NextResult<T>): void {
    this.waits.remove(wait);
  }

  /** Whether somebody else is to get the next one. @internal */
  get awaited(): boolean {
    return this.waits.length > 0;
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.items.close();
    if (!this.fed) {
      const exit = new GreenletExit();
      hub.schedule({ turn: () => interrupt(this.driver as unknown as ScheduledGreenlet, exit) });
    }
    for (const job of this.jobs) job.drop();
    this.jobs.clear();
    while (this.slots.length > 0) void this.slots.shift();
    this.serve();
  }

  private *drive(): Coroutine<void> {
    for (;;) {
      while (!this.hungry()) {
        this.gate = new Waiter();
        yield* this.gate;
      }
      const { items, failure } = yield* this.items.take(this.chunksize);
      if (this.closed) return;
      try {
        if (items.length > 0) this.submit(items);
      } catch (error) {
        this.feedEnds({ error });
        return;
      }
      if (failure === null && items.length === this.chunksize) continue;
      this.feedEnds(failure);
      return;
    }
  }

  /** Whether workers could do with more: each has a chunk waiting behind the one that it runs. */
  private hungry(): boolean {
    if (this.jobs.size >= 2 * this.pool.processes) return false;
    return this.started === 0 || this.started + this.chunksize <= this.maxsize;
  }

  private refill(): void {
    if (this.gate !== null && this.hungry()) {
      this.gate.wake();
      this.gate = null;
    }
  }

  private feedEnds(failure: { readonly error: unknown } | null): void {
    this.fed = true;
    this.items.close();
    if (failure !== null) {
      const entries = new Ring<Entry>();
      entries.push({ failed: true, outcome: failure.error });
      // Behind all others also when they come in any order.
      this.slots.push({ entries, open: 0 });
      this.started++;
    }
    if (!this.ordered) (this.slots.first as Slot).open--;
    this.serve();
  }

  private submit(items: readonly unknown[]): void {
    let slot: Slot;
    if (this.ordered) this.slots.push((slot = { entries: new Ring(), open: 0 }));
    else slot = this.slots.first as Slot;
    this.start(slot, items, this.index, (job) => this.pool.submit(job));
    this.index += items.length;
    this.started += items.length;
  }

  private start(slot: Slot, items: readonly unknown[], index: number, give: (job: Job) => void): void {
    const job = chunkJob(this.target, items, index, false, (outcome) => {
      this.jobs.delete(job);
      slot.open--;
      if (!this.closed) this.ended(slot, items, index, outcome);
    });
    slot.open++;
    this.jobs.add(job);
    try {
      give(job);
    } catch (error) {
      slot.open--;
      this.jobs.delete(job);
      job.drop();
      throw error;
    }
  }

  private ended(slot: Slot, items: readonly unknown[], index: number, outcome: ChunkOutcome): void {
    const { values, failure, whole } = outcome;
    for (const value of values) slot.entries.push({ failed: false, outcome: value });
    if (failure !== null) {
      const others = items.slice(values.length);
      if (whole) for (const _ of others) slot.entries.push({ failed: true, outcome: failure.error });
      else this.failed(slot, others, index + values.length, failure.error);
    }
    this.refill();
    this.serve();
  }

  /** The first of these items failed, and those behind it have not run. */
  private failed(slot: Slot, items: readonly unknown[], index: number, error: unknown): void {
    slot.entries.push({ failed: true, outcome: error });
    const rest = items.slice(1);
    if (rest.length === 0) return;
    try {
      this.start(slot, rest, index + 1, (job) => this.pool.resubmit(job));
    } catch (refusal) {
      for (const _ of rest) slot.entries.push({ failed: true, outcome: refusal });
    }
  }

  /** Gives those who wait what is there, in the hub. */
  private serve(): void {
    if (this.waits.length === 0 || this.due) return;
    this.due = true;
    hub.schedule({ turn: () => this.serveNow() });
  }

  private serveNow(): void {
    this.due = false;
    for (let wait = this.waits.first; wait !== null; wait = this.waits.first) {
      let kind: number = VALUE;
      let outcome: unknown;
      try {
        outcome = this.take();
      } catch (error) {
        kind = ERROR;
        outcome = error;
      }
      if (outcome === null && kind === VALUE) return;
      this.waits.remove(wait);
      wait.resume(kind, outcome);
    }
  }
}
