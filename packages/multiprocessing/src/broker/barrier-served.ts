import type { Plain } from '../wire.ts';
import { Board } from './board.ts';
import type { Client } from './client.ts';
import { Served, unknownVerb } from './served.ts';
import type { Ticket } from './ticket.ts';

/** Its board says how many wait, or this when it is broken. @internal */
export const BROKEN = -1;
/** What an answer to `wait` says instead of a number. @internal */
export const BREAK = -1;

/** What a barrier is made with. @internal */
export interface BarrierParams {
  readonly parties: number;
  /** Whether the last one to come does something before all go on. */
  readonly action: boolean;
}

/**
 * Where so many have to come before any goes on. The answer to `wait` is the number of the one who came; the last one of
 * them has an action to run first, and says `done` then, for the others to be let through.
 */
export class BarrierServed extends Served {
  private readonly board: Board;
  private readonly parties: number;
  private readonly action: boolean;
  private readonly waiting: Set<Ticket>;
  /** Those who go on once the action is over, and who runs it. */
  private readonly ready: Set<Ticket>;
  private acting: Client | null;
  private broken: boolean;

  constructor(params: Plain) {
    super();
    const { parties, action } = params as unknown as BarrierParams;
    this.board = new Board(params);
    this.parties = parties;
    this.action = action;
    this.waiting = new Set();
    this.ready = new Set();
    this.acting = null;
    this.broken = false;
  }

  override ask(ticket: Ticket, verb: string): void {
    if (verb === 'done' || verb === 'abort' || verb === 'reset') {
      ticket.reply(this.change(ticket.client, verb));
      return;
    }
    if (verb !== 'wait' && verb !== 'waitNow') throw unknownVerb('barrier', verb);
    if (this.broken) {
      ticket.reply(BREAK);
      return;
    }
    ticket.note = this.waiting.size;
    this.waiting.add(ticket);
    this.show();
    if (this.acting === null) this.fill();
    // It has no time to wait for others.
    if (verb === 'waitNow' && this.waiting.has(ticket)) this.break();
  }

  override tell(): void {}

  override withdraw(ticket: Ticket): void {
    if (this.waiting.delete(ticket) || this.ready.delete(ticket)) this.break();
  }

  override closed(client: Client): void {
    if (client === this.acting) this.break();
  }

  private change(client: Client, verb: 'done' | 'abort' | 'reset'): boolean {
    if (verb === 'done') return this.done(client);
    if (verb === 'abort') this.break();
    else {
      this.acting = null;
      this.disperse();
      this.broken = false;
      this.show();
    }
    return true;
  }

  /** The action has been run. Returns whether it was wanted. */
  private done(client: Client): boolean {
    if (client !== this.acting) return false;
    this.acting = null;
    for (const ticket of this.ready) ticket.reply(ticket.note);
    this.ready.clear();
    this.show();
    this.fill();
    return true;
  }

  /** Lets those through that have come, if they are enough. */
  private fill(): void {
    if (this.waiting.size < this.parties) return;
    const through = [...this.waiting].slice(0, this.parties);
    for (const [number, ticket] of through.entries()) {
      this.waiting.delete(ticket);
      ticket.note = number;
    }
    // Those who came meanwhile are the first of the next round.
    for (const [number, ticket] of [...this.waiting].entries()) ticket.note = number;
    const last = through.at(-1) as Ticket;
    if (this.action) {
      this.acting = last.client;
      for (const ticket of through) if (ticket !== last) this.ready.add(ticket);
      last.reply(last.note);
    } else for (const ticket of through) ticket.reply(ticket.note);
    this.show();
  }

  private break(): void {
    this.broken = true;
    this.acting = null;
    this.disperse();
    this.show();
  }

  private disperse(): void {
    const all = [...this.ready, ...this.waiting];
    this.ready.clear();
    this.waiting.clear();
    for (const ticket of all) ticket.reply(BREAK);
  }

  private show(): void {
    this.board.write(this.broken ? BROKEN : this.waiting.size + this.ready.size);
  }
}
