import type { Waitable } from '@switchyard/hub';
import { PENDING } from '@switchyard/hub/core';
import { register, revive, RuntimeError } from '@switchyard/remote';
import { type AcquireOptions, checkAcquire, Held } from '@switchyard/remote/core';
import { currentAgent, isAlive } from './agent.ts';
import { ABANDONED, CONTENDED, enterOrFlag, ownerOf, tryEnter, tryEnterSpinning } from './lock-word.ts';
import { mustNotBeMain, Parking, WordWait } from './parking.ts';
import { newWords, type SharedState, SharedWords, standFor } from './shared-words.ts';

/**
 * A lock between threads, and between the greenlets of each. It may be sent to other threads in arguments and queues.
 * Whoever releases it may take it again before the next one has run.
 *
 * A thread that ends in any way while it holds the lock has abandoned it: the next one gets it, and is told so by
 * `abandoned`.
 *
 * Python: `threading.Lock`, where a lock that has been abandoned stays locked for ever.
 */
export class Lock extends SharedWords {
  private place: Parking | null;

  constructor() {
    super(newWords(1));
    this.place = null;
  }

  /**
   * Takes the lock, waiting until it is free.
   *
   * @returns true; false when the timeout (in ms) came first, or it was not free and `blocking` is false
   * @throws TypeError when an option is not what it should be
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    return new Acquire(this, options === undefined ? -1 : checkAcquire(options, 'Lock.acquire'));
  }

  /** Takes the lock if it is free, without waiting, and returns whether it was. Costs the least. */
  tryAcquire(): boolean {
    return tryEnter(this.words);
  }

  /**
   * As `acquire`, but stops the whole thread while it waits. For worker threads only.
   *
   * @returns as `acquire`
   * @throws RuntimeError on the main thread, unless `blocking` is false or `timeout` is 0
   */
  acquireSync(options?: AcquireOptions): boolean {
    const limit = options === undefined ? -1 : checkAcquire(options, 'Lock.acquireSync');
    if (limit !== 0) mustNotBeMain('Lock.acquire');
    return tryEnterSpinning(this.words) || new Acquire(this, limit).block();
  }

  /**
   * Gives the lock back. Any thread may do that.
   *
   * @throws RuntimeError when it is not held
   */
  release(): void {
    const word = Atomics.exchange(this.words, 0, 0);
    if ((word & CONTENDED) !== 0) this.parking.wake(1);
    else if (word === 0) throw new RuntimeError('release of a Lock that nobody holds');
  }

  /** Whether a thread that is alive holds it. */
  locked(): boolean {
    const word = Atomics.load(this.words, 0);
    return word !== 0 && isAlive(ownerOf(word));
  }

  /**
   * Takes the lock for the time of a block, waiting until it is free: `using held = yield* lock.hold()`, or
   * `using held = await lock.hold()`.
   */
  hold(): Waitable<Held> {
    return new Hold(this);
  }

  /**
   * As `hold`, but stops the whole thread while it waits: `using held = lock.holdSync()`. For worker threads only.
   *
   * @throws RuntimeError on the main thread
   */
  holdSync(): Held {
    this.acquireSync();
    return new Held(this);
  }

  /** Whether the one who holds it got it from a thread that had ended while holding it. False again when it is released. */
  get abandoned(): boolean {
    return (Atomics.load(this.words, 0) & ABANDONED) !== 0;
  }

  /** Whether this very thread holds it; to a Lock all of a thread is one. @internal */
  ownedBy(_number: number): boolean {
    const word = Atomics.load(this.words, 0);
    return word !== 0 && ownerOf(word) === currentAgent();
  }

  /** Releases it for the time of a wait; what it returns is for `restore`. @internal */
  releaseAll(): number {
    this.release();
    return 1;
  }

  /** Takes it again after a wait. @internal */
  restore(_levels: number, _number: number): WordWait<boolean> {
    return new Acquire(this, -1);
  }

  /** @internal */
  get parking(): Parking {
    return (this.place ??= new Parking(this.words, 0));
  }

  /** @internal */
  static [revive](state: SharedState): Lock {
    return standFor(new Lock(), state);
  }
}

class Acquire extends WordWait<boolean> {
  private readonly words: Int32Array;

  constructor(lock: Lock, limit: number) {
    super(lock.parking, limit);
    this.words = lock.words;
  }

  override attempt(): true | typeof PENDING {
    const word = enterOrFlag(this.words);
    if (word === 0) return true;
    this.place.seen = word;
    return PENDING;
  }

  override describe(): string {
    return 'Lock.acquire';
  }

  protected override first(): true | typeof PENDING {
    return tryEnter(this.words) || PENDING;
  }

  protected override late(): boolean {
    return false;
  }
}

class Hold extends WordWait<Held> {
  private readonly lock: Lock;

  constructor(lock: Lock) {
    super(lock.parking, -1);
    this.lock = lock;
  }

  override attempt(): Held | typeof PENDING {
    const word = enterOrFlag(this.lock.words);
    if (word === 0) return new Held(this.lock);
    this.place.seen = word;
    return PENDING;
  }

  override describe(): string {
    return 'Lock.hold';
  }

  protected override first(): Held | typeof PENDING {
    return tryEnter(this.lock.words) ? new Held(this.lock) : PENDING;
  }
}

register(import.meta, Lock);
