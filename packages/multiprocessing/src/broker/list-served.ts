import type { Plain } from '../wire.ts';
import { ContainerServed } from './container-served.ts';
import { unknownVerb } from './served.ts';
import { sorted } from './sort.ts';
import { type Entry, equal, sum } from './stored.ts';
import type { Ticket } from './ticket.ts';

/** Where the last one was: the end may be elsewhere when it comes back. */
const END = 2 ** 31;

/** Values in an order. */
export class ListServed extends ContainerServed {
  private items: Entry[] = [];

  override ask(ticket: Ticket, verb: string, arg: Plain, body: Uint8Array | null): void {
    const { items } = this;
    switch (verb) {
      case 'get':
        this.deliver(ticket, [items[this.place(arg)]]);
        return;
      case 'slice': {
        const [from, to] = arg as readonly [number, number | null];
        this.deliver(ticket, items.slice(from, to ?? items.length));
        return;
      }
      case 'pop': {
        if (items.length === 0)
          throw new RangeError('Expected a list with something in it to pop, it is empty');
        const at = this.place(arg);
        const [entry] = items.splice(at, 1);
        this.deliver(ticket, [entry], at === items.length ? END : at);
        this.drop(entry);
        return;
      }
      case 'extend':
      case 'insert':
        this.told(verb, arg, body);
        ticket.reply(null);
        return;
      case 'set': {
        const [index, parcel] = arg as readonly [number, Plain];
        const at = this.place(index);
        const before = items[at];
        [items[at]] = this.received(parcel, body);
        this.drop(before);
        ticket.reply(null);
        return;
      }
      case 'delete':
        for (const entry of items.splice(this.place(arg), 1)) this.drop(entry);
        ticket.reply(null);
        return;
      case 'add': {
        const [index, more] = arg as unknown as readonly [number, number | bigint];
        const at = this.place(index);
        const total = sum(items[at], more, `at ${index}`);
        items[at] = total;
        ticket.reply(total as number);
        return;
      }
      case 'index':
      case 'count':
      case 'remove':
        ticket.reply(this.search(verb, arg, body));
        return;
      case 'reverse':
        items.reverse();
        ticket.reply(null);
        return;
      case 'sort': {
        const [key, reverse] = arg as readonly [string | null, boolean];
        this.items = sorted(items, key, reverse);
        ticket.reply(null);
        return;
      }
      case 'length':
        ticket.reply(items.length);
        return;
      case 'clear':
        this.items = [];
        for (const entry of items) this.drop(entry);
        ticket.reply(null);
        return;
      default:
        throw unknownVerb('list', verb);
    }
  }

  protected override told(verb: string, arg: Plain, body: Uint8Array | null): void {
    if (verb === 'insert') {
      const [index, parcel] = arg as readonly [number, Plain];
      // Where there is no such place it comes to the end or the beginning, as in Python.
      this.items.splice(index, 0, ...this.received(parcel, body));
      return;
    }
    for (const entry of this.received(arg, body)) this.items.push(entry);
  }

  protected override entries(): Iterable<Entry> {
    return this.items;
  }

  /** An index, counted from the end when it is below 0. */
  private place(index: Plain): number {
    const { length } = this.items;
    const at = index as number;
    if (at >= -length && at < length) return at < 0 ? at + length : at;
    const range = length === 0 ? 'no index, as it is empty' : `an index from ${-length} to ${length - 1}`;
    throw new RangeError(`Expected ${range}, for a list of ${length}, got ${at}`);
  }

  private search(verb: 'index' | 'count' | 'remove', arg: Plain, body: Uint8Array | null): number {
    const { items } = this;
    const [wanted] = this.received(arg, body);
    const is = (entry: Entry): boolean => equal(entry, wanted);
    const result = verb === 'count' ? items.filter(is).length : items.findIndex(is);
    if (verb === 'remove' && result >= 0) for (const entry of items.splice(result, 1)) this.drop(entry);
    this.drop(wanted);
    return result;
  }
}
