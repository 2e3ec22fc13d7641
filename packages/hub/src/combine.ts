import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { type Frame, isFrame, show } from '@switchyard/greenlet/scheduler';
import { SHIELDED } from './flags.ts';
import { hub } from './hub.ts';
import { interrupt, undoWait } from './interrupt.ts';
import { Strand } from './scheduled.ts';
import { until } from './until.ts';
import { ERROR, PENDING, type Sink, VALUE, Wait } from './wait.ts';
import type { Queued } from './ring.ts';
import type { Waitable } from './waitable.ts';

/** What `all`, `race` and `settled` take: waitables, coroutines and promises. */
export type Waited<T> = Waitable<T> | Coroutine<T> | PromiseLike<T>;

type Value<W> = W extends Coroutine<infer T> ? T : W extends PromiseLike<infer T> ? T : never;
type Values<W extends readonly Waited<unknown>[]> = { -readonly [K in keyof W]: Value<W[K]> };

/**
 * Waits for all of them at once. The first failure is thrown, and the others are then cancelled: their waits are
 * undone, or, where they are coroutines, killed.
 *
 * @returns their values, in the order given
 */
export function all<const W extends readonly Waited<unknown>[]>(waitables: W): Waitable<Values<W>> {
  return new All(check(waitables, 'all')) as Waitable<unknown[]> as Waitable<Values<W>>;
}

/**
 * Waits for the first of them to end, in either way; the others are cancelled at that moment, so that none of them
 * takes an item or a permit that nobody will see.
 *
 * @param waitables a list: gives the value of the first; or a record: gives `[key, value]` of the first
 * @throws what the first throws; TypeError when there is none to wait for
 */
export function race<const W extends readonly Waited<unknown>[]>(waitables: W): Waitable<Value<W[number]>>;
export function race<R extends Record<string, Waited<unknown>>>(
  waitables: R,
): Waitable<{ [K in keyof R]: [K, Value<R[K]>] }[keyof R]>;
export function race(
  waitables: readonly Waited<unknown>[] | Record<string, Waited<unknown>>,
): Waitable<unknown> {
  if (Array.isArray(waitables)) return new Race(check(waitables, 'race'), null);
  if (waitables === null || typeof waitables !== 'object' || isFrame(waitables)) {
    throw new TypeError(`Expected a list or a record of waitables for race, got ${show(waitables)}`);
  }
  return new Race(check(Object.values(waitables), 'race'), Object.keys(waitables));
}

/**
 * Waits for all of them to end, in either way.
 *
 * @returns for each, in the order given, `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`
 */
export function settled<const W extends readonly Waited<unknown>[]>(
  waitables: W,
): Waitable<{ -readonly [K in keyof W]: PromiseSettledResult<Value<W[K]>> }> {
  return new Settled(check(waitables, 'settled')) as Waitable<unknown[]> as Waitable<{
    -readonly [K in keyof W]: PromiseSettledResult<Value<W[K]>>;
  }>;
}

function check(waitables: readonly unknown[], verb: string): readonly Waited<unknown>[] {
  if (!Array.isArray(waitables)) {
    throw new TypeError(`Expected a list of waitables for ${verb}, got ${show(waitables)}`);
  }
  waitables.forEach((one: unknown, at) => {
    const fits = isFrame(one)
      ? Symbol.iterator in one
      : typeof (one as PromiseLike<unknown> | null)?.then === 'function';
    if (!fits) throw new TypeError(`Expected something to wait for at ${at} of ${verb}, got ${show(one)}`);
  });
  if (verb === 'race' && waitables.length === 0) {
    throw new TypeError('Expected at least one waitable for race: with none it would wait for ever');
  }
  return waitables as readonly Waited<unknown>[];
}

/** One of the things waited for: its wait parked on our behalf, or a greenlet that drives it. */
class Branch implements Sink {
  private readonly group: Combination<unknown>;
  private readonly index: number;
  private running: Wait<unknown> | Strand<unknown> | null = null;

  constructor(group: Combination<unknown>, index: number) {
    this.group = group;
    this.index = index;
  }

  start(source: Waited<unknown>): void {
    let outcome: unknown;
    try {
      const frame = waitFor(source);
      if (!(frame instanceof Wait)) {
        this.drive(frame);
        return;
      }
      outcome = frame.startFor(this);
      if (outcome === PENDING) {
        this.running = frame;
        return;
      }
    } catch (error) {
      this.group.one(this.index, ERROR, error);
      return;
    }
    this.group.one(this.index, VALUE, outcome);
  }

  take(_wait: Wait<unknown>, kind: number, outcome: unknown): void {
    this.running = null;
    this.group.served(this.index, kind, outcome);
  }

  cancel(): void {
    const running = this.running;
    this.running = null;
    if (running === null) return;
    if (running instanceof Wait) {
      running.abandon();
      return;
    }
    // Its wait is undone at once, so that it takes nothing any more that nobody will see; its cleanup runs in its turn.
    // What is shielded is not to be cut short: that goes on to its end.
    const exit = new GreenletExit();
    if ((running.flags & SHIELDED) === 0) undoWait(running as Strand<never>, exit);
    hub.schedule({ turn: () => interrupt(running as Strand<never>, exit) });
  }

  private drive(frame: Frame): void {
    const strand = new Strand<unknown>(
      `${this.group.verb}[${this.index}]`,
      () => frame as Coroutine<unknown>,
      (failed, outcome) => {
        if (this.running === strand) {
          this.running = null;
          this.group.one(this.index, failed || outcome instanceof GreenletExit ? ERROR : VALUE, outcome);
        } else if (failed) {
          // It was cancelled, and fails in its cleanup: whoever waited has gone on.
          hub.reports.report(outcome, strand as Strand<never>);
        }
      },
    );
    this.running = strand;
  }
}

/** What to drive to wait for one of them. */
function waitFor(source: Waited<unknown>): Frame {
  const iterate = (source as Partial<Iterable<unknown>>)[Symbol.iterator];
  return (
    typeof iterate === 'function' ? iterate.call(source) : until(source as PromiseLike<unknown>)
  ) as Frame;
}

abstract class Combination<T> extends Wait<T> implements Queued {
  protected results: unknown[] = [];
  protected left_ = 0;
  private readonly sources: readonly Waited<unknown>[];
  private branches: Branch[] = [];
  private decided: { kind: number; outcome: unknown } | null = null;
  /** Whether a branch is being served in the hub right now, where whoever waits can be resumed at once. */
  private serving = false;

  constructor(sources: readonly Waited<unknown>[]) {
    super();
    this.sources = sources;
  }

  /** The function's name, for messages. */
  abstract readonly verb: string;

  /** A branch has ended. */
  abstract one(index: number, kind: number, outcome: unknown): void;

  /**
   * A branch's wait has ended, in the hub. Whoever waits goes on at once: an item or a permit that has been taken for it
   * would get lost with a kill that comes before a later turn.
   */
  served(index: number, kind: number, outcome: unknown): void {
    this.serving = true;
    try {
      this.one(index, kind, outcome);
    } finally {
      this.serving = false;
    }
  }

  turn(): void {
    const decided = this.decided;
    if (decided !== null) this.resume(decided.kind, decided.outcome);
  }

  protected override begin(): T | typeof PENDING {
    this.renew();
    this.left_ = this.sources.length;
    if (this.left_ === 0) return this.results as T;
    for (let i = 0; i < this.sources.length && this.decided === null; i++) {
      const branch = new Branch(this as unknown as Combination<unknown>, i);
      this.branches.push(branch);
      branch.start(this.sources[i] as Waited<unknown>);
    }
    const decided = this.decided as { kind: number; outcome: unknown } | null;
    if (decided === null) return PENDING;
    // What stands behind was not begun. A promise runs all the same, and its failure is nobody's business any more.
    for (const source of this.sources) if (source instanceof Promise) source.catch(() => {});
    if (decided.kind === ERROR) throw decided.outcome;
    return decided.outcome as T;
  }

  protected override detach(): void {
    this.cancelRest();
  }

  protected override renew(): void {
    this.results = [];
    this.branches = [];
    this.decided = null;
    this.serving = false;
  }

  protected decide(kind: number, outcome: unknown): void {
    if (this.decided !== null) return;
    this.decided = { kind, outcome };
    this.cancelRest();
    if (!this.parked) return;
    if (this.serving) this.turn();
    else hub.schedule(this);
  }

  private cancelRest(): void {
    const branches = this.branches;
    this.branches = [];
    for (const branch of branches) branch.cancel();
  }
}

class All extends Combination<unknown[]> {
  get verb(): string {
    return 'all';
  }

  one(index: number, kind: number, outcome: unknown): void {
    if (kind === ERROR) {
      this.decide(ERROR, outcome);
      return;
    }
    this.results[index] = outcome;
    if (--this.left_ === 0) this.decide(VALUE, this.results);
  }

  override describe(): string {
    return `all (${this.left_} to come)`;
  }
}

class Race extends Combination<unknown> {
  private readonly keys: string[] | null;

  constructor(sources: readonly Waited<unknown>[], keys: string[] | null) {
    super(sources);
    this.keys = keys;
  }

  get verb(): string {
    return 'race';
  }

  one(index: number, kind: number, outcome: unknown): void {
    this.decide(kind, kind === ERROR || this.keys === null ? outcome : [this.keys[index], outcome]);
  }

  override describe(): string {
    return `race of ${this.left_}`;
  }
}

class Settled extends Combination<unknown[]> {
  get verb(): string {
    return 'settled';
  }

  one(index: number, kind: number, outcome: unknown): void {
    this.results[index] =
      kind === ERROR ? { status: 'rejected', reason: outcome } : { status: 'fulfilled', value: outcome };
    if (--this.left_ === 0) this.decide(VALUE, this.results);
  }

  override describe(): string {
    return `settled (${this.left_} to come)`;
  }
}
