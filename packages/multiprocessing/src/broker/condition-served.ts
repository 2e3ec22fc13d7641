import type { Plain } from '../wire.ts';
import type { Client } from './client.ts';
import { Served, unknownVerb } from './served.ts';
import { shift, type Ticket } from './ticket.ts';

/** A line of those who wait to be notified. The lock that goes with it is an object of its own. */
export class ConditionServed extends Served {
  private readonly waiting: Set<Ticket>;

  constructor() {
    super();
    this.waiting = new Set();
  }

  override ask(ticket: Ticket, verb: string): void {
    if (verb !== 'wait') throw unknownVerb('condition', verb);
    this.waiting.add(ticket);
  }

  /** Notifies as many as `arg` says; all when it is null. */
  override tell(_client: Client, _verb: string, arg: Plain): void {
    for (let left = arg === null ? Infinity : (arg as number); left > 0; left--) {
      const ticket = shift(this.waiting);
      if (ticket === undefined) return;
      ticket.reply(true);
    }
  }

  override withdraw(ticket: Ticket): void {
    this.waiting.delete(ticket);
  }
}
