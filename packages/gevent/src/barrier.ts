import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import {
  Block,
  BrokenBarrierError,
  checkTimeout,
  ERROR,
  follow,
  hub,
  Line,
  PENDING,
  type Queued,
  TimedWait,
  type TimeoutOption,
  VALUE,
} from '@switchyard/hub/core';

/** What a barrier does besides waiting. */
export interface BarrierOptions extends TimeoutOption {
  /**
   * Called by one of the parties each time that all have come, before any of them goes on. A plain, async or generator
   * function.
   */
  action?: (() => unknown) | null;
}

/** How many are told before timers and sockets may get their turn. */
const BATCH = 256;

/** Not all have come, or the action has not ended. */
const OPEN = 0;
const PASSED = 1;
const BROKEN = 2;

/**
 * A place where a number of greenlets wait until all of them have come. One that is killed or times out while it waits
 * breaks the barrier for all.
 *
 * Python: `threading.Barrier` in a patched program.
 */
export class Barrier {
  /** How many have to come. */
  readonly parties: number;
  private readonly action: (() => unknown) | null;
  private readonly limit: number;
  /** Those who come now. */
  private generation: Generation;
  private failed: boolean;

  /**
   * @param parties how many have to come
   * @param options `action`, and the `timeout` (in ms) of waits that give none
   * @throws RangeError when `parties` is not a whole number from 1 up; TypeError when an option is not what it should be
   */
  constructor(parties: number, options?: BarrierOptions) {
    if (!Number.isInteger(parties) || parties < 1) {
      throw new RangeError(
        `Expected a whole number from 1 up as the parties of a Barrier, got ${show(parties)}`,
      );
    }
    this.limit = checkTimeout(options, 'Barrier');
    const action = options?.action ?? null;
    if (action !== null && typeof action !== 'function') {
      throw new TypeError(`Expected a function as the action of a Barrier, got ${show(action)}`);
    }
    this.parties = parties;
    this.action = action;
    this.generation = new Generation();
    this.failed = false;
  }

  /** How many wait now. */
  get nWaiting(): number {
    return this.generation.line.length;
  }

  /** Whether it is broken: all who wait, and who come, get a BrokenBarrierError until it is reset. */
  get broken(): boolean {
    return this.failed;
  }

  /**
   * Waits until all parties have come. The last of them runs the action before anyone goes on; who comes while it runs is
   * one of the next parties.
   *
   * @returns a number from 0 to `parties - 1`, another one for each party, in the order in which they came
   * @throws BrokenBarrierError when the barrier is broken or reset, or the timeout (in ms) comes first, which breaks it; in
   *   the one that runs the action also what that throws, which breaks it, too
   */
  wait(options?: TimeoutOption): Waitable<number> {
    const own = checkTimeout(options, 'Barrier.wait');
    const limit = options?.timeout === undefined ? this.limit : own;
    return new Block('Barrier.wait', () => this.arrive(limit));
  }

  /** Breaks the barrier: all who wait, and who come before it is reset, get a BrokenBarrierError. */
  abort(): void {
    this.break(this.generation);
  }

  /** Makes the barrier as good as new. Those who wait get a BrokenBarrierError. */
  reset(): void {
    this.generation.end(BROKEN);
    this.generation = new Generation();
    this.failed = false;
  }

  /** One of its parties will not come. @returns whether that has broken it @internal */
  break(generation: Generation): boolean {
    if (!generation.end(BROKEN)) return false;
    this.failed = true;
    return true;
  }

  private *arrive(limit: number): Coroutine<number> {
    const end = limit < 0 ? Infinity : hub.now() + limit;
    while (!this.failed && this.generation.came === this.parties) {
      yield* new Entrance(this.generation, limit < 0 ? -1 : Math.max(0, end - hub.now()));
    }
    if (this.failed) throw brokenError();
    const { generation } = this;
    const index = generation.came++;
    if (index < this.parties - 1) {
      return yield* new Gathering(this, generation, index, limit < 0 ? -1 : Math.max(0, end - hub.now()));
    }
    if (this.action !== null) {
      try {
        yield* follow(this.action);
      } catch (error) {
        this.break(generation);
        throw error;
      }
      if (generation.fate === BROKEN) throw brokenError();
    }
    generation.end(PASSED);
    this.generation = new Generation();
    return index;
  }
}

/** So many parties, who pass the barrier together or not at all. */
class Generation implements Queued {
  /** Those who wait. */
  readonly line: Line<Gathering>;
  /** Those who have come since all were there, while the action runs: the first of the next. */
  readonly entrance: Line<Entrance>;
  /** How many have come. */
  came: number;
  /** OPEN, PASSED or BROKEN. */
  fate: number;

  constructor() {
    this.line = new Line();
    this.entrance = new Line();
    this.came = 0;
    this.fate = OPEN;
  }

  /** Decides about it, once. @returns whether it was open until now */
  end(fate: number): boolean {
    if (this.fate !== OPEN) return false;
    this.fate = fate;
    if (this.line.length > 0 || this.entrance.length > 0) hub.schedule(this);
    return true;
  }

  turn(): void {
    for (let told = 0; ; told++) {
      if (told === BATCH) {
        hub.again(this);
        return;
      }
      // Before the parties, who might come again, and again before them.
      const next = this.entrance.shift();
      if (next !== null) {
        next.resume(VALUE, undefined);
        continue;
      }
      const party = this.line.shift();
      if (party === null) return;
      if (this.fate === PASSED) party.resume(VALUE, party.index);
      else party.resume(ERROR, brokenError());
    }
  }
}

/** The wait to be let in, while those who came before run the action. */
class Entrance extends TimedWait<void> {
  private readonly generation: Generation;

  constructor(generation: Generation, limit: number) {
    super(limit);
    this.generation = generation;
  }

  // It is none of the parties yet, and breaks nothing.
  override expire(): void {
    this.generation.entrance.remove(this);
    this.resume(
      ERROR,
      new BrokenBarrierError('the parties of the Barrier that had come before did not go in time'),
    );
  }

  override describe(): string {
    return 'Barrier.wait';
  }

  protected override begin(): void | typeof PENDING {
    this.generation.entrance.push(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.generation.entrance.remove(this);
  }
}

/** The wait of one who has come for the others. */
class Gathering extends TimedWait<number> {
  readonly index: number;
  private readonly barrier: Barrier;
  private readonly generation: Generation;

  constructor(barrier: Barrier, generation: Generation, index: number, limit: number) {
    super(limit);
    this.barrier = barrier;
    this.generation = generation;
    this.index = index;
  }

  override expire(): void {
    const { generation } = this;
    generation.line.remove(this);
    if (generation.fate === PASSED) this.resume(VALUE, this.index);
    else {
      const late = `not all ${this.barrier.parties} parties of the Barrier have come in time`;
      this.resume(ERROR, this.barrier.break(generation) ? new BrokenBarrierError(late) : brokenError());
    }
  }

  override describe(): string {
    return 'Barrier.wait';
  }

  protected override begin(): number | typeof PENDING {
    this.generation.line.push(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.generation.line.remove(this);
    this.barrier.break(this.generation);
  }
}

function brokenError(): BrokenBarrierError {
  return new BrokenBarrierError('the Barrier is broken, or has been reset: one of its parties did not come');
}
