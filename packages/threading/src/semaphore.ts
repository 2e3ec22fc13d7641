import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { PENDING } from '@switchyard/hub/core';
import { register, revive } from '@switchyard/remote';
import { type AcquireOptions, checkAcquire, Held } from '@switchyard/remote/core';
import { mustNotBeMain, Parking, WordWait } from './parking.ts';
import { newWords, type SharedState, SharedWords, standFor } from './shared-words.ts';

/** The permits that are free. */
const FREE = 0;
/** How many may be free at most. */
const BOUND = 1;
/** How many threads wait. */
const WAITERS = 2;

const MOST = 2 ** 31 - 1;
// About a microsecond: less than it takes to be put to sleep and woken.
const SPINS = 300;

/**
 * A number of permits, for threads and for the greenlets of each. It may be sent to other threads in arguments and queues.
 * A permit belongs to nobody: that of a thread which ends without giving it back is gone.
 *
 * Python: `threading.Semaphore`.
 */
export class Semaphore extends SharedWords {
  private place: Parking | null;

  /**
   * @param value the number of permits to begin with
   * @throws RangeError when it is not a whole number from 0 to 2147483647
   */
  constructor(value = 1) {
    super(newWords(3));
    this.place = null;
    if (!Number.isInteger(value) || value < 0 || value > MOST) {
      throw new RangeError(
        `Expected a whole number from 0 up as the value of a ${this.constructor.name}, got ${show(value)}`,
      );
    }
    this.words[FREE] = value;
    this.words[BOUND] = this.bounded ? value : MOST;
  }

  /** The permits that are free. */
  get value(): number {
    return Atomics.load(this.words, FREE);
  }

  /** Whether no permit is free. */
  locked(): boolean {
    return this.value === 0;
  }

  /**
   * Takes a permit, waiting until one is free.
   *
   * @returns true; false when the timeout (in ms) came first, or none was free and `blocking` is false
   * @throws TypeError when an option is not what it should be
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    return new Acquire(this, options === undefined ? -1 : checkAcquire(options, this.purpose('acquire')));
  }

  /** Takes a permit if one is free, without waiting, and returns whether it did. Costs the least. */
  tryAcquire(): boolean {
    const { words } = this;
    for (let free = Atomics.load(words, FREE); free > 0;) {
      const before = Atomics.compareExchange(words, FREE, free, free - 1);
      if (before === free) return true;
      free = before;
    }
    return false;
  }

  /**
   * As `acquire`, but stops the whole thread while it waits. For worker threads only.
   *
   * @returns as `acquire`
   * @throws RuntimeError on the main thread, unless `blocking` is false or `timeout` is 0
   */
  acquireSync(options?: AcquireOptions): boolean {
    const limit = options === undefined ? -1 : checkAcquire(options, this.purpose('acquireSync'));
    if (limit !== 0) mustNotBeMain(this.purpose('acquire'));
    for (let n = 0; n < SPINS; n++) if (this.tryAcquire()) return true;
    return new Acquire(this, limit).block();
  }

  /**
   * Gives `n` permits back, and wakes as many who wait.
   *
   * @throws RangeError when `n` is not a whole number from 1 up, or there would be more permits than there may be
   */
  release(n = 1): void {
    if (!Number.isInteger(n) || n < 1) {
      throw new RangeError(
        `Expected a whole number from 1 up as what ${this.purpose('release')} gives back, got ${show(n)}`,
      );
    }
    const { words } = this;
    const bound = words[BOUND] as number;
    for (let free = Atomics.load(words, FREE); ;) {
      if (n > bound - free) throw this.tooMany(free, n, bound);
      const before = Atomics.compareExchange(words, FREE, free, free + n);
      if (before === free) break;
      free = before;
    }
    this.parking.wake(n);
  }

  /** Takes a permit for the time of a block: `using held = yield* semaphore.hold()`, or `await semaphore.hold()`. */
  hold(): Waitable<Held> {
    return new Hold(this);
  }

  /**
   * As `hold`, but stops the whole thread while it waits. For worker threads only.
   *
   * @throws RuntimeError on the main thread
   */
  holdSync(): Held {
    this.acquireSync();
    return new Held(this);
  }

  /** What those who wait are waiting for, for messages. @internal */
  purpose(verb: string): string {
    return `${this.constructor.name}.${verb}`;
  }

  /** Whether it cannot be released more often than it was acquired. @internal */
  protected get bounded(): boolean {
    return false;
  }

  /** @internal */
  get parking(): Parking {
    return (this.place ??= new Parking(this.words, FREE, WAITERS));
  }

  /** @internal */
  static [revive](state: SharedState): Semaphore {
    return standFor(new this(), state);
  }

  private tooMany(free: number, n: number, bound: number): RangeError {
    return new RangeError(
      this.bounded
        ? `Semaphore released too many times: ${free} of its ${bound} permits are free, and ${n} more were given back`
        : `A ${this.constructor.name} has at most ${MOST} permits: ${free} are free, and ${n} more were given`,
    );
  }
}

/**
 * A semaphore that cannot be released more often than it was acquired: `release` throws a RangeError then.
 *
 * Python: `threading.BoundedSemaphore`.
 */
export class BoundedSemaphore extends Semaphore {
  protected override get bounded(): boolean {
    return true;
  }
}

class Acquire extends WordWait<boolean> {
  private readonly semaphore: Semaphore;

  constructor(semaphore: Semaphore, limit: number) {
    super(semaphore.parking, limit);
    this.semaphore = semaphore;
  }

  override attempt(): boolean | typeof PENDING {
    if (this.semaphore.tryAcquire()) return true;
    this.place.seen = 0;
    return PENDING;
  }

  override describe(): string {
    return this.semaphore.purpose('acquire');
  }

  protected override late(): boolean {
    return false;
  }
}

class Hold extends WordWait<Held> {
  private readonly semaphore: Semaphore;

  constructor(semaphore: Semaphore) {
    super(semaphore.parking, -1);
    this.semaphore = semaphore;
  }

  override attempt(): Held | typeof PENDING {
    if (this.semaphore.tryAcquire()) return new Held(this.semaphore);
    this.place.seen = 0;
    return PENDING;
  }

  override describe(): string {
    return this.semaphore.purpose('hold');
  }
}

register(import.meta, Semaphore);
register(import.meta, BoundedSemaphore);
