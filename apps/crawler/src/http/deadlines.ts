import { TimeHeap, type Timed } from '../core/heap.ts';

/** Somebody whose time can run out. */
export interface Due extends Timed {
  /** Called when it has. It may set another time. */
  expire(now: number): void;
}

/** The times at which something runs out, all in one heap, so that a loop waits for the first of them. */
export class Deadlines {
  readonly #heap = new TimeHeap<Due>();

  /** When the first is due; Infinity for none. */
  get next(): number {
    return this.#heap.peek()?.at ?? Infinity;
  }

  /** Sets the time of one, which may have another already. */
  set(due: Due, at: number): void {
    this.#heap.remove(due);
    this.#heap.push(due, at);
  }

  cancel(due: Due): void {
    this.#heap.remove(due);
  }

  /** Tells all whose time has come. */
  fire(now: number): void {
    for (let due = this.#heap.peek(); due !== undefined && due.at <= now; due = this.#heap.peek()) {
      this.#heap.remove(due);
      due.expire(now);
    }
  }
}
