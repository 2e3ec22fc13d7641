import type { Plain } from '../wire.ts';
import { Board } from './board.ts';
import { Served, unknownVerb } from './served.ts';
import type { Ticket } from './ticket.ts';

/** A flag, and those who wait for it. What an answer to `wait` says is whether it is set. */
export class EventServed extends Served {
  private readonly board: Board;
  private readonly waiting: Set<Ticket>;
  private set: boolean;

  constructor(params: Plain) {
    super();
    this.board = new Board(params);
    this.waiting = new Set();
    this.set = false;
  }

  override ask(ticket: Ticket, verb: string): void {
    switch (verb) {
      case 'wait':
        if (this.set) ticket.reply(true);
        else this.waiting.add(ticket);
        return;
      case 'set':
      case 'clear':
        this.change(verb === 'set');
        ticket.reply(true);
        return;
      default:
        throw unknownVerb('event', verb);
    }
  }

  override tell(): void {}

  override withdraw(ticket: Ticket): void {
    this.waiting.delete(ticket);
  }

  private change(set: boolean): void {
    this.set = set;
    this.board.write(set ? 1 : 0);
    if (!set) return;
    for (const ticket of this.waiting) ticket.reply(true);
    this.waiting.clear();
  }
}
