import { type Due, hub, type Node } from '@switchyard/hub/core';
import type { SubmitOptions } from './executor-options.ts';
import type { Future } from './future.ts';
import { cancelledError, type FutureOwner } from './future-stop.ts';

/** What the work has to know of the executor that runs it. */
interface Keeper {
  readonly grace: number;
  takenBack(work: Work): boolean;
  withdrawn(work: Work): void;
  stop(work: Work, error: Error, killed: boolean, grace: number): void;
  outOfTime(work: Work): void;
  graceOver(work: Work): void;
}

/** One call that has been submitted to an executor, until it is over. @internal */
export class Work implements FutureOwner, Node {
  /** Its neighbours in the queue of what has yet to begin. */
  before: Node | null;
  after: Node | null;
  readonly future: Future<unknown>;
  /** What to call; let go when it is over. */
  target: ((...args: never[]) => unknown) | null;
  args: unknown[];
  readonly options: SubmitOptions | null;
  /** For the executor: what runs it. */
  runner: unknown;
  readonly submittedAt: number;
  /** When it began, by the hub's clock; -1 before. */
  startedAt: number;
  /** Set when it is to stop. */
  stopping: Stop | null;
  /** Its time limit, while it runs. */
  limit: Limit | null;
  /** Takes back the listener on the signal from outside. */
  unsubscribe: (() => void) | null;
  over: boolean;
  private readonly keeper: Keeper;

  constructor(
    keeper: Keeper,
    future: Future<unknown>,
    target: (...args: never[]) => unknown,
    args: unknown[],
    options: SubmitOptions | null,
  ) {
    this.before = null;
    this.after = null;
    this.future = future;
    this.target = target;
    this.args = args;
    this.options = options;
    this.runner = null;
    this.submittedAt = hub.now();
    this.startedAt = -1;
    this.stopping = null;
    this.limit = null;
    this.unsubscribe = null;
    this.over = false;
    this.keeper = keeper;
  }

  takeBack(): boolean {
    return this.keeper.takenBack(this);
  }

  cancelled(): void {
    this.keeper.withdrawn(this);
  }

  kill(reason: unknown, grace: number | undefined): boolean {
    const error = cancelledError(this.future.name, 'killed', reason);
    this.keeper.stop(this, error, true, grace ?? this.options?.grace ?? this.keeper.grace);
    return true;
  }

  /** Has it cancelled or killed when a signal from outside aborts. */
  follow(signal: AbortSignal): void {
    const { future } = this;
    const onAbort = (): void => void future.kill(signal.reason);
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      this.unsubscribe = () => signal.removeEventListener('abort', onAbort);
    }
  }

  /** What had been taken for its beginning was none: it is going to begin elsewhere. */
  restarts(): void {
    this.startedAt = -1;
    this.limit?.cancel();
    this.limit = null;
  }

  /** Starts its time limit. */
  startLimit(ms: number): void {
    this.limit = new Limit(ms, () => this.keeper.outOfTime(this));
  }

  /** Starts its grace time, or shortens it. */
  startGrace(stop: Stop, ms: number): void {
    const { timer } = stop;
    if (timer !== null) {
      if (timer.deadline <= hub.now() + ms) return;
      timer.cancel();
    }
    stop.timer = new Limit(ms, () => this.keeper.graceOver(this));
  }

  /** Nothing more is going to happen to it. */
  end(): void {
    this.over = true;
    this.limit?.cancel();
    this.stopping?.timer?.cancel();
    this.unsubscribe?.();
    this.limit = null;
    this.unsubscribe = null;
    // The future lives on, and may be all that is left of the task.
    this.target = null;
    this.args = [];
  }
}

/** That a task is to stop. @internal */
export interface Stop {
  /** What its future is going to fail with. */
  readonly error: Error;
  /** Whether somebody killed it; otherwise its time was up. */
  readonly killed: boolean;
  /** The grace time, while it runs. */
  timer: Limit | null;
}

/** A time that will be up, unless it is cancelled before. */
class Limit implements Due {
  deadline: number;
  order: number;
  place: number;
  private readonly expired: () => void;

  constructor(ms: number, expired: () => void) {
    this.deadline = 0;
    this.order = 0;
    this.place = -1;
    this.expired = expired;
    hub.timers.add(this, hub.now() + ms);
  }

  fire(): void {
    this.expired();
  }

  cancel(): void {
    hub.timers.remove(this);
  }
}
