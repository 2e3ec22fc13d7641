import { isMainThread } from 'node:worker_threads';
import { ERROR, hub, Line, PENDING, type Queued, TimedWait, VALUE } from '@switchyard/hub/core';
import { RuntimeError } from '@switchyard/remote';
import { currentAgent } from './agent.ts';
import { SLICE, watch } from './watch.ts';

/**
 * The waits of this thread for one word of shared memory to change. However many they are, one `Atomics.waitAsync` is
 * outstanding for all of them: it cannot be cancelled, so that one for each wait would be left behind by each that is
 * given up. It stays when nobody is left, and serves whoever comes next.
 *
 * Whoever changes the word calls `wake`.
 *
 * @internal
 */
export class Parking implements Queued {
  readonly words: Int32Array;
  readonly index: number;
  /** The index of a word with the number of threads that wait, so that waking nobody costs nothing; -1 for none. */
  readonly waiters: number;
  /** The value for which an attempt has found that it must wait: each attempt that does sets it. */
  seen: number;
  /** Oldest first. */
  private readonly line: Line<WordWait<unknown>>;
  /** Whether a `waitAsync` is under way. */
  private outstanding: boolean;
  /** Whether it has been woken by another thread, and nobody here has looked yet. */
  private woken: boolean;
  private scheduled: boolean;
  private readonly fired: () => void;

  constructor(words: Int32Array, index: number, waiters = -1) {
    this.words = words;
    this.index = index;
    this.waiters = waiters;
    this.seen = 0;
    this.line = new Line();
    this.outstanding = false;
    this.woken = false;
    this.scheduled = false;
    this.fired = () => {
      this.outstanding = false;
      this.woken = true;
      this.count(-1);
      if (this.line.first === null) watch.forget(this);
      this.look();
    };
  }

  /** Whether nobody waits here. */
  get idle(): boolean {
    return this.line.first === null;
  }

  /** Whether a `waitAsync` is under way. */
  get registered(): boolean {
    return this.outstanding;
  }

  /** The word has changed: wakes up to `count` waits of other threads, and has those of this one look at it. */
  wake(count?: number): void {
    const { words, waiters } = this;
    if (waiters < 0 || Atomics.load(words, waiters) !== 0) Atomics.notify(words, this.index, count);
    if (this.line.first !== null) this.look();
  }

  /** Has the waits of this thread look at the word in their turn. */
  look(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    hub.schedule(this);
  }

  /** Parks a wait whose attempt has failed; returns its outcome if the word has changed meanwhile. */
  park<T>(wait: WordWait<T>): T | typeof PENDING {
    // A thread that waits must be known: its death may take a wake-up along.
    currentAgent();
    while (!this.register()) {
      const outcome = wait.attempt();
      if (outcome !== PENDING) return outcome;
    }
    if (this.line.first === null) watch.enter(this);
    this.line.push(wait as WordWait<unknown>);
    return PENDING;
  }

  /** Takes out a wait that is over. */
  leave(wait: WordWait<unknown>): void {
    const waited = this.line.length;
    this.line.remove(wait);
    if (waited !== 0 && this.line.length === 0) watch.leave(this);
  }

  turn(): void {
    this.scheduled = false;
    const woken = this.woken;
    this.woken = false;
    const wait = this.line.first;
    if (wait === null) {
      // The one that was woken has been killed or timed out: somebody in another thread may need the wake-up.
      if (woken) Atomics.notify(this.words, this.index, 1);
      return;
    }
    let kind = VALUE;
    let outcome: unknown;
    try {
      outcome = wait.attempt();
      if (outcome === PENDING) {
        if (!this.register()) this.lookNext();
        return;
      }
    } catch (error) {
      kind = ERROR;
      outcome = error;
    }
    this.leave(wait);
    // There may be enough for the next one, too. Should there be nobody, or not enough, that is seen then.
    if (this.line.first !== null) this.lookNext();
    wait.resume(kind, outcome);
  }

  /** Gets rid of a `waitAsync` that nobody here has any use for. */
  release(): void {
    // Which of the waiters of all threads it is cannot be told, so all of them look.
    if (this.outstanding) Atomics.notify(this.words, this.index);
  }

  /** Stops this thread until the word is not `seen` any more, for so many milliseconds at most. */
  stop(ms: number): void {
    this.count(1);
    Atomics.wait(this.words, this.index, this.seen, ms);
    this.count(-1);
  }

  // A thread that is terminated while it waits stays counted: some then wake nobody at some cost.
  private count(more: 1 | -1): void {
    if (this.waiters >= 0) Atomics.add(this.words, this.waiters, more);
  }

  private lookNext(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    hub.again(this);
  }

  // Returns false when the word is not what the attempt has seen.
  private register(): boolean {
    if (this.outstanding) return true;
    this.count(1);
    const wait = Atomics.waitAsync(this.words, this.index, this.seen);
    if (!wait.async) {
      this.count(-1);
      return false;
    }
    this.outstanding = true;
    void wait.value.then(this.fired);
    return true;
  }
}

/**
 * A wait for a word of shared memory. It is tried at once when it begins, and parks only when that fails; under `block()`
 * it stops the whole thread instead.
 *
 * Between a successful attempt and the moment its owner goes on nothing can come: one that is killed or timed out has
 * taken nothing that it would have to give back.
 *
 * @internal
 */
export abstract class WordWait<T> extends TimedWait<T> {
  protected readonly place: Parking;

  /** @param limit milliseconds, -1 for no limit; 0 to try only once */
  constructor(place: Parking, limit: number) {
    super(limit);
    this.place = place;
  }

  /**
   * Takes what is waited for. Returns PENDING when it cannot be had: `place.seen` must then be the value of the word that
   * says so, and whoever changes that value must call `place.wake`, or `Atomics.notify`. May be called any number of times,
   * also when the word has not changed.
   */
  abstract attempt(): T | typeof PENDING;

  /** The outcome when the time is up. A wait that has no time limit need not define it. */
  protected late(): T {
    throw new RuntimeError(`${this.describe()} has no time limit`);
  }

  /**
   * Waits by stopping this thread, the event loop included.
   *
   * @throws RuntimeError on the main thread
   */
  block(): T {
    const { place } = this;
    const { limit } = this;
    if (limit !== 0) mustNotBeMain(this.describe());
    let outcome = this.attempt();
    if (outcome !== PENDING) return outcome;
    currentAgent();
    const end = limit < 0 ? Infinity : performance.now() + limit;
    for (let left = limit; ;) {
      if (left === 0) return this.late();
      // In slices: should the one who is to wake us have died, nobody does.
      place.stop(left < 0 || left > SLICE ? SLICE : left);
      outcome = this.attempt();
      if (outcome !== PENDING) return outcome;
      if (limit > 0) left = Math.max(0, end - performance.now());
    }
  }

  override expire(): void {
    this.place.leave(this);
    let kind = VALUE;
    let outcome: unknown;
    try {
      outcome = this.late();
    } catch (error) {
      kind = ERROR;
      outcome = error;
    }
    this.resume(kind, outcome);
  }

  /** Starts it for a promise: with less ado when there is nothing to wait for. @internal */
  override promise(): Promise<T> {
    if (this.parked) return super.promise();
    try {
      const outcome = this.first();
      return outcome === PENDING ? super.promise() : Promise.resolve(outcome);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** The attempt of one who has not begun to wait: it may leave out what it takes to be woken. */
  protected first(): T | typeof PENDING {
    return this.attempt();
  }

  protected override begin(): T | typeof PENDING {
    let outcome = this.first();
    if (outcome !== PENDING) return outcome;
    if (this.limit === 0) return this.late();
    outcome = this.attempt();
    if (outcome === PENDING) outcome = this.place.park(this);
    if (outcome === PENDING) this.startLimit();
    return outcome;
  }

  protected override detach(): void {
    this.place.leave(this);
  }
}

/** @throws RuntimeError on the main thread, where `verb` would stop everything @internal */
export function mustNotBeMain(verb: string): void {
  if (!isMainThread) return;
  const call = `${verb[0]?.toLowerCase()}${verb.slice(1)}()`;
  throw new RuntimeError(
    `${verb}Sync would stop the main thread, and with it timers, sockets and all greenlets, which must not block: ` +
      `write await ${call}, or yield* ${call} in a coroutine`,
  );
}
