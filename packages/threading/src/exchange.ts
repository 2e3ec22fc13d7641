import { RuntimeError } from '@switchyard/remote';
import { Pickler, ShutDown, Unpickler } from '@switchyard/remote/core';
import { collect, deposit } from './keeper.ts';
import { Parking } from './parking.ts';
import type { Parcel, Store, Writable } from './queue-store.ts';
import { DONE, ITEMS, QueueWords, ROOM } from './queue-words.ts';
import type { Rank } from './rank.ts';

/** What an attempt says that has found nothing, or no room. @internal */
export const NONE: unique symbol = Symbol('none');
/** What an attempt says that could not look, because somebody else is at it. @internal */
export const BUSY: unique symbol = Symbol('busy');

// How long, in milliseconds, the queue's lock is waited for before one parks, and before one who cannot park gives up. It is
// only held that long by a thread that has ended in the middle, which its starter has not been told yet.
/** @internal */
export const MOMENT = 2;
/** @internal */
export const ANXIOUS = 1000;

const pickler = new Pickler();
const unpickler = new Unpickler();

/**
 * Where the threads that use a queue meet: its words and its items, and what each can do there at once, without waiting.
 * `waits` says of one who asks that it goes on waiting if it must, or has waited. @internal
 */
export class Exchange<T> {
  /** What it is called in run info. */
  readonly label: string;
  readonly items: Parking;
  readonly room: Parking;
  readonly done: Parking;
  readonly words: QueueWords;
  readonly store: Store;

  constructor(label: string, words: Int32Array, store: Store) {
    this.label = label;
    this.words = new QueueWords(words);
    this.store = store;
    this.items = new Parking(words, ITEMS);
    this.room = new Parking(words, ROOM);
    this.done = new Parking(words, DONE);
  }

  /** Makes a parcel of an item, to be put at once. @throws CloneError when it cannot be cloned */
  parcel(item: T, rank: Rank | null): Parcel {
    pickler.take(item);
    const { buffers } = pickler;
    return { bytes: pickler, token: buffers.length === 0 ? 0 : deposit(buffers), rank };
  }

  /** Makes one of it that can be put later. */
  kept(parcel: Parcel): Parcel {
    const { bytes } = pickler.pickled();
    pickler.clear();
    const kept: Writable = { size: bytes.length, write: (target, at) => target.set(bytes, at) };
    return { bytes: kept, token: parcel.token, rank: parcel.rank };
  }

  /** A parcel will not be put. */
  dropped({ bytes, token }: Parcel): void {
    if (bytes === pickler) pickler.clear();
    if (token !== 0) collect(token);
  }

  take(waits: boolean, patience: number): T | typeof NONE | typeof BUSY {
    const { words } = this;
    if (!this.enter(patience)) return BUSY;
    if (words.count === 0) {
      const closed = words.closed !== 0;
      if (waits && !closed) words.flag(ITEMS);
      words.leave();
      if (closed) throw new ShutDown('the queue has been shut down and holds nothing more');
      return NONE;
    }
    const token = this.store.take(words, unpickler);
    const wakes = words.unflag(ROOM);
    // It may have been woken on behalf of others who wait as well.
    if (waits) words.flag(ITEMS);
    const more = waits && words.count > 0;
    words.leave();
    if (wakes) this.room.wake(1);
    if (more) this.items.wake(1);
    return unpickler.value(token === 0 ? undefined : collect(token)) as T;
  }

  /** Returns undefined when it has been put. Then, and when it throws, the parcel is done with. */
  put(parcel: Parcel, waits: boolean, patience: number): void | typeof NONE | typeof BUSY {
    const { words } = this;
    if (!this.enter(patience)) return BUSY;
    const closed = words.closed !== 0;
    if (closed || (words.maxsize !== 0 && words.count >= words.maxsize)) {
      if (waits && !closed) words.flag(ROOM);
      words.leave();
      if (!closed) return NONE;
      this.dropped(parcel);
      throw new ShutDown('the queue has been shut down: nothing more can be put');
    }
    try {
      this.store.put(words, parcel);
    } catch (error) {
      words.leave();
      this.dropped(parcel);
      throw error;
    }
    const wakes = words.unflag(ITEMS);
    if (waits) words.flag(ROOM);
    const more = waits && words.maxsize !== 0 && words.count < words.maxsize;
    words.leave();
    if (parcel.bytes === pickler) pickler.clear();
    if (wakes) this.items.wake(1);
    if (more) this.room.wake(1);
  }

  /** Whether all items have been reported. */
  join(): boolean | typeof BUSY {
    const { words } = this;
    if (!this.enter(MOMENT)) return BUSY;
    const done = words.unfinished === 0;
    if (!done) words.flag(DONE);
    words.leave();
    return done;
  }

  taskDone(): void {
    const { words } = this;
    if (!this.enter(ANXIOUS)) throw stuck('join()');
    if (words.unfinished === 0) {
      words.leave();
      throw new RangeError('taskDone() called too many times: all items that were put have been reported');
    }
    words.unfinished--;
    words.commit();
    const wakes = words.unfinished === 0 && words.unflag(DONE);
    words.leave();
    if (wakes) this.done.wake();
  }

  shutdown(immediate: boolean): void {
    const { words } = this;
    if (!this.enter(ANXIOUS)) throw stuck('get()');
    words.closed = 1;
    words.commit();
    const tokens: number[] = [];
    while (immediate && words.count > 0) {
      words.unfinished--;
      tokens.push(this.store.take(words, unpickler));
    }
    unpickler.clear();
    words.unflag(ITEMS);
    words.unflag(ROOM);
    if (words.unfinished === 0) words.unflag(DONE);
    words.leave();
    for (const token of tokens) if (token !== 0) collect(token);
    this.items.wake();
    this.room.wake();
    this.done.wake();
  }

  private enter(patience: number): boolean {
    const { words } = this;
    if (!words.enter(patience)) return false;
    if (words.abandoned) this.store.repair(words);
    return true;
  }
}

/** The error of one who cannot park. @internal */
export function stuck(call: string): RuntimeError {
  return new RuntimeError(
    `A thread has ended in the middle of using the queue, which is only known once this thread's event loop has turned: ` +
      `write await queue.${call}`,
  );
}
