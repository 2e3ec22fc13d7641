import type { Plain } from '../wire.ts';
import { Board } from './board.ts';
import type { Client } from './client.ts';
import { Served, unknownVerb } from './served.ts';
import { shift, type Ticket } from './ticket.ts';

/** What the answer to `release` says when there would be too many; otherwise how many there are. @internal */
export const REFUSED = -1;

/** What a semaphore is made with. @internal */
export interface SemaphoreParams {
  readonly value: number;
  /** The most that there may be. */
  readonly bound: number;
}

/** Permits: whoever asks first gets the next one. What an answer to `acquire` says is whether there was one. */
export class SemaphoreServed extends Served {
  private readonly board: Board;
  private readonly waiting: Set<Ticket>;
  private readonly bound: number;
  private value: number;

  constructor(params: Plain) {
    super();
    const { value, bound } = params as unknown as SemaphoreParams;
    this.board = new Board(params);
    this.waiting = new Set();
    this.bound = bound;
    this.value = value;
    this.board.write(value);
  }

  override ask(ticket: Ticket, verb: string, arg: Plain): void {
    switch (verb) {
      case 'acquire':
      case 'try':
        if (this.value > 0) {
          this.value--;
          this.board.write(this.value);
          ticket.reply(true);
        } else if (verb === 'try') ticket.reply(false);
        else this.waiting.add(ticket);
        return;
      case 'release':
        ticket.reply(this.release(arg as number));
        return;
      default:
        throw unknownVerb('semaphore', verb);
    }
  }

  /** Gives permits back that nobody came to use. */
  override tell(_client: Client, _verb: string, arg: Plain): void {
    this.release(arg as number);
  }

  override withdraw(ticket: Ticket): void {
    this.waiting.delete(ticket);
  }

  private release(n: number): number {
    if (n > this.bound - this.value) return REFUSED;
    this.value += n;
    while (this.value > 0) {
      const ticket = shift(this.waiting);
      if (ticket === undefined) break;
      this.value--;
      ticket.reply(true);
    }
    this.board.write(this.value);
    return this.value;
  }
}
