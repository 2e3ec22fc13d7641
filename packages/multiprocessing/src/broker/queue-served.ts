import type { Plain } from '../wire.ts';
import { Board } from './board.ts';
import type { Broker } from './broker.ts';
import type { Client } from './client.ts';
import { type Item, Loans } from './loans.ts';
import { Served, unknownVerb } from './served.ts';
import { shift, type Ticket } from './ticket.ts';
import { Items } from './items.ts';

/** What answers say instead of true, or the number of a loan, which come with an item. @internal */
export const NOTHING = 0;
export const CLOSED = -1;

/** How things stand once all has been heard that was said before, and what of it could not be done. @internal */
export interface QueueNews {
  readonly size: number;
  readonly unfinished: number;
  /** How many items were reported too often. */
  readonly excess: number;
  /** How many items came after it had been shut down. */
  readonly refused: number;
}

/** What a queue is made with. @internal */
export interface QueueParams {
  readonly maxsize: number;
}

/** Items, those who wait for one, and those who wait for room, each first come, first served. */
export class QueueServed extends Served {
  private readonly board: Board;
  private readonly maxsize: number;
  private readonly items: Items;
  private readonly loans: Loans;
  private readonly getters: Set<Ticket>;
  private readonly putters: Set<Ticket>;
  private readonly joiners: Set<Ticket>;
  private unfinished: number;
  private shut: boolean;
  /** What clients said that could not be done, until they ask. */
  private readonly faults: Map<Client, { excess: number; refused: number }>;

  constructor(params: Plain, broker: Broker) {
    super();
    this.board = new Board(params);
    this.maxsize = (params as unknown as QueueParams).maxsize;
    this.items = new Items();
    this.loans = new Loans(broker);
    this.getters = new Set();
    this.putters = new Set();
    this.joiners = new Set();
    this.unfinished = 0;
    this.shut = false;
    this.faults = new Map();
  }

  override ask(ticket: Ticket, verb: string, arg: Plain, body: Uint8Array | null): void {
    switch (verb) {
      case 'get':
      case 'getNow':
        this.get(ticket, verb === 'get');
        break;
      case 'put':
      case 'putNow':
        ticket.note = arg;
        ticket.body = body;
        this.put(ticket, verb === 'put');
        break;
      case 'join':
        if (this.unfinished === 0) ticket.reply(true);
        else this.joiners.add(ticket);
        break;
      case 'sync':
        ticket.reply(this.news(ticket.client));
        return;
      default:
        throw unknownVerb('queue', verb);
    }
    this.show();
  }

  override tell(client: Client, verb: string, arg: Plain, body: Uint8Array | null): void {
    switch (verb) {
      case 'put':
        if (this.shut) this.faultsOf(client).refused++;
        else this.accept(body as Uint8Array, arg);
        break;
      case 'done':
        if (this.unfinished > 0) this.finished(1);
        else this.faultsOf(client).excess++;
        break;
      case 'got':
        this.loans.got(client, arg);
        return;
      // An item whose taker has given up meanwhile.
      case 'unget':
        this.giveBack(this.loans.back(client, arg, body as Uint8Array));
        break;
      case 'shutdown':
        this.shutdown(arg === true);
    }
    this.show();
  }

  override withdraw(ticket: Ticket): void {
    this.getters.delete(ticket);
    this.putters.delete(ticket);
    this.joiners.delete(ticket);
  }

  override opened(client: Client): void {
    if (this.shut) client.news(this, 'shut');
  }

  override closed(client: Client): void {
    this.loans.closed(client);
    this.faults.delete(client);
  }

  override forgotten(): readonly Served[] {
    return this.items.all().flatMap((item) => item.references);
  }

  private show(): void {
    this.board.write(this.items.length);
    this.board.write(this.unfinished, 1);
    this.board.write(this.shut ? 1 : 0, 2);
  }

  private get(ticket: Ticket, waits: boolean): void {
    const item = this.items.shift();
    if (item !== null) {
      this.give(item, ticket);
      this.refill();
    } else if (this.shut) ticket.reply(CLOSED);
    else if (waits) this.getters.add(ticket);
    else ticket.reply(NOTHING);
  }

  private put(ticket: Ticket, waits: boolean): void {
    if (this.shut) ticket.reply(CLOSED);
    else if (this.hasRoom()) {
      this.accept(ticket.body as Uint8Array, ticket.note);
      ticket.reply(true);
    } else if (waits) this.putters.add(ticket);
    else ticket.reply(NOTHING);
  }

  private hasRoom(): boolean {
    return this.maxsize === 0 || this.items.length < this.maxsize;
  }

  private accept(bytes: Uint8Array, ids: Plain): void {
    this.unfinished++;
    const item = this.loans.item(bytes, ids);
    const getter = shift(this.getters);
    if (getter === undefined) this.items.push(item);
    else this.give(item, getter);
  }

  private giveBack(item: Item): void {
    const getter = shift(this.getters);
    if (getter === undefined) this.items.unshift(item);
    else this.give(item, getter);
  }

  private give(item: Item, ticket: Ticket): void {
    ticket.reply(this.loans.give(item, ticket.client), item.bytes);
  }

  private refill(): void {
    while (this.putters.size > 0 && this.hasRoom()) {
      const ticket = shift(this.putters) as Ticket;
      this.accept(ticket.body as Uint8Array, ticket.note);
      ticket.reply(true);
    }
  }

  private news(client: Client): Plain {
    const { excess, refused } = this.faultsOf(client);
    this.faults.delete(client);
    const news: QueueNews = { size: this.items.length, unfinished: this.unfinished, excess, refused };
    return { ...news };
  }

  private faultsOf(client: Client): { excess: number; refused: number } {
    let faults = this.faults.get(client);
    if (faults === undefined) this.faults.set(client, (faults = { excess: 0, refused: 0 }));
    return faults;
  }

  private finished(count: number): void {
    this.unfinished -= count;
    if (this.unfinished > 0) return;
    for (const ticket of this.joiners) ticket.reply(true);
    this.joiners.clear();
  }

  private shutdown(immediate: boolean): void {
    this.shut = true;
    for (const client of this.clients.keys()) client.news(this, 'shut');
    if (immediate) {
      const items = this.items.all();
      this.items.clear();
      for (const item of items) this.loans.drop(item);
      this.finished(items.length);
    }
    for (const ticket of this.putters) ticket.reply(CLOSED);
    this.putters.clear();
    // There are none when there are items.
    for (const ticket of this.getters) ticket.reply(CLOSED);
    this.getters.clear();
  }
}
