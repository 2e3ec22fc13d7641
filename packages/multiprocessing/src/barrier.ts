import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { Block, BrokenBarrierError, checkTimeout, follow, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive, share, TaskError } from '@switchyard/remote';
import { referenceOf } from '@switchyard/remote/core';
import { Ask } from './ask.ts';
import { type BarrierParams, BREAK, BROKEN } from './broker/barrier-served.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';
import { Stub } from './stub.ts';
import { Told } from './told.ts';
import type { Plain } from './wire.ts';

export { BrokenBarrierError };

/** What a barrier does besides waiting. */
export interface BarrierOptions extends TimeoutOption {
  /**
   * Called by one of the parties each time that all have come, before any of them goes on. A plain, async or generator
   * function; it must be a `task` if the barrier is to be sent to another process.
   */
  action?: (() => unknown) | null;
}

interface BarrierState extends SharedState {
  readonly parties: number;
  readonly action: (() => unknown) | null;
  readonly limit: number;
}

const MOST = 2 ** 31 - 1;

/**
 * A place where a number of processes and greenlets wait until all of them have come. It may be sent to other processes in
 * arguments, queues and pipes. One that is killed, times out, or whose process ends while it waits breaks the barrier for
 * all.
 *
 * Python: `multiprocessing.Barrier`.
 */
export class Barrier extends SharedObject<BarrierStub> {
  /** How many have to come. */
  readonly parties: number;
  private readonly action: (() => unknown) | null;
  private readonly limit: number;

  /**
   * @param parties how many have to come
   * @param options `action`, and the `timeout` (in ms) of waits that give none
   * @throws RangeError when `parties` is not a whole number from 1 up; TypeError when an option is not what it should be
   */
  constructor(parties: number, options?: BarrierOptions) {
    if (!Number.isInteger(parties) || parties < 1 || parties > MOST) {
      throw new RangeError(
        `Expected a whole number from 1 up as the parties of a Barrier, got ${show(parties)}`,
      );
    }
    const limit = checkTimeout(options, 'Barrier');
    const action = options?.action ?? null;
    if (action !== null && typeof action !== 'function') {
      throw new TypeError(`Expected a function as the action of a Barrier, got ${show(action)}`);
    }
    super(BarrierStub, 'barrier', () => ({
      ...({ parties, action: action !== null } satisfies BarrierParams),
    }));
    this.parties = parties;
    this.action = action;
    this.limit = limit;
  }

  /** How many wait now. What another process has done in this very moment is not seen yet. */
  get nWaiting(): number {
    return Math.max(0, this.stub.board?.readInt32(0) ?? 0);
  }

  /** Whether it is broken: all who wait, and who come, get a BrokenBarrierError until it is reset. */
  get broken(): boolean {
    return this.stub.broken;
  }

  /**
   * Waits until all parties have come. The last of them runs the action before anyone goes on.
   *
   * @returns a number from 0 to `parties - 1`, another one for each party
   * @throws BrokenBarrierError when the barrier is broken or reset, or the timeout (in ms) comes first, which breaks it; in
   *   the one that runs the action also what that throws, which breaks it, too
   */
  wait(options?: TimeoutOption): Waitable<number> {
    const given = checkTimeout(options, 'Barrier.wait');
    const limit = options?.timeout === undefined ? this.limit : given;
    return new Block('Barrier.wait', () => this.arrive(limit));
  }

  /** Breaks the barrier: all who wait, and who come before it is reset, get a BrokenBarrierError. */
  abort(): void {
    this.stub.change(true);
  }

  /** Makes the barrier as good as new. Those who wait get a BrokenBarrierError. */
  reset(): void {
    this.stub.change(false);
  }

  /** @internal */
  override [share](): BarrierState {
    const { action, parties, limit } = this;
    if (action !== null && referenceOf(action) === undefined) {
      throw new TaskError(
        `A Barrier with the action ${show(action)} cannot be sent to another process, which could not find that: make it a ` +
          "task, as in export const action = task(import.meta, 'action', () => ...)",
      );
    }
    return { ...super[share](), parties, action, limit };
  }

  /** @internal */
  static [revive](state: BarrierState): Barrier {
    const { parties, action, limit } = state;
    return arrived(state, () => new Barrier(parties, { action, timeout: limit < 0 ? null : limit }));
  }

  private *arrive(limit: number): Coroutine<number> {
    const number = yield* new Arrival(this.stub, limit, this.parties, this.action !== null);
    if (number < this.parties - 1 || this.action === null) return number;
    try {
      yield* follow(this.action);
    } catch (error) {
      this.abort();
      throw error;
    }
    if (!(yield* new Opening(this.stub, -1))) throw brokenError();
    return number;
  }
}

/** @internal */
export class BarrierStub extends Stub {
  /** Whether it was broken or mended last from here, and how much of that the broker has not heard yet. */
  private latest: boolean;
  private unheard: number;

  constructor(...args: ConstructorParameters<typeof Stub>) {
    super(...args);
    this.latest = false;
    this.unheard = 0;
  }

  get broken(): boolean {
    return this.unheard > 0 || this.board === null ? this.latest : this.board.readInt32(0) === BROKEN;
  }

  change(broken: boolean): void {
    Told.say(this, broken ? 'abort' : 'reset', null, null, () => this.unheard--);
    this.latest = broken;
    this.unheard++;
  }
}

/** The wait of one who has come. */
class Arrival extends Ask<number> {
  declare readonly stub: BarrierStub;
  private readonly parties: number;
  private readonly action: boolean;

  constructor(stub: BarrierStub, limit: number, parties: number, action: boolean) {
    super(stub, limit);
    this.parties = parties;
    this.action = action;
  }

  override describe(): string {
    return 'Barrier.wait';
  }

  protected override verb(now: boolean): string {
    return now ? 'waitNow' : 'wait';
  }

  protected override made(value: Plain): number {
    if (value === BREAK) throw brokenError();
    return value as number;
  }

  protected override late(): number {
    throw new BrokenBarrierError(`not all ${this.parties} parties of the Barrier have come in time`);
  }

  // One that should run the action, and is gone.
  protected override undo(value: Plain): void {
    if (this.action && value === this.parties - 1) this.stub.change(true);
  }
}

/** Says that the action has been run. */
class Opening extends Ask<boolean> {
  override describe(): string {
    return 'Barrier.wait';
  }

  protected override verb(): string {
    return 'done';
  }

  protected override made(value: Plain): boolean {
    return value === true;
  }
}

function brokenError(): BrokenBarrierError {
  return new BrokenBarrierError('the Barrier is broken, or has been reset: one of its parties did not come');
}

register(import.meta, Barrier);
