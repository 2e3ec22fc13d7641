import type { Plain } from '../wire.ts';
import { Board } from './board.ts';
import type { Client } from './client.ts';
import { Served, unknownVerb } from './served.ts';
import { shift, type Ticket } from './ticket.ts';

/** What an answer to `acquire` says. @internal */
export const GRANTED = 1;
/** The one who had it before has ended while holding it. @internal */
export const ABANDONED = 2;
/** Others wait: it is to be given back as soon as it is free. @internal */
export const WANTED = 4;

/**
 * A lock that is leased: the client that has the lease takes and releases it by itself, as often as it likes, until somebody
 * else asks for it. Whether it is held at the moment is written on the board by that client, before it is held and once it is
 * free at the end of a turn: there it can be read also when the client has been killed.
 */
export class LockServed extends Served {
  private readonly board: Board;
  private readonly waiting: Set<Ticket>;
  /** Those of them that want it now or not at all. */
  private readonly hasty: Set<Ticket>;
  private holder: Client | null;
  /** Whether it is held, as far as that was said in messages. */
  private told: boolean;
  private recalled: boolean;
  private abandoned: boolean;

  constructor(params: Plain) {
    super();
    this.board = new Board(params);
    this.waiting = new Set();
    this.hasty = new Set();
    this.holder = null;
    this.told = false;
    this.recalled = false;
    this.abandoned = false;
  }

  override ask(ticket: Ticket, verb: string): void {
    switch (verb) {
      case 'acquire':
        this.waiting.add(ticket);
        break;
      case 'try':
        this.hasty.add(ticket);
        break;
      case 'release':
        this.release(ticket);
        return;
      default:
        throw unknownVerb('lock', verb);
    }
    if (this.holder === null) this.grant();
    else if (!this.recalled || verb === 'try') {
      this.recalled = true;
      this.holder.news(this, 'recall');
    }
  }

  override tell(client: Client, verb: string): void {
    if (client !== this.holder) return;
    if (verb === 'busy') this.mark(true);
    else if (verb === 'idle') this.mark(false);
    else if (verb === 'keep') this.disappoint();
    else if (verb === 'back' || verb === 'bequeath') {
      if (verb === 'bequeath') this.abandoned = true;
      this.holder = null;
      this.mark(false);
      this.grant();
    }
  }

  // What it had it under another number, which nobody there uses any more: it cannot give it back.
  override opened(client: Client): void {
    this.closed(client);
  }

  override withdraw(ticket: Ticket): void {
    this.waiting.delete(ticket);
    this.hasty.delete(ticket);
  }

  override closed(client: Client): void {
    if (client !== this.holder) return;
    if (this.busy) this.abandoned = true;
    this.holder = null;
    this.mark(false);
    this.grant();
  }

  private grant(): void {
    const ticket = shift(this.hasty) ?? shift(this.waiting);
    if (ticket === undefined) return;
    this.holder = ticket.client;
    this.recalled = this.waiting.size > 0;
    this.mark(true);
    ticket.reply(GRANTED | (this.abandoned ? ABANDONED : 0) | (this.recalled ? WANTED : 0));
    this.abandoned = false;
    this.disappoint();
  }

  /** It is held, and those who want it at once do not get it. */
  private disappoint(): void {
    for (let ticket = shift(this.hasty); ticket !== undefined; ticket = shift(this.hasty)) ticket.reply(0);
  }

  /** Somebody who does not have the lease releases what another one holds. */
  private release(ticket: Ticket): void {
    if (this.holder === null || !this.busy) {
      ticket.reply(0);
      return;
    }
    this.holder.news(this, 'release');
    ticket.reply(GRANTED);
  }

  private get busy(): boolean {
    const word = this.board.read();
    return word === null ? this.told : word !== 0;
  }

  private mark(busy: boolean): void {
    this.told = busy;
    this.board.write(busy ? 1 : 0);
  }
}
