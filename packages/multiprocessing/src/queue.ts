import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, Drawn, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive, RuntimeError, share } from '@switchyard/remote';
import { ShutDown } from '@switchyard/remote/core';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';
import { QueueStub } from './queue-stub.ts';
import { Get, Put } from './queue-waits.ts';

/** How to put and get. */
export interface QueueOptions extends TimeoutOption {
  /** False to fail with `Full` or `Empty` at once instead of waiting. */
  block?: boolean;
}

interface QueueState extends SharedState {
  readonly maxsize: number;
}

const MOST = 2 ** 31 - 1;

/**
 * A first-in first-out queue between processes, and between the greenlets of each. It may be sent to other processes in
 * arguments, in items of queues and through pipes. Items are copied, whatever structured clone can copy, and shareable
 * objects (locks, events, other queues) arrive as themselves. With a size the queue pushes back: who puts waits for room.
 * What has been put stays when the process that put it ends.
 *
 * Without a size an item is on its way when `put` is over, as in Python: another process that has learned of it some other way
 * may look before it is there. With a size it is there.
 *
 * Python: `multiprocessing.Queue`. Differences: no thread has to be joined, and `shutdown`.
 */
export class Queue<T = unknown> extends SharedObject<QueueStub> {
  /** How many items it holds at most; null for no limit. */
  readonly maxsize: number | null;
  private closed: boolean;

  /**
   * @param maxsize how many items it holds at most; 0, null or left out for no limit
   * @throws RangeError when it is not a whole number from 0 up
   */
  constructor(maxsize?: number | null) {
    const name = new.target.name;
    const size = maxsize ?? 0;
    super(
      QueueStub,
      'queue',
      () => {
        if (Number.isInteger(size) && size >= 0 && size <= MOST) return { maxsize: size };
        throw new RangeError(
          `Expected a whole number from 0 up, or null for no limit, as the size of a ${name}, got ${show(maxsize)}`,
        );
      },
      [0, 0, 0],
    );
    this.stub.label = name;
    this.stub.maxsize = size;
    this.maxsize = size === 0 ? null : size;
    this.closed = false;
  }

  /** How many items it holds. What another process has done in this very moment is not seen yet. */
  qsize(): number {
    return this.stub.size;
  }

  /** Whether it holds nothing. */
  empty(): boolean {
    return this.stub.size === 0;
  }

  /** Whether there is no room. */
  full(): boolean {
    return this.maxsize !== null && this.stub.size >= this.maxsize;
  }

  /**
   * Adds a copy of an item, waiting for room if need be.
   *
   * @throws Full when the timeout (in ms) comes first, or at once with `block: false`; ShutDown after `shutdown()`;
   *   CloneError when it cannot be copied; RuntimeError after `close()`
   */
  put(item: T, options?: QueueOptions): Waitable<void> {
    const limit = checkTimeout(options, `${this.stub.label}.put`);
    this.mustBeOpen();
    return new Put(this.stub, item, options?.block === false ? 0 : limit);
  }

  /** As `put` with `block: false`. */
  putNowait(item: T): Waitable<void> {
    return this.put(item, { block: false });
  }

  /**
   * Takes the next item, waiting for one if need be.
   *
   * @throws Empty when the timeout (in ms) comes first, or at once with `block: false`; ShutDown when it has been shut
   *   down and holds nothing more; TaskError when the item has a shareable object of a class whose module is not loaded
   *   here; RuntimeError after `close()`
   */
  get(options?: QueueOptions): Waitable<T> {
    const limit = checkTimeout(options, `${this.stub.label}.get`);
    this.mustBeOpen();
    return new Get<T>(this.stub, options?.block === false ? 0 : limit);
  }

  /** As `get` with `block: false`. */
  getNowait(): Waitable<T> {
    return this.get({ block: false });
  }

  /** Says that this process uses it no more. Others are not concerned. */
  close(): void {
    this.closed = true;
  }

  /**
   * Closes the queue for all: no more can be put, and those who wait for room get `ShutDown`. What it holds can still be
   * taken, unless `immediate`, which discards it; then those who want more get `ShutDown`, and loops over the queue end.
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.stub.shutdown(immediate);
  }

  /** Whether `shutdown()` has been called. */
  get isShutdown(): boolean {
    return this.stub.shut;
  }

  /** Takes items until the queue has been shut down and is empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    this.mustBeOpen();
    return new Drawn<T>(
      () => new Get<T>(this.stub, -1),
      (error) => error instanceof ShutDown,
    );
  }

  /** @internal */
  override [share](): QueueState {
    return { ...super[share](), maxsize: this.maxsize ?? 0 };
  }

  /** @internal */
  static [revive](state: QueueState): Queue {
    return arrived(state, () => new this(state.maxsize));
  }

  private mustBeOpen(): void {
    if (this.closed)
      throw new RuntimeError(`this ${this.stub.label} is closed: close() was called in this process`);
  }
}

register(import.meta, Queue);
