import type { Plain } from '../wire.ts';
import type { Broker } from './broker.ts';
import type { Client } from './client.ts';
import { Items } from './items.ts';
import { type Item, Loans } from './loans.ts';
import { Served, unknownVerb } from './served.ts';
import { shift, type Ticket } from './ticket.ts';

/** What an answer says when the other end is closed. @internal */
export const END = -1;
/** What an answer to `poll` and `recvNow` says when there is nothing. @internal */
export const EMPTY = 0;

/** One end: what has come for it, who waits for more, and who has it. */
class End {
  readonly items: Items;
  readonly readers: Set<Ticket>;
  readonly pollers: Set<Ticket>;
  readonly owners: Map<Client, number>;
  /** Those who have sent it to somebody who has not opened it yet, by the name of the loan. */
  readonly lenders: Map<string, Client>;
  /** Whether all who had it have closed it. */
  gone: boolean;

  constructor() {
    this.items = new Items();
    this.readers = new Set();
    this.pollers = new Set();
    this.owners = new Map();
    this.lenders = new Map();
    this.gone = false;
  }
}

/** Two ends, each of which gets what is sent at the other. */
export class PipeServed extends Served {
  private readonly ends: readonly [End, End];
  private readonly loans: Loans;

  constructor(broker: Broker) {
    super();
    this.loans = new Loans(broker);
    this.ends = [new End(), new End()];
  }

  override ask(ticket: Ticket, verb: string, arg: Plain, body: Uint8Array | null): void {
    const [side, note] = arg as readonly [0 | 1, Plain];
    const end = this.ends[side];
    const other = this.ends[1 - side] as End;
    ticket.note = side;
    switch (verb) {
      case 'recv':
      case 'recvNow': {
        const item = end.items.shift();
        if (item !== null) this.give(item, ticket);
        else if (other.gone) ticket.reply(END);
        else if (verb === 'recv') end.readers.add(ticket);
        else ticket.reply(EMPTY);
        return;
      }
      case 'poll':
      case 'pollNow':
        if (end.items.length > 0 || other.gone) ticket.reply(true);
        else if (verb === 'poll') end.pollers.add(ticket);
        else ticket.reply(EMPTY);
        return;
      case 'send':
        if (other.gone) {
          ticket.reply(END);
          return;
        }
        this.deliver(other, this.loans.item(body as Uint8Array, note));
        ticket.reply(true);
        return;
      default:
        throw unknownVerb('pipe', verb);
    }
  }

  override tell(client: Client, verb: string, arg: Plain, body: Uint8Array | null): void {
    const [side, note] = arg as readonly [0 | 1, Plain];
    const end = this.ends[side];
    switch (verb) {
      case 'open':
        end.owners.set(client, (end.owners.get(client) ?? 0) + 1);
        return;
      case 'lend':
        end.lenders.set(note as string, client);
        return;
      // Whoever it was sent to has opened it, or has ended.
      case 'claim':
        if (end.lenders.delete(note as string)) this.check(end);
        return;
      case 'got':
        this.loans.got(client, note);
        return;
      case 'close':
        subtract(end.owners, client, 1);
        this.check(end);
        return;
      case 'send': {
        const other = this.ends[1 - side] as End;
        if (!other.gone) this.deliver(other, this.loans.item(body as Uint8Array, note));
        return;
      }
      case 'unrecv':
        end.items.unshift(this.loans.back(client, note, body as Uint8Array));
        this.serve(end);
    }
  }

  override withdraw(ticket: Ticket): void {
    const end = this.ends[ticket.note as 0 | 1];
    end.readers.delete(ticket);
    end.pollers.delete(ticket);
  }

  override opened(client: Client): void {
    for (const [side, end] of this.ends.entries()) if (end.gone) client.news(this, 'gone', side);
  }

  override closed(client: Client): void {
    this.loans.closed(client);
    for (const end of this.ends) {
      subtract(end.owners, client, Infinity);
      for (const [loan, lender] of end.lenders) if (lender === client) end.lenders.delete(loan);
      this.check(end);
    }
  }

  override forgotten(): readonly Served[] {
    return this.ends.flatMap((end) => end.items.all().flatMap((item) => item.references));
  }

  /** Whether nobody has it any more. */
  private check(end: End): void {
    if (end.gone || end.owners.size + end.lenders.size > 0) return;
    end.gone = true;
    const lost = end.items.all();
    end.items.clear();
    for (const item of lost) this.loans.drop(item);
    const side = this.ends.indexOf(end);
    for (const client of this.clients.keys()) client.news(this, 'gone', side);
    this.serve(this.ends[1 - side] as End, true);
  }

  private deliver(end: End, item: Item): void {
    end.items.push(item);
    this.serve(end);
  }

  private serve(end: End, over = false): void {
    while (end.readers.size > 0 && (over || end.items.length > 0)) {
      const ticket = shift(end.readers) as Ticket;
      const item = end.items.shift();
      if (item === null) ticket.reply(END);
      else this.give(item, ticket);
    }
    if (end.items.length === 0 && !over) return;
    for (const ticket of end.pollers) ticket.reply(true);
    end.pollers.clear();
  }

  private give(item: Item, ticket: Ticket): void {
    ticket.reply(this.loans.give(item, ticket.client), item.bytes);
  }
}

function subtract(counts: Map<Client, number>, client: Client, count: number): void {
  const left = (counts.get(client) ?? 0) - count;
  if (left > 0) counts.set(client, left);
  else counts.delete(client);
}
