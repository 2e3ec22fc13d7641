import { isFrame, show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import {
  Block,
  BrokenBarrierError,
  checkTimeout,
  follow,
  PENDING,
  type TimeoutOption,
} from '@switchyard/hub/core';
import { register, revive, share, Shareable, TaskError } from '@switchyard/remote';
import { referenceOf } from '@switchyard/remote/core';
import { FAILED, Generations, MOST_PARTIES, type Party } from './generation.ts';
import { mustNotBeMain, WordWait } from './parking.ts';
import { type SharedState, stateOf, wordsOf } from './shared-words.ts';
import { newWaiters } from './waiters.ts';

export { BrokenBarrierError };

/** What a barrier does besides waiting. */
export interface BarrierOptions extends TimeoutOption {
  /**
   * Called by one of the parties each time that all have come, before any of them goes on. A plain, async or generator
   * function; it must be a `task` if the barrier is to be sent to another thread.
   */
  action?: (() => unknown) | null;
}

interface BarrierState extends SharedState {
  readonly action: (() => unknown) | null;
  readonly limit: number;
}

/**
 * A place where a number of threads and greenlets wait until all of them have come. It may be sent to other threads in
 * arguments and queues. One that is killed, times out, or whose thread ends while it waits breaks the barrier for all.
 *
 * Python: `threading.Barrier`.
 */
export class Barrier extends Shareable {
  private readonly generations: Generations;
  private readonly action: (() => unknown) | null;
  private readonly limit: number;

  /**
   * @param parties how many have to come
   * @param options `action`, and the `timeout` (in ms) of waits that give none
   * @throws RangeError when `parties` is not a whole number from 1 to 16383; TypeError when an option is not what it should
   *   be
   */
  constructor(parties: number, options?: BarrierOptions) {
    super();
    if (!Number.isInteger(parties) || parties < 1 || parties > MOST_PARTIES) {
      throw new RangeError(
        `Expected a whole number from 1 to ${MOST_PARTIES} as the parties of a Barrier, got ${show(parties)}`,
      );
    }
    this.limit = checkTimeout(options, 'Barrier');
    const action = options?.action ?? null;
    if (action !== null && typeof action !== 'function') {
      throw new TypeError(`Expected a function as the action of a Barrier, got ${show(action)}`);
    }
    this.action = action;
    this.generations = new Generations(newWaiters());
    this.generations.parties = parties;
  }

  /** How many have to come. */
  get parties(): number {
    return this.generations.parties;
  }

  /** How many wait now. */
  get nWaiting(): number {
    return this.generations.waiting;
  }

  /** Whether it is broken: all who wait, and who come, get a BrokenBarrierError until it is reset. */
  get broken(): boolean {
    return this.generations.broken;
  }

  /**
   * Waits until all parties have come. The last of them runs the action before anyone goes on.
   *
   * @returns a number from 0 to `parties - 1`, another one for each party
   * @throws BrokenBarrierError when the barrier is broken or reset, or the timeout (in ms) comes first, which breaks it; in
   *   the one that runs the action also what that throws, which breaks it, too
   */
  wait(options?: TimeoutOption): Waitable<number> {
    const limit = this.limitOf(options, 'Barrier.wait');
    return new Block('Barrier.wait', () => this.arrive(limit));
  }

  /**
   * As `wait`, but stops the whole thread while it waits. For worker threads only. The action must be a plain function.
   *
   * @throws as `wait`; RuntimeError on the main thread; TypeError when the action returns something to wait for
   */
  waitSync(options?: TimeoutOption): number {
    const limit = this.limitOf(options, 'Barrier.waitSync');
    mustNotBeMain('Barrier.wait');
    const { generations } = this;
    const party = new Entrance(generations, limit).block();
    if (party.index < generations.parties - 1) return new Gathering(generations, party, limit).block();
    try {
      const result: unknown = this.action?.();
      if (isWaitable(result)) {
        throw new TypeError(
          `The action of a Barrier returned ${show(result)}: waitSync cannot wait for it, wait() can`,
        );
      }
    } catch (error) {
      this.fail(party);
      throw error;
    }
    return this.pass(party);
  }

  /** Breaks the barrier: all who wait, and who come before it is reset, get a BrokenBarrierError. */
  abort(): void {
    // One that may go already is out of reach, and the next one is broken.
    while (!this.generations.break(this.generations.current));
  }

  /** Makes the barrier as good as new. Those who wait get a BrokenBarrierError. */
  reset(): void {
    this.generations.reset();
  }

  /** @internal */
  [share](): BarrierState {
    const { action } = this;
    if (action !== null && referenceOf(action) === undefined) {
      throw new TaskError(
        `A Barrier with the action ${show(action)} cannot be sent to another thread, which could not find that: make it a ` +
          "task, as in export const action = task(import.meta, 'action', () => ...)",
      );
    }
    return { ...stateOf(this.generations.words), action, limit: this.limit };
  }

  /** @internal */
  static [revive](state: BarrierState): Barrier {
    const words = wordsOf(state);
    const timeout = state.limit < 0 ? null : state.limit;
    const generations = new Generations(words);
    const barrier = new Barrier(generations.parties, { action: state.action, timeout });
    (barrier as unknown as { generations: Generations }).generations = generations;
    return barrier;
  }

  private limitOf(options: TimeoutOption | undefined, verb: string): number {
    const limit = checkTimeout(options, verb);
    return options?.timeout === undefined ? this.limit : limit;
  }

  private *arrive(limit: number): Coroutine<number> {
    const { generations } = this;
    const party = yield* new Entrance(generations, limit);
    if (party.index < generations.parties - 1) return yield* new Gathering(generations, party, limit);
    try {
      if (this.action !== null) yield* follow(this.action);
    } catch (error) {
      this.fail(party);
      throw error;
    }
    return this.pass(party);
  }

  /** All have come, and the action is done. */
  private pass(party: Party): number {
    const passed = this.generations.pass(party.generation);
    this.generations.leave(party);
    if (!passed) throw brokenError();
    return party.index;
  }

  /** The action has failed. */
  private fail(party: Party): void {
    this.generations.break(party.generation);
    this.generations.leave(party);
  }
}

/** The wait to be let in, while the generation before has yet to go. */
class Entrance extends WordWait<Party> {
  private readonly generations: Generations;

  constructor(generations: Generations, limit: number) {
    super(generations.parking, limit);
    this.generations = generations;
  }

  override attempt(): Party | typeof PENDING {
    const party = this.generations.come();
    if (party === null) throw brokenError();
    return party;
  }

  override describe(): string {
    return 'Barrier.wait';
  }

  // It is none of the parties yet, and breaks nothing.
  protected override late(): Party {
    throw new BrokenBarrierError('the parties of the Barrier that had come before did not go in time');
  }
}

/** The wait of one who has come for the others. */
class Gathering extends WordWait<number> {
  private readonly generations: Generations;
  private readonly party: Party;

  constructor(generations: Generations, party: Party, limit: number) {
    super(generations.parking, limit);
    this.generations = generations;
    this.party = party;
  }

  override attempt(): number | typeof PENDING {
    const { generations, party } = this;
    const fate = generations.fate(party);
    if (fate === PENDING) return PENDING;
    generations.leave(party);
    if (fate === FAILED) throw brokenError();
    return party.index;
  }

  override describe(): string {
    return 'Barrier.wait';
  }

  protected override late(): number {
    const { generations, party } = this;
    const broken = generations.break(party.generation) || generations.fate(party) === FAILED;
    generations.leave(party);
    if (!broken) return party.index;
    throw new BrokenBarrierError(`not all ${generations.parties} parties of the Barrier have come in time`);
  }

  protected override detach(): void {
    super.detach();
    this.generations.break(this.party.generation);
    this.generations.leave(this.party);
  }
}

function brokenError(): BrokenBarrierError {
  return new BrokenBarrierError('the Barrier is broken, or has been reset: one of its parties did not come');
}

function isWaitable(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return typeof (value as PromiseLike<unknown>).then === 'function' || isFrame(value);
}

register(import.meta, Barrier);
