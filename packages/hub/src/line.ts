/** A member of a line: a parked wait, or a link's callback. */
export interface Node {
  before: Node | null;
  after: Node | null;
}

/**
 * A first-in first-out line of waiters and links as an intrusive list: joining, leaving from the middle and being served
 * all take constant time, so that a million killed waiters cost no more than a million served ones.
 */
export class Line<N extends Node> {
  first: N | null = null;
  last: N | null = null;
  length = 0;

  push(node: N): void {
    node.before = this.last;
    node.after = null;
    if (this.last === null) this.first = node;
    else this.last.after = node;
    this.last = node;
    this.length++;
  }

  /** Takes out the first. */
  shift(): N | null {
    const node = this.first;
    if (node !== null) this.remove(node);
    return node;
  }

  /** Takes out any; nothing happens when it is not in this line (and in no other). */
  remove(node: N): void {
    if (node.before === null && this.first !== node) return;
    const before = node.before as N | null;
    const after = node.after as N | null;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    node.before = null;
    node.after = null;
    this.length--;
  }

  *[Symbol.iterator](): Generator<N> {
    for (let node = this.first; node !== null; node = node.after as N | null) yield node;
  }
}
