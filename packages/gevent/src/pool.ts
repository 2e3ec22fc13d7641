import type { Coroutine } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import type { Outcome, Waitable } from '@switchyard/hub';
import { Block, checkTimeout, Full, type TimeoutOption } from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { alwaysRoom, checkTarget, Members } from './members.ts';
import { type AcquireOptions, Semaphore } from './lock.ts';

/** A pool had no room. Python: `gevent.pool.PoolFull`. */
export class PoolFull extends Full {
  static {
    this.prototype.name = 'PoolFull';
  }
}

/** What the members of a pool are made of: they get the target and its arguments. */
export type GreenletClass = new (
  target: (...args: never[]) => unknown,
  ...args: unknown[]
) => Greenlet<unknown>;

/** What a pool takes besides its size. */
export interface PoolOptions {
  /** The class of its members: `Greenlet` unless told. */
  greenletClass?: GreenletClass;
}

/**
 * A group of at most so many greenlets: whoever starts one more waits until there is room, which is the backpressure
 * that keeps a fast producer from flooding.
 *
 * ```ts
 * const pool = new Pool(10);
 * for (const url of urls) yield* pool.spawn(download, url); // waits while ten are running
 * yield* pool.join();
 * ```
 *
 * Python: `gevent.pool.Pool`.
 */
export class Pool extends Members {
  /** How many there may be; null for no limit. */
  readonly limit: number | null;
  private readonly room: Semaphore | null;
  private readonly greenletClass: GreenletClass;

  /**
   * @param size how many there may be; null or left out for no limit
   * @param options `greenletClass`, of which members are made: `Greenlet` or a subclass
   * @throws RangeError when the size is not a whole number from 0 up; TypeError when the class is something else
   */
  constructor(size: number | null = null, options: PoolOptions = {}) {
    super();
    const kind: unknown = options.greenletClass ?? Greenlet;
    if (kind !== Greenlet && !(typeof kind === 'function' && kind.prototype instanceof Greenlet)) {
      throw new TypeError(
        `Expected Greenlet or a subclass as the greenletClass of a Pool, got ${show(options.greenletClass)}`,
      );
    }
    this.greenletClass = kind as GreenletClass;
    if (size !== null && (!Number.isInteger(size) || size < 0)) {
      throw new RangeError(
        `Expected a whole number from 0 up, or null for no limit, as the size of a Pool, got ${show(size)}`,
      );
    }
    this.limit = size;
    this.room = size === null ? null : new Room(size);
  }

  /**
   * Starts work in a new member, waiting for room if need be.
   *
   * @returns (the waitable) the greenlet. Mind that `await` goes on to wait for the greenlet itself, as promises do with
   *   whatever has a `then`: in async code it gives the result
   */
  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Waitable<Greenlet<Outcome<R>>> {
    checkTarget(target, 'spawn');
    return new Block<Greenlet<Outcome<R>>>('Pool.spawn', () =>
      this.admit(target as unknown as (...args: never[]) => R, args),
    );
  }

  /**
   * Makes a greenlet a member, waiting for room if need be.
   *
   * @throws PoolFull when the timeout (in ms) comes first, or at once with `blocking: false`
   */
  add(greenlet: Greenlet<unknown>, options: AcquireOptions = {}): Waitable<void> {
    checkTimeout(options, 'Pool.add');
    return new Block<void>(
      'Pool.add',
      function* (this: Pool) {
        if (this.has(greenlet)) return;
        if (this.room !== null && !(yield* this.room.acquire(options))) {
          throw new PoolFull(`all ${this.limit} places of the pool are taken`);
        }
        try {
          // It may have become a member while this waited.
          if (!this.enter(greenlet)) this.room?.release();
        } catch (error) {
          this.room?.release();
          throw error;
        }
      }.bind(this),
    );
  }

  /** Makes a greenlet a member, waiting for room if need be, and starts it. */
  start(greenlet: Greenlet<unknown>, options: AcquireOptions = {}): Waitable<void> {
    return new Block<void>(
      'Pool.start',
      function* (this: Pool) {
        yield* this.add(greenlet, options);
        greenlet.start();
      }.bind(this),
    );
  }

  /** How many more there may be at this moment; 1 when there is no limit. */
  freeCount(): number {
    return this.limit === null ? 1 : Math.max(0, this.limit - this.size);
  }

  /** Whether there is no room for one more. */
  override full(): boolean {
    return this.freeCount() <= 0;
  }

  /** Waits until there is room, without taking it; gives the number of free places, which may be 0. */
  waitAvailable(options?: TimeoutOption): Waitable<number> {
    if (this.room !== null) return this.room.wait(options);
    return alwaysRoom('Pool.waitAvailable', options);
  }

  /** @internal */
  protected override *admit<R>(
    target: (...args: never[]) => R,
    args: unknown[],
  ): Coroutine<Greenlet<Outcome<R>>> {
    if (this.room !== null) yield* this.room.acquire();
    return this.begin(target, args);
  }

  /** @internal */
  protected override admitNow<R>(
    target: (...args: never[]) => R,
    args: unknown[],
  ): Greenlet<Outcome<R>> | null {
    if (this.room !== null) {
      if (this.room.locked()) return null;
      this.room.counter--;
    }
    return this.begin(target, args);
  }

  /** Starts a member that has its place already. */
  private begin<R>(target: (...args: never[]) => R, args: unknown[]): Greenlet<Outcome<R>> {
    const greenlet = new this.greenletClass(target, ...args) as Greenlet<Outcome<R>>;
    this.enter(greenlet);
    greenlet.start();
    return greenlet;
  }

  /** @internal */
  protected override drop(greenlet: Greenlet<unknown>): void {
    if (!this.greenlets.has(greenlet)) return;
    super.drop(greenlet);
    this.room?.release();
  }
}

/** A permit for each place in a pool. */
class Room extends Semaphore {
  private readonly size: number;

  constructor(size: number) {
    super(size);
    this.size = size;
  }

  override purpose(verb: string): string {
    return verb === 'wait' ? 'Pool.waitAvailable' : `room in a pool of ${this.size}`;
  }
}
