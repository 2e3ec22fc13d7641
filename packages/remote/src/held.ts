/** What can be held for the time of a block. */
interface Holdable {
  readonly abandoned?: boolean;
  release(): void;
}

/**
 * A lock, or a permit of a semaphore, that goes back when the block ends: `using held = yield* lock.hold()`, or
 * `using held = await lock.hold()`.
 */
export class Held implements Disposable {
  /** Whether the lock came from a thread or process that ended while holding it: what it protects may be half done. */
  readonly abandoned: boolean;
  private lock: Holdable | null;

  constructor(lock: Holdable) {
    this.abandoned = lock.abandoned === true;
    this.lock = lock;
  }

  /** Releases it now; a second time does nothing. */
  release(): void {
    const { lock } = this;
    this.lock = null;
    lock?.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
