import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { register, revive, share } from '@switchyard/remote';
import { type AcquireOptions, checkAcquire, Held } from '@switchyard/remote/core';
import { Ask } from './ask.ts';
import { REFUSED, type SemaphoreParams } from './broker/semaphore-served.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';
import { Stub } from './stub.ts';
import { Told } from './told.ts';
import type { Plain } from './wire.ts';

interface SemaphoreState extends SharedState {
  readonly initial: number;
}

const MOST = 2 ** 31 - 1;

/**
 * A number of permits, for processes and for the greenlets of each. It may be sent to other processes in arguments, queues
 * and pipes. A permit belongs to nobody: that of a process which ends without giving it back is gone.
 *
 * Python: `multiprocessing.Semaphore`.
 */
export class Semaphore extends SharedObject<SemaphoreStub> {
  private readonly initial: number;

  /**
   * @param value the number of permits to begin with
   * @throws RangeError when it is not a whole number from 0 to 2147483647
   */
  constructor(value = 1) {
    const name = new.target.name;
    const bounded = new.target.bounded;
    super(
      SemaphoreStub,
      'semaphore',
      () => {
        if (!Number.isInteger(value) || value < 0 || value > MOST) {
          throw new RangeError(
            `Expected a whole number from 0 up as the value of a ${name}, got ${show(value)}`,
          );
        }
        return { ...({ value, bound: bounded ? value : MOST } satisfies SemaphoreParams) };
      },
      [value],
    );
    this.initial = value;
    this.stub.bound = bounded ? value : MOST;
  }

  /** The permits that are free. What another process has done in this very moment is not seen yet. */
  get value(): number {
    return this.stub.value;
  }

  /** The same. Python: `get_value`. */
  getValue(): number {
    return this.stub.value;
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
    const verb = `${this.constructor.name}.acquire`;
    return new Acquire(this.stub, options === undefined ? -1 : checkAcquire(options, verb), verb);
  }

  /**
   * Gives `n` permits back, and wakes as many who wait.
   *
   * @throws RangeError when `n` is not a whole number from 1 up, or there would be more permits than there may be; where that
   *   is not sure yet, as the release before is on its way, it is told as an error that nobody waits for
   */
  release(n = 1): void {
    const what = this.constructor.name;
    if (!Number.isInteger(n) || n < 1) {
      throw new RangeError(
        `Expected a whole number from 1 up as what ${what}.release gives back, got ${show(n)}`,
      );
    }
    this.stub.release(n, what);
  }

  /** Takes a permit for the time of a block: `using held = yield* semaphore.hold()`, or `await semaphore.hold()`. */
  hold(): Waitable<Held> {
    return new Hold(this.stub, this);
  }

  /** Whether it cannot be released more often than it was acquired. @internal */
  static get bounded(): boolean {
    return false;
  }

  /** @internal */
  override [share](): SemaphoreState {
    return { ...super[share](), initial: this.initial };
  }

  /** @internal */
  static [revive](state: SemaphoreState): Semaphore {
    return arrived(state, () => new this(state.initial));
  }
}

/**
 * A semaphore that cannot be released more often than it was acquired: `release` throws a RangeError then.
 *
 * Python: `multiprocessing.BoundedSemaphore`.
 */
export class BoundedSemaphore extends Semaphore {
  static override get bounded(): boolean {
    return true;
  }
}

/** @internal */
export class SemaphoreStub extends Stub {
  bound: number;
  /** Permits given back here that the broker has not heard of yet, and how many were free without them. */
  private unheard: number;
  private known: number;

  constructor(...args: ConstructorParameters<typeof Stub>) {
    super(...args);
    this.bound = MOST;
    this.unheard = 0;
    this.known = 0;
  }

  get value(): number {
    return this.unheard > 0 ? Math.min(this.known + this.unheard, this.bound) : this.onBoard();
  }

  release(n: number, what: string): void {
    const { unheard } = this;
    const value = unheard > 0 ? this.known : this.onBoard();
    // What is on its way may be taken by others by now, and then there is room for this, too.
    if (n > this.bound - (unheard > 0 ? 0 : value)) throw tooMany(what, n, this.bound);
    Told.say(this, 'release', n, null, (now) => {
      this.unheard -= n;
      if (now === REFUSED) throw tooMany(what, n, this.bound);
      this.known = now as number;
    });
    this.known = value;
    this.unheard = unheard + n;
  }

  private onBoard(): number {
    return this.board?.readInt32(0) ?? 0;
  }
}

class Acquire extends Ask<boolean> {
  declare readonly stub: SemaphoreStub;
  private readonly label: string;

  constructor(stub: SemaphoreStub, limit: number, label: string) {
    super(stub, limit);
    this.label = label;
  }

  override describe(): string {
    return this.label;
  }

  protected override verb(now: boolean): string {
    return now ? 'try' : 'acquire';
  }

  protected override made(value: Plain): boolean {
    return value === true;
  }

  protected override late(): boolean {
    return false;
  }

  protected override undo(value: Plain): void {
    if (value === true) this.stub.tell('release', 1);
  }
}

class Hold extends Ask<Held> {
  private readonly semaphore: Semaphore;

  constructor(stub: SemaphoreStub, semaphore: Semaphore) {
    super(stub, -1);
    this.semaphore = semaphore;
  }

  override describe(): string {
    return `${this.semaphore.constructor.name}.hold`;
  }

  protected override verb(): string {
    return 'acquire';
  }

  protected override made(): Held {
    return new Held(this.semaphore);
  }

  protected override undo(): void {
    this.stub.tell('release', 1);
  }
}

function tooMany(what: string, n: number, bound: number): RangeError {
  return new RangeError(
    `${what} released too many times: ${n} more would make more permits than the ${bound} that there may be`,
  );
}

register(import.meta, Semaphore);
register(import.meta, BoundedSemaphore);
