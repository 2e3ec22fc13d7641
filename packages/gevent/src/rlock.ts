import { getcurrent, type Greenlet } from '@switchyard/greenlet';
import { NATIVE } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, type PENDING, RuntimeError, VALUE } from '@switchyard/hub/core';
import { LinkWait } from './link-wait.ts';
import { Linkable } from './linkable.ts';
import { type AcquireOptions, type Held, Permit } from './lock.ts';

/**
 * A lock that its owner may take again, and releases as often as it took it. A greenlet is an owner of its own; all plain
 * and async code together is one. Those who wait get it in the order in which they came; the one who releases may take it
 * again before the next one has run.
 *
 * Python: `gevent.lock.RLock`.
 */
export class RLock extends Linkable {
  private owner: Greenlet | null;
  private levels: number;

  constructor() {
    super();
    this.owner = null;
    this.levels = 0;
  }

  protected override get tellsAll(): boolean {
    return false;
  }

  /** Whether nobody holds it. */
  override ready(): boolean {
    return this.owner === null;
  }

  /** Whether somebody holds it. */
  locked(): boolean {
    return this.owner !== null;
  }

  /**
   * Takes the lock once more, waiting until it is free if somebody else holds it.
   *
   * @returns true; false when the timeout (in ms) came first, or somebody else holds it and `blocking` is false
   */
  acquire(options?: AcquireOptions): Waitable<boolean> {
    const limit = options === undefined ? -1 : checkTimeout(options, 'RLock.acquire');
    return new Acquire(this, limit, options?.blocking !== false);
  }

  /**
   * Gives back one level of it; the last one lets others have it.
   *
   * @throws RuntimeError when the greenlet (or the plain code) that calls this does not hold it
   */
  release(): void {
    if (this.owner !== getcurrent()) throw this.notOwner();
    if (--this.levels === 0) this.free();
  }

  /** Takes the lock for the time of a block: `using held = yield* lock.hold()`, or `using held = await lock.hold()`. */
  hold(): Waitable<Held> {
    return new Hold(this);
  }

  /** Whether the greenlet (or the plain code) that calls this holds it. Python: `_is_owned`. */
  owned(): boolean {
    return this.owner === getcurrent();
  }

  /** How often the one that calls this holds it; 0 when it does not. Python: `_recursion_count`. */
  recursionCount(): number {
    return this.owned() ? this.levels : 0;
  }

  /** Takes `levels` of it for somebody, and returns whether it was his, or free. @internal */
  enter(owner: Greenlet, levels: number): boolean {
    if (this.owner === owner) {
      this.levels += levels;
      return true;
    }
    if (this.owner !== null) return false;
    this.owner = owner;
    this.levels = levels;
    return true;
  }

  /** Whether this one holds it. @internal */
  ownedBy(greenlet: Greenlet): boolean {
    return this.owner === greenlet;
  }

  /** Releases all levels for the time of a wait; what it returns is for `restore`. @internal */
  releaseAll(): number {
    const { levels } = this;
    this.free();
    return levels;
  }

  /** Takes them again after a wait. @internal */
  restore(levels: number, owner: Greenlet): Waitable<boolean> {
    return new Acquire(this, -1, true, levels, owner);
  }

  private free(): void {
    this.levels = 0;
    this.owner = null;
    this.check();
  }

  private notOwner(): RuntimeError {
    if (this.owner === null) return new RuntimeError('release of an RLock that nobody holds');
    return new RuntimeError(
      `release of an RLock by ${nameOf(getcurrent())} that does not hold it: ${nameOf(this.owner)} does`,
    );
  }
}

function nameOf(greenlet: Greenlet): string {
  return (greenlet.flags & NATIVE) === 0 ? `greenlet ${greenlet.name}` : 'plain or async code';
}

class Acquire extends LinkWait<boolean, RLock> {
  private readonly blocks: boolean;
  private readonly levels: number;
  /** For whom; null for the one that waits. */
  private readonly heir: Greenlet | null;
  private holder: Greenlet | null;

  constructor(source: RLock, limit: number, blocks: boolean, levels = 1, heir: Greenlet | null = null) {
    super(source, limit);
    this.blocks = blocks;
    this.levels = levels;
    this.heir = heir;
    this.holder = null;
  }

  override notify(): void {
    this.source.enter(this.holder as Greenlet, this.levels);
    this.resume(VALUE, true);
  }

  override expire(): void {
    this.source.dequeue(this);
    this.resume(VALUE, false);
  }

  override describe(): string {
    return 'RLock.acquire';
  }

  protected override begin(): boolean | typeof PENDING {
    const holder = this.heir ?? getcurrent();
    if (this.source.enter(holder, this.levels)) return true;
    if (!this.blocks) return false;
    this.holder = holder;
    return this.park();
  }
}

class Hold extends LinkWait<Held, RLock> {
  private holder: Greenlet | null;

  constructor(source: RLock) {
    super(source, -1);
    this.holder = null;
  }

  override notify(): void {
    this.source.enter(this.holder as Greenlet, 1);
    this.resume(VALUE, new Permit(this.source));
  }

  override expire(): void {}

  override describe(): string {
    return 'RLock.hold';
  }

  protected override begin(): Held | typeof PENDING {
    const holder = getcurrent();
    if (this.source.enter(holder, 1)) return new Permit(this.source);
    this.holder = holder;
    return this.park();
  }
}
