/** What can stand in a {@link TimeHeap}; the two fields belong to the heap while it does. */
export interface Timed {
  /** When it is due, in milliseconds. Change it only through the heap. */
  at: number;
  /** Its place in the heap, -1 when it is in none. */
  heapIndex: number;
}

/** A binary heap of things that are due at some time; the earliest first, at equal times the one that came first. */
export class TimeHeap<T extends Timed> {
  readonly #items: T[] = [];
  /** Order of arrival, beside `#items`: keeps equal times fair and every run the same. */
  readonly #order: number[] = [];
  #arrivals = 0;

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T, at: number): void {
    item.at = at;
    item.heapIndex = this.#items.length;
    this.#items.push(item);
    this.#order.push(this.#arrivals++);
    this.#up(item.heapIndex);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes `item` out; does nothing when it is not in. */
  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.#items.pop();
    const lastOrder = this.#order.pop();
    if (last === undefined || lastOrder === undefined || last === item) return;
    this.#put(index, last, lastOrder);
    this.#up(index);
    this.#down(last.heapIndex);
  }

  /** All items, in no order. */
  items(): readonly T[] {
    return this.#items;
  }

  #put(index: number, item: T, order: number): void {
    this.#items[index] = item;
    this.#order[index] = order;
    item.heapIndex = index;
  }

  #before(a: number, b: number): boolean {
    const itemA = this.#items[a];
    const itemB = this.#items[b];
    if (itemA === undefined || itemB === undefined) return false;
    return itemA.at < itemB.at || (itemA.at === itemB.at && (this.#order[a] ?? 0) < (this.#order[b] ?? 0));
  }

  #swap(a: number, b: number): void {
    const itemA = this.#items[a];
    const itemB = this.#items[b];
    if (itemA === undefined || itemB === undefined) return;
    const orderA = this.#order[a] ?? 0;
    const orderB = this.#order[b] ?? 0;
    this.#put(a, itemB, orderB);
    this.#put(b, itemA, orderA);
  }

  #up(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #down(start: number): void {
    let index = start;
    for (;;) {
      const left = index * 2 + 1;
      const right = left + 1;
      let least = index;
      if (this.#before(left, least)) least = left;
      if (this.#before(right, least)) least = right;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }
}
