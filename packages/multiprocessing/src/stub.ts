import type { Area } from './arena.ts';
import type { Link } from './link.ts';
import type { Plain } from './wire.ts';

/** What stands in this thread for an object that lives in the broker. @internal */
export abstract class Stub {
  readonly link: Link;
  readonly handle: number;
  readonly id: string;
  /** A word about its state, which the broker writes; null when the one who made the object has ended. */
  readonly board: Area | null;

  constructor(link: Link, handle: number, id: string, board: Area | null) {
    this.link = link;
    this.handle = handle;
    this.id = id;
    this.board = board;
  }

  /** The broker says something that was not asked for. */
  news(_what: string, _arg: Plain): void {}
  /** There is no broker any more. */
  lost(_error: Error): void {}
  /** This thread ends, and what is not said now never will be. */
  ending(): void {}

  /** @param now whether to send it at once, and not at the end of this turn */
  tell(verb: string, arg: Plain = null, body: Uint8Array | null = null, now = false): void {
    this.link.tell(this.handle, verb, arg, body, now);
  }
}

/** One that only asks and tells. @internal */
export class PlainStub extends Stub {}
