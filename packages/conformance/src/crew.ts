import { type Coroutine, Waiter, type Waitable } from '@switchyard/hub';
import { Block, hub, interrupt, Strand } from '@switchyard/hub/core';

/**
 * What a worker runs. It may be in another thread or process, so it is known by its name in `bodies`, uses nothing but
 * its arguments, and tells the tester what it saw by what it returns and through a `Tally`.
 */
export type WorkerBody = (index: number, ...args: never[]) => Coroutine<unknown>;

/** Workers that all run the same body. */
export interface Crew {
  /** What each returned, in the order of their index. @throws the error of the first one that failed */
  results(): Waitable<unknown[]>;
  /** Ends them where they are, if that can be done: after a failure. */
  kill?(): void;
}

/** What was thrown into a member by `kill`. */
export class Killed extends Error {
  static {
    this.prototype.name = 'Killed';
  }
}

/** A greenlet in the tester's own thread, which can be killed. */
export class Member<T> {
  /** Whether it has ended. */
  done = false;
  private failed = false;
  private result: unknown = undefined;
  private readonly waiters: Waiter[] = [];
  private readonly strand: Strand<T>;

  constructor(name: string, body: () => Coroutine<T> | Waitable<T>) {
    // A waitable is driven as a coroutine is.
    this.strand = new Strand<T>(name, body as () => Coroutine<T>, (failed, result) => {
      this.done = true;
      this.failed = failed;
      this.result = result;
      for (const waiter of this.waiters) waiter.wake();
    });
  }

  /** Waits for its end: gives what it returned, throws what it threw. */
  outcome(): Waitable<T> {
    return new Block<T>('Member.outcome', () => this.wait());
  }

  /** Throws `Killed` into it, in the hub's next turn. */
  kill(): void {
    hub.schedule({ turn: () => interrupt(this.strand, new Killed()) });
  }

  private *wait(): Coroutine<T> {
    if (!this.done) {
      const waiter = new Waiter();
      this.waiters.push(waiter);
      yield* waiter;
    }
    if (this.failed) throw this.result;
    return this.result as T;
  }
}
