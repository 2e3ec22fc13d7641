import type { Plain } from './wire.ts';

/** An answer that came too late for the one who asked. */
interface Answer {
  /** The number of the question: answers come in the order of these. */
  readonly order: number;
  readonly value: Plain;
  readonly body: Uint8Array | null;
}

/** One who waits for the next answer, whichever question it is to. */
export interface Next {
  forsake(): void;
  answer(order: number, value: Plain, body: Uint8Array | null): void;
}

/**
 * Items that came to those who had given up, in the order in which they were to come. They are for those who ask next; as soon
 * as it is certain that no more of them come, what is left goes back, and nothing is lost, doubled or out of order. @internal
 */
export class Returned {
  /** How many were given up that have not been answered yet. */
  private pending: number;
  private readonly answers: Answer[];

  constructor() {
    this.pending = 0;
    this.answers = [];
  }

  /** One who waits gives up. */
  givenUp(): void {
    this.pending++;
  }

  /** A question that was given up has been answered. */
  settled(): void {
    this.pending--;
  }

  /** Takes the first, instead of asking for one. */
  take(): Answer | undefined {
    return this.answers.shift();
  }

  /** An item has come back. @param next who waits for one, if anybody does */
  came(order: number, value: Plain, body: Uint8Array | null, next: Next | undefined): void {
    const at = this.answers.findIndex((answer) => answer.order > order);
    this.answers.splice(at < 0 ? this.answers.length : at, 0, { order, value, body });
    const first = next === undefined ? undefined : this.answers.shift();
    if (next === undefined || first === undefined) return;
    next.forsake();
    next.answer(first.order, first.value, first.body);
  }

  /** Gives back what is left, the last one first, if nothing more will come. */
  flush(giveBack: (value: Plain, body: Uint8Array | null) => void): void {
    if (this.pending > 0) return;
    for (let last = this.answers.pop(); last !== undefined; last = this.answers.pop()) {
      giveBack(last.value, last.body);
    }
  }
}
