import type { Item } from './loans.ts';

const SPARE = 1024;

/** A line of items that may be long: to take the first is cheap however many there are. @internal */
export class Items {
  private items: (Item | null)[];
  private first: number;

  constructor() {
    this.items = [];
    this.first = 0;
  }

  get length(): number {
    return this.items.length - this.first;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  unshift(item: Item): void {
    if (this.first > 0) this.items[--this.first] = item;
    else this.items.unshift(item);
  }

  shift(): Item | null {
    const { items, first } = this;
    if (first === items.length) return null;
    const item = items[first] as Item;
    items[first] = null;
    this.first = first + 1;
    if (this.first === items.length) this.clear();
    else if (this.first > SPARE && this.first * 2 > items.length) {
      this.items = items.slice(this.first);
      this.first = 0;
    }
    return item;
  }

  clear(): void {
    this.items = [];
    this.first = 0;
  }

  /** All of them. */
  all(): readonly Item[] {
    return this.items.slice(this.first) as Item[];
  }
}
