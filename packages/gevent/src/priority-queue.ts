import { compareKeys, type Key, keysOf } from '@switchyard/hub/core';
import { Queue } from './queue.ts';
import type { Store } from './simple-queue.ts';

/**
 * A queue that gives the lowest item first; of those that are equal, the one that was put first.
 *
 * Items are numbers, strings, bigints, dates, or arrays such as `[priority, value]`, which are compared element by element
 * up to the first that has no order, an object for one. Numbers come before strings.
 *
 * @throws (`put`, `putNowait` and the constructor) TypeError when an item has no order
 *
 * Python: `gevent.queue.PriorityQueue`, where equal items come in any order.
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /** @internal */
  override checkItem(item: T): void {
    rankOf(item);
  }

  /** @internal */
  protected override makeStore(): Store<T> {
    return new Heap<T>();
  }
}

/** What decides about the place of an item: most often it is a number. */
type Rank = number | readonly Key[];

interface Entry<T> {
  readonly item: T;
  /** As it was when the item was put: one that is changed meanwhile must not spoil the heap. */
  readonly rank: Rank;
  /** How many had been put before. */
  readonly order: number;
}

/** A binary heap: the children of the entry at `n` are at `2n + 1` and `2n + 2`, and neither comes before it. */
class Heap<T> implements Store<T> {
  private readonly entries: Entry<T>[];
  private puts: number;

  constructor() {
    this.entries = [];
    this.puts = 0;
  }

  get length(): number {
    return this.entries.length;
  }

  get first(): T | undefined {
    return this.entries[0]?.item;
  }

  push(item: T): void {
    const { entries } = this;
    const entry = { item, rank: rankOf(item), order: this.puts };
    this.puts++;
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = entries[above] as Entry<T>;
      if (!precedes(entry, parent)) break;
      entries[at] = parent;
      at = above;
    }
    entries[at] = entry;
  }

  shift(): T {
    const { entries } = this;
    const top = entries[0] as Entry<T>;
    const last = entries.pop() as Entry<T>;
    const size = entries.length;
    if (size === 0) return top.item;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && precedes(entries[below + 1] as Entry<T>, entries[below] as Entry<T>)) below++;
      const child = entries[below] as Entry<T>;
      if (!precedes(child, last)) break;
      entries[at] = child;
      at = below;
    }
    entries[at] = last;
    return top.item;
  }

  // In the order in which they were put, so that what is made of them has equal ones in the same order.
  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.entries.toSorted((a, b) => a.order - b.order)) yield item;
  }
}

function rankOf(item: unknown): Rank {
  return typeof item === 'number' && !Number.isNaN(item) ? item : keysOf(item);
}

function precedes(a: Entry<unknown>, b: Entry<unknown>): boolean {
  const order =
    typeof a.rank === 'number' && typeof b.rank === 'number'
      ? a.rank - b.rank
      : compareKeys(asKeys(a.rank), asKeys(b.rank));
  // Infinity less Infinity is no number.
  return order === 0 || Number.isNaN(order) ? a.order < b.order : order < 0;
}

function asKeys(rank: Rank): readonly Key[] {
  return typeof rank === 'number' ? [rank] : rank;
}
