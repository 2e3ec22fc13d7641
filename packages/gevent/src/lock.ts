import type { Greenlet } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { checkTimeout, type PENDING, RuntimeError, type TimeoutOption, VALUE } from '@switchyard/hub/core';
import type { Waitable } from '@switchyard/hub';
import { LinkWait } from './link-wait.ts';
import { Linkable } from './linkable.ts';

/** How to acquire. */
export interface AcquireOptions extends TimeoutOption {
  /** False to give up at once, with `false`, instead of waiting. */
  blocking?: boolean;
}

/** A permit that goes back when the block ends: `using held = yield* semaphore.hold()`. */
export interface Held extends Disposable {
  /** Gives the permit back now; a second time does nothing. */
  release(): void;
}

/**
 * A number of permits. Those who wait get them in the order in which they came; the one who releases may take the permit
 * again before the next one has run.
 *
 * Python: `gevent.lock.Semaphore`.
 */
export class Semaphore extends Linkable {
  /** The permits that are free. */
  counter: number;

  /**
   * @param value the number of permits to begin with
   * @throws RangeError when it is not a whole number from 0 up
   */
  constructor(value = 1) {
    super();
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(
        `Expected a whole number from 0 up as the value of a ${this.constructor.name}, got ${show(value)}`,
      );
    }
    this.counter = value;
  }

  protected override get tellsAll(): boolean {
    return false;
  }

  /** Whether a permit is free. */
  override ready(): boolean {
    return this.counter > 0;
  }

  /** Whether no permit is free. */
  locked(): boolean {
    return this.counter <= 0;
  }

  /**
   * Takes a permit, waiting until one is free.
   *
   * @returns true; false when the timeout (in ms) came first, or none was free and `blocking` is false
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    const limit = options === undefined ? -1 : checkTimeout(options, this.purpose('acquire'));
    return new Acquire(this, limit, options?.blocking !== false);
  }

  /** Gives a permit back and returns how many are free. More may be given than were taken. */
  release(): number {
    this.counter++;
    this.check();
    return this.counter;
  }

  /** Waits until a permit is free, without taking it; gives the number that is free, which may be 0. */
  wait(options?: TimeoutOption): Waitable<number> {
    return new Free(this, options === undefined ? -1 : checkTimeout(options, this.purpose('wait')));
  }

  /** Takes a permit for the time of a block: `using held = yield* semaphore.hold()`. */
  hold(): Waitable<Held> {
    return new Hold(this, -1);
  }

  /** What those who wait are waiting for, for messages. @internal */
  purpose(verb: string): string {
    return `${this.constructor.name}.${verb}`;
  }
}

/**
 * A semaphore that cannot be released more often than it was acquired.
 *
 * Python: `gevent.lock.BoundedSemaphore`.
 */
export class BoundedSemaphore extends Semaphore {
  private readonly initial: number;

  constructor(value = 1) {
    super(value);
    this.initial = value;
  }

  /** @throws RangeError when all permits are free already */
  override release(): number {
    if (this.counter >= this.initial) {
      throw new RangeError(`Semaphore released too many times: all ${this.initial} of its permits are free`);
    }
    return super.release();
  }
}

/**
 * A lock that one at a time may have. Anybody may release it; whoever has it and takes it again waits for himself.
 *
 * Python: `threading.Lock` in a patched program, which is `gevent.thread.LockType`.
 */
export class Lock extends BoundedSemaphore {
  constructor() {
    super(1);
  }

  /** Gives the lock back; anybody may do that. @throws RuntimeError when nobody holds it */
  override release(): number {
    if (this.counter > 0) throw new RuntimeError('release of a Lock that nobody holds');
    return super.release();
  }

  /** Whether somebody holds it: to a Lock all greenlets are one. @internal */
  ownedBy(_greenlet: Greenlet): boolean {
    return this.counter === 0;
  }

  /** Releases it for the time of a wait; what it returns is for `restore`. @internal */
  releaseAll(): number {
    this.release();
    return 1;
  }

  /** Takes it again after a wait. @internal */
  restore(_levels: number, _owner: Greenlet): Waitable<boolean> {
    return this.acquire();
  }
}

class Acquire extends LinkWait<boolean, Semaphore> {
  private readonly blocks: boolean;

  constructor(source: Semaphore, limit: number, blocks: boolean) {
    super(source, limit);
    this.blocks = blocks;
  }

  override notify(): void {
    this.source.counter--;
    this.resume(VALUE, true);
  }

  override expire(): void {
    this.source.dequeue(this);
    this.resume(VALUE, false);
  }

  override describe(): string {
    return this.source.purpose('acquire');
  }

  protected override begin(): boolean | typeof PENDING {
    if (this.source.counter > 0) {
      this.source.counter--;
      return true;
    }
    return this.blocks ? this.park() : false;
  }
}

class Free extends LinkWait<number, Semaphore> {
  override notify(): void {
    this.resume(VALUE, this.source.counter);
  }

  override expire(): void {
    this.source.dequeue(this);
    this.resume(VALUE, this.source.counter);
  }

  override describe(): string {
    return this.source.purpose('wait');
  }

  protected override begin(): number | typeof PENDING {
    return this.source.counter > 0 ? this.source.counter : this.park();
  }
}

class Hold extends LinkWait<Held, Semaphore> {
  override notify(): void {
    this.source.counter--;
    this.resume(VALUE, new Permit(this.source));
  }

  override expire(): void {}

  override describe(): string {
    return this.source.purpose('hold');
  }

  protected override begin(): Held | typeof PENDING {
    if (this.source.counter <= 0) return this.park();
    this.source.counter--;
    return new Permit(this.source);
  }
}

/** What `hold` gives. @internal */
export class Permit implements Held {
  private lock: { release(): unknown } | null;

  constructor(lock: { release(): unknown }) {
    this.lock = lock;
  }

  release(): void {
    const { lock } = this;
    this.lock = null;
    lock?.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
