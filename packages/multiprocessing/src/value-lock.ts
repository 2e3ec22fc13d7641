import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { RuntimeError, share, Shareable } from '@switchyard/remote';
import type { AcquireOptions, Held } from '@switchyard/remote/core';
import { type Area, areaOf, type AreaState } from './arena.ts';
import { RLock } from './rlock.ts';
import { type ItemType, type TypeCode, typeFor } from './type-code.ts';

/** What guards a Value or Array: a Lock, an RLock, or anything else that can be acquired and released. */
export interface ValueLock {
  acquire(options?: AcquireOptions): Waitable<boolean>;
  release(): void;
  hold(): Waitable<Held>;
}

/** How to guard a Value or Array. */
export interface LockOption {
  /** True (the default) for an RLock of its own, made when it is first needed; false for none; or the lock to use. */
  lock?: boolean | ValueLock;
}

/** What a Value or Array is sent as. @internal */
export interface CellsState {
  readonly code: TypeCode;
  readonly area: AreaState;
  readonly lock: ValueLock | null;
}

/** What a Value or Array is made of. @internal */
export class Cells {
  readonly type: ItemType;
  readonly area: Area;
  /** Null for none, undefined while it has not been needed. */
  lock: ValueLock | null | undefined;

  constructor(type: ItemType, area: Area, lock: ValueLock | null | undefined) {
    this.type = type;
    this.area = area;
    this.lock = lock;
  }

  /** Those that were sent here. */
  static from({ code, area, lock }: CellsState): Cells {
    return new Cells(typeFor(code, 'a Value or Array'), areaOf(area), lock);
  }

  /** The same memory without a lock. */
  bare(): Cells {
    return new Cells(this.type, this.area, null);
  }
}

/** Shared memory with a type and a lock: what Value and Array are both. Python: `sharedctypes.SynchronizedBase`. */
export abstract class Synchronized extends Shareable {
  /** @internal */
  readonly cells: Cells;

  constructor(cells: Cells) {
    super();
    this.cells = cells;
    // Python's have no such method then, and programs ask whether they have.
    if (cells.lock === null) Object.defineProperty(this, 'getLock', { value: undefined });
  }

  /** The code of its type: `'i'`, also when it was made with `'c_int'`. */
  get typecode(): TypeCode {
    return this.cells.type.code;
  }

  /**
   * The lock that guards it. It does so only for those who take it: a single read or write is done at once, whoever holds
   * the lock, but between a read and the write that follows others may have written.
   *
   * Made with `lock: false` it has no such method: `getLock` is undefined.
   *
   * Python: `get_lock`, where each single read and write also takes the lock.
   */
  getLock(): ValueLock {
    // Whoever gets it from here must get the same.
    return (this.cells.lock ??= new RLock());
  }

  /**
   * Takes its lock, waiting until it is free.
   *
   * @returns as `acquire` of the lock, by default an RLock
   * @throws TypeError when an option is not what it should be; RuntimeError when it was made with `lock: false`
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    return this.mustHaveLock().acquire(options);
  }

  /**
   * Gives its lock back.
   *
   * @throws RuntimeError when the caller does not hold it, or it was made with `lock: false`
   */
  release(): void {
    this.mustHaveLock().release();
  }

  /**
   * Takes its lock for the time of a block, waiting until it is free: `using held = yield* shared.hold()`, or
   * `using held = await shared.hold()`.
   *
   * @throws RuntimeError when it was made with `lock: false`
   */
  hold(): Waitable<Held> {
    return this.mustHaveLock().hold();
  }

  /** @internal */
  [share](): CellsState {
    const { cells } = this;
    return {
      code: cells.type.code,
      area: cells.area.describe(),
      lock: cells.lock === null ? null : this.getLock(),
    };
  }

  private mustHaveLock(): ValueLock {
    if (this.cells.lock !== null) return this.getLock();
    const name = this.constructor.name;
    throw new RuntimeError(
      `This ${name} was made with lock: false and has no lock: leave that out, or take a lock of your own`,
    );
  }
}

/**
 * What was given as `lock`: null for none, undefined for one to be made when it is needed.
 *
 * @throws TypeError when it is nothing that can be acquired
 * @internal
 */
export function checkLock(options: LockOption | undefined, owner: string): ValueLock | null | undefined {
  if (options !== undefined && (options === null || typeof options !== 'object')) {
    throw new TypeError(
      `Expected options as { lock: false } as the last argument of ${owner}, got ${show(options)}`,
    );
  }
  const lock: unknown = options?.lock;
  if (lock === undefined || lock === true) return undefined;
  if (lock === false) return null;
  if (isLock(lock)) return lock;
  throw new TypeError(`Expected true, false, a Lock or an RLock as lock of ${owner}, got ${show(lock)}`);
}

function isLock(value: unknown): value is ValueLock {
  const { acquire, release, hold } = (value ?? {}) as Partial<Record<keyof ValueLock, unknown>>;
  return typeof acquire === 'function' && typeof release === 'function' && typeof hold === 'function';
}
