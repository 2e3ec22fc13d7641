/** Something that is due at a time. Whoever is due may implement it itself, to save an object. */
export interface Due {
  /** In the hub's milliseconds. */
  deadline: number;
  /** Start order, which decides between equal deadlines. */
  order: number;
  /** Its place in the heap, or -1: makes removal exact, so that a cancelled timeout leaves nothing behind. */
  place: number;
  /** Called in the hub when the time has come. */
  fire(): void;
}

/** What the heap asks for: to be woken at a time. */
export interface Alarm {
  /** Wake me at `deadline`, or at no time with `Infinity`. */
  set(deadline: number): void;
}

/** All pending timers in one binary heap, so that a single native timer serves any number of them. */
export class Timers {
  private readonly heap: Due[] = [];
  private readonly alarm: Alarm;
  private orders = 0;

  constructor(alarm: Alarm) {
    this.alarm = alarm;
  }

  get size(): number {
    return this.heap.length;
  }

  /** The earliest deadline, or Infinity. */
  get next(): number {
    return this.heap.length === 0 ? Infinity : (this.heap[0] as Due).deadline;
  }

  add(due: Due, deadline: number): void {
    due.deadline = deadline;
    due.order = ++this.orders;
    due.place = this.heap.length;
    this.heap.push(due);
    this.up(due);
    if (due.place === 0) this.alarm.set(deadline);
  }

  /** Takes a timer out; nothing happens when it is not pending. */
  remove(due: Due): void {
    const place = due.place;
    if (place < 0) return;
    due.place = -1;
    const last = this.heap.pop() as Due;
    if (last !== due) {
      this.heap[place] = last;
      last.place = place;
      this.up(last);
      this.down(last);
    }
    if (place === 0) this.alarm.set(this.next);
  }

  /** Moves all deadlines by so many milliseconds, because the clock has been changed. */
  shift(ms: number): void {
    for (const due of this.heap) due.deadline += ms;
    if (this.heap.length > 0) this.alarm.set(this.next);
  }

  /** The order number that the next timer will exceed: bounds one round of firing. */
  get latest(): number {
    return this.orders;
  }

  /** Takes out and returns the next timer that is due at `now` and not newer than `latest`. */
  take(now: number, latest: number): Due | null {
    const top = this.heap[0];
    if (top === undefined || top.deadline > now || top.order > latest) return null;
    top.place = -1;
    const last = this.heap.pop() as Due;
    if (last !== top) {
      this.heap[0] = last;
      last.place = 0;
      this.down(last);
    }
    return top;
  }

  private up(due: Due): void {
    const heap = this.heap;
    let place = due.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Due;
      if (!before(due, other)) break;
      heap[place] = other;
      other.place = place;
      place = above;
    }
    heap[place] = due;
    due.place = place;
  }

  private down(due: Due): void {
    const heap = this.heap;
    const half = heap.length >> 1;
    let place = due.place;
    while (place < half) {
      let below = 2 * place + 1;
      if (below + 1 < heap.length && before(heap[below + 1] as Due, heap[below] as Due)) below++;
      const other = heap[below] as Due;
      if (!before(other, due)) break;
      heap[place] = other;
      other.place = place;
      place = below;
    }
    heap[place] = due;
    due.place = place;
  }
}

function before(a: Due, b: Due): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}
