import type { Waitable } from '@switchyard/hub';
import { PENDING } from '@switchyard/hub/core';
import { register, revive, RuntimeError } from '@switchyard/remote';
import { type AcquireOptions, checkAcquire, currentNumber, Held } from '@switchyard/remote/core';
import { currentAgent, isAlive } from './agent.ts';
import { ABANDONED, CONTENDED, enterOrFlag, ownerOf, tryEnter, tryEnterSpinning } from './lock-word.ts';
import { mustNotBeMain, Parking, WordWait } from './parking.ts';
import { newWords, type SharedState, SharedWords, standFor } from './shared-words.ts';

// After the word of the lock: which greenlet of its thread holds it, and how often it has taken it.
const GREENLET = 1;
const LEVELS = 2;

/**
 * A lock that its owner may take again, and releases as often as it took it. A greenlet is an owner of its own; all plain
 * and async code of a thread together is one. May be sent to other threads; `abandoned` is as for `Lock`.
 *
 * Python: `threading.RLock`.
 */
export class RLock extends SharedWords {
  private place: Parking | null;

  constructor() {
    super(newWords(3));
    this.place = null;
  }

  /**
   * Takes the lock once more, waiting until it is free if somebody else holds it.
   *
   * @returns true; false when the timeout (in ms) came first, or somebody else holds it and `blocking` is false
   * @throws TypeError when an option is not what it should be
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    return new Acquire(this, options === undefined ? -1 : checkAcquire(options, 'RLock.acquire'), 1);
  }

  /** Takes the lock if that needs no waiting, and returns whether it did. */
  tryAcquire(): boolean {
    return this.enter(currentNumber(), 1, tryEnter);
  }

  /**
   * As `acquire`, but stops the whole thread while it waits. For worker threads only.
   *
   * @returns as `acquire`
   * @throws RuntimeError on the main thread, unless `blocking` is false or `timeout` is 0
   */
  acquireSync(options?: AcquireOptions): boolean {
    const limit = options === undefined ? -1 : checkAcquire(options, 'RLock.acquireSync');
    if (limit !== 0) mustNotBeMain('RLock.acquire');
    return this.enter(currentNumber(), 1, tryEnterSpinning) || new Acquire(this, limit, 1).block();
  }

  /**
   * Gives back one level of it; the last one lets others have it.
   *
   * @throws RuntimeError when the greenlet (or the plain code of the thread) that calls this does not hold it
   */
  release(): void {
    const number = currentNumber();
    if (!this.ownedBy(number)) throw this.notOwner(number);
    const levels = (this.words[LEVELS] as number) - 1;
    if (levels === 0) this.free();
    else this.words[LEVELS] = levels;
  }

  /** Whether the greenlet (or the plain code of the thread) that calls this holds it. Python: `_is_owned`. */
  owned(): boolean {
    return this.ownedBy(currentNumber());
  }

  /** How often the one that calls this holds it; 0 when it does not. Python: `_recursion_count`. */
  recursionCount(): number {
    return this.owned() ? (this.words[LEVELS] as number) : 0;
  }

  /** Whether a thread that is alive holds it. */
  locked(): boolean {
    const word = Atomics.load(this.words, 0);
    return word !== 0 && isAlive(ownerOf(word));
  }

  /** Takes the lock for the time of a block: `using held = yield* lock.hold()`, or `using held = await lock.hold()`. */
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

  /** Takes `levels` of it for a greenlet, `take` being how to take the word of the lock. @internal */
  enter(number: number, levels: number, take: (words: Int32Array) => boolean): boolean {
    const { words } = this;
    if (this.ownedBy(number)) {
      words[LEVELS] = (words[LEVELS] as number) + levels;
      return true;
    }
    if (!take(words)) return false;
    words[GREENLET] = number;
    words[LEVELS] = levels;
    return true;
  }

  /** Whether a greenlet of this thread holds it. @internal */
  ownedBy(number: number): boolean {
    const word = Atomics.load(this.words, 0);
    // The other words mean something to the thread that holds it only.
    return word !== 0 && ownerOf(word) === currentAgent() && this.words[GREENLET] === number;
  }

  /** Releases all levels for the time of a wait; what it returns is for `restore`. @internal */
  releaseAll(): number {
    const levels = this.words[LEVELS] as number;
    this.free();
    return levels;
  }

  /** Takes them again after a wait. @internal */
  restore(levels: number, number: number): WordWait<boolean> {
    return new Acquire(this, -1, levels, number);
  }

  /** @internal */
  get parking(): Parking {
    return (this.place ??= new Parking(this.words, 0));
  }

  /** @internal */
  static [revive](state: SharedState): RLock {
    return standFor(new RLock(), state);
  }

  private free(): void {
    this.words[LEVELS] = 0;
    const word = Atomics.exchange(this.words, 0, 0);
    if ((word & CONTENDED) !== 0) this.parking.wake(1);
  }

  private notOwner(number: number): RuntimeError {
    const word = Atomics.load(this.words, 0);
    if (word === 0) return new RuntimeError('release of an RLock that nobody holds');
    const who = number === 0 ? 'plain or async code' : 'a greenlet';
    const owner = ownerOf(word) !== currentAgent() ? 'another thread' : 'somebody else of this thread';
    return new RuntimeError(`release of an RLock by ${who} that does not hold it: ${owner} does`);
  }
}

class Acquire extends WordWait<boolean> {
  private readonly lock: RLock;
  private readonly levels: number;
  private readonly number: number;

  constructor(lock: RLock, limit: number, levels: number, number = currentNumber()) {
    super(lock.parking, limit);
    this.lock = lock;
    this.levels = levels;
    this.number = number;
  }

  override attempt(): true | typeof PENDING {
    return attempt(this.lock, this.number, this.levels, this.place) ? true : PENDING;
  }

  override describe(): string {
    return 'RLock.acquire';
  }

  protected override first(): true | typeof PENDING {
    return this.lock.enter(this.number, this.levels, tryEnter) || PENDING;
  }

  protected override late(): boolean {
    return false;
  }
}

class Hold extends WordWait<Held> {
  private readonly lock: RLock;
  private readonly number: number;

  constructor(lock: RLock) {
    super(lock.parking, -1);
    this.lock = lock;
    this.number = currentNumber();
  }

  override attempt(): Held | typeof PENDING {
    return attempt(this.lock, this.number, 1, this.place) ? new Held(this.lock) : PENDING;
  }

  override describe(): string {
    return 'RLock.hold';
  }

  protected override first(): Held | typeof PENDING {
    return this.lock.enter(this.number, 1, tryEnter) ? new Held(this.lock) : PENDING;
  }
}

function attempt(lock: RLock, number: number, levels: number, place: Parking): boolean {
  return lock.enter(number, levels, (words) => {
    const word = enterOrFlag(words);
    place.seen = word;
    return word === 0;
  });
}

register(import.meta, RLock);
