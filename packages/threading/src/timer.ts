import { show } from '@switchyard/greenlet/scheduler';
import { type Due, follow, hub, inStrand } from '@switchyard/hub/core';
import { RuntimeError } from '@switchyard/remote';
import { referenceOf } from '@switchyard/remote/core';
import { allocate, retire } from './agent.ts';
import { ALIVE, INITIAL } from './thread-state.ts';
import { inner, runLater, Thread } from './thread.ts';

/** What a timer may be told besides. */
export interface TimerOptions {
  name?: string;
  /** Whether the program may end while it waits or runs; by default as the thread that makes it. */
  daemon?: boolean | null;
}

/**
 * A thread that waits for a time and then calls its target once, unless it was cancelled before. No worker is held while it
 * waits. A target made with `task(...)` runs in a worker thread; any other function runs in this thread, in a greenlet of
 * its own, as it could not be found from another.
 *
 * ```ts
 * const timer = new Timer(50, () => event.set());
 * timer.start();
 * timer.cancel();
 * ```
 *
 * Python: `threading.Timer` (there in seconds).
 */
export class Timer<A extends unknown[] = never[], T = unknown> extends Thread<T> implements Due {
  /** @internal */
  declare deadline: number;
  /** @internal */
  declare order: number;
  /** @internal */
  declare place: number;
  /** Milliseconds. Python: `interval`. */
  declare readonly interval: number;
  /** @internal */
  declare readonly [job]: Job;

  /**
   * @param ms from `start()`
   * @throws TypeError when `ms` is not a number from 0 up, or the target is no function
   */
  constructor(
    ms: number,
    target: (...args: A) => unknown,
    args: A = [] as unknown as A,
    options: TimerOptions = {},
  ) {
    if (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0) {
      throw new TypeError(`Expected milliseconds from 0 up for a Timer, got ${show(ms)}`);
    }
    if (typeof target !== 'function') {
      throw new TypeError(`Expected a function as the target of a Timer, got ${show(target)}`);
    }
    if (!Array.isArray(args))
      throw new TypeError(`Expected an array as the args of a Timer, got ${show(args)}`);
    super(options);
    const value: Job = { target: target as Job['target'], args, cancelled: false, unrefd: null };
    void Object.defineProperty(this, job, { value });
    for (const [key, start] of Object.entries({ deadline: 0, order: 0, place: -1, interval: ms })) {
      void Object.defineProperty(this, key, { value: start, writable: true });
    }
  }

  override start(): void {
    const state = this[inner];
    if (state.phase !== INITIAL) throw new RuntimeError('threads can only be started once');
    state.alive(allocate(), null);
    if (this[job].cancelled) {
      this.end(false, undefined);
    } else if (state.daemon) {
      // A time of the hub keeps the process alive.
      this[job].unrefd = setTimeout(() => this.fire(), this.interval).unref();
    } else if (this.interval !== Infinity) {
      hub.timers.add(this, hub.now() + this.interval);
    }
  }

  /** Stops it, if its target has not been called yet. */
  cancel(): void {
    if (this[job].cancelled) return;
    this[job].cancelled = true;
    if (this[inner].phase !== ALIVE) return;
    hub.timers.remove(this);
    if (this[job].unrefd !== null) clearTimeout(this[job].unrefd);
    this.end(false, undefined);
  }

  /** @internal */
  fire(): void {
    const { target, args } = this[job];
    // Too late to be cancelled.
    this[job].cancelled = true;
    if (referenceOf(target) !== undefined) {
      runLater(this, target, args);
      return;
    }
    inStrand(this.name, () => follow<unknown>(() => target(...(args as never[])))).then(
      (value) => this.end(false, value),
      (error: unknown) => this.end(true, error),
    );
  }

  private end(failed: boolean, outcome: unknown): void {
    const state = this[inner];
    retire(state.ident as number);
    state.finish(failed, outcome);
  }
}

interface Job {
  readonly target: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
  /** Whether it has been cancelled, or its time has come. */
  cancelled: boolean;
  /** The timer of a daemon. */
  unrefd: NodeJS.Timeout | null;
}

const job: unique symbol = Symbol('job');
