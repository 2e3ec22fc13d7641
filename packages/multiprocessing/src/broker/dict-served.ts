import { KeyError } from '../key-error.ts';
import type { Simple } from '../parcel.ts';
import type { Plain } from '../wire.ts';
import { ContainerServed } from './container-served.ts';
import { unknownVerb } from './served.ts';
import { type Entry, sum } from './stored.ts';
import type { Ticket } from './ticket.ts';

/** Values by keys, in the order in which these came. What an answer says when there is no such key is null. */
export class DictServed extends ContainerServed {
  private readonly map = new Map<Simple, Entry>();

  override ask(ticket: Ticket, verb: string, arg: Plain, body: Uint8Array | null): void {
    const { map } = this;
    const key = arg as Simple;
    switch (verb) {
      case 'get':
        if (map.has(key)) this.deliver(ticket, [map.get(key)]);
        else ticket.reply(null);
        return;
      case 'has':
        ticket.reply(map.has(key));
        return;
      case 'update':
        this.told(verb, arg, body);
        ticket.reply(null);
        return;
      case 'setdefault':
        this.told(verb, arg, body);
        this.deliver(ticket, [map.get((arg as unknown as readonly [readonly Simple[]])[0][0])]);
        return;
      case 'pop':
        if (map.has(key)) this.take(ticket, key, [map.get(key)]);
        else ticket.reply(null);
        return;
      case 'popitem': {
        const last = [...map.keys()].at(-1);
        if (map.size === 0) throw new KeyError('Expected a dict with something in it to pop, it is empty');
        this.take(ticket, last, [last, map.get(last)]);
        return;
      }
      case 'delete': {
        const entry = map.get(key);
        ticket.reply(map.delete(key));
        this.drop(entry);
        return;
      }
      case 'add': {
        const [name, more] = arg as unknown as readonly [Simple, number | bigint];
        const zero = typeof more === 'bigint' ? 0n : 0;
        const total = sum(map.has(name) ? map.get(name) : zero, more, `by the key ${String(name)}`);
        map.set(name, total);
        ticket.reply(total as number);
        return;
      }
      case 'keys':
        this.deliver(ticket, [...map.keys()]);
        return;
      case 'values':
        this.deliver(ticket, [...map.values()]);
        return;
      case 'items':
        this.deliver(ticket, [...map].flat(1));
        return;
      case 'size':
        ticket.reply(map.size);
        return;
      case 'clear': {
        const entries = [...map.values()];
        map.clear();
        for (const entry of entries) this.drop(entry);
        ticket.reply(null);
        return;
      }
      default:
        throw unknownVerb('dict', verb);
    }
  }

  protected override told(verb: string, arg: Plain, body: Uint8Array | null): void {
    const [keys, parcel] = arg as unknown as readonly [readonly Simple[], Plain];
    for (const [at, entry] of this.received(parcel, body).entries()) {
      const key = keys[at];
      const before = this.map.get(key);
      if (verb === 'update' || !this.map.has(key)) {
        this.map.set(key, entry);
        this.drop(before);
      } else this.drop(entry);
    }
  }

  protected override entries(): Iterable<Entry> {
    return this.map.values();
  }

  private take(ticket: Ticket, key: Simple, entries: readonly Entry[]): void {
    this.deliver(ticket, entries);
    this.map.delete(key);
    this.drop(entries.at(-1));
  }
}
