import { Buffer } from 'node:buffer';
import type { Delivery, Parcel, Simple } from '../parcel.ts';
import type { Plain } from '../wire.ts';
import type { Broker } from './broker.ts';
import type { Client } from './client.ts';
import { Loans } from './loans.ts';
import { Served } from './served.ts';
import { type Entry, referencesOf, Stored } from './stored.ts';
import type { Ticket } from './ticket.ts';

/** Values of others, none of which is made here: what is no number, string or the like stays the bytes that it came as. */
export abstract class ContainerServed extends Served {
  /** What was in answers, until those who got them have opened it: it may have been taken out of here meanwhile. */
  private readonly loans: Loans;

  constructor(broker: Broker) {
    super();
    this.loans = new Loans(broker);
  }

  /** All that is in it. */
  protected abstract entries(): Iterable<Entry>;
  /** What is said without waiting for an answer, but for `got`. */
  protected abstract told(verb: string, arg: Plain, body: Uint8Array | null): void;

  override tell(client: Client, verb: string, arg: Plain, body: Uint8Array | null): void {
    if (verb === 'got') this.loans.got(client, arg);
    else this.told(verb, arg, body);
  }

  override withdraw(_ticket: Ticket): void {}

  override closed(client: Client): void {
    this.loans.closed(client);
  }

  override forgotten(): readonly Served[] {
    const held: Served[] = [];
    for (const entry of this.entries()) held.push(...referencesOf(entry));
    return held;
  }

  /** What has come, with the objects in it held. */
  protected received(arg: Plain, body: Uint8Array | null): Entry[] {
    const [simple, sizes, references] = arg as unknown as Parcel;
    if (sizes === null || body === null) return [...simple];
    let end = 0;
    return simple.map((value, at) => {
      const size = sizes[at] as number;
      if (size < 0) return value;
      end += size;
      // Bytes of its own: those of all others would be kept with it.
      const bytes = size === body.length ? body : body.slice(end - size, end);
      return new Stored(bytes, this.loans.hold(references?.[at] ?? []));
    });
  }

  /** Answers with values. @param at where the value was */
  protected deliver(ticket: Ticket, entries: readonly Entry[], at = 0): void {
    const simple: Simple[] = [];
    const sizes: number[] = [];
    const parts: Uint8Array[] = [];
    const references: Served[] = [];
    for (const entry of entries) {
      if (entry instanceof Stored) {
        simple.push(null);
        sizes.push(entry.bytes.length);
        parts.push(entry.bytes);
        references.push(...entry.references);
      } else {
        simple.push(entry);
        sizes.push(-1);
      }
    }
    const some = parts.length > 0;
    const delivery: Delivery = [simple, some ? sizes : null, this.lend(ticket.client, references), at];
    const body = parts.length > 1 ? Buffer.concat(parts) : (parts[0] ?? null);
    ticket.reply(delivery as unknown as Plain, body);
  }

  /** A value is not in it any more. */
  protected drop(entry: Entry): void {
    this.loans.release(referencesOf(entry));
  }

  private lend(client: Client, references: readonly Served[]): number {
    if (references.length === 0) return 0;
    // They stay held here as well.
    for (const object of references) object.holds++;
    return this.loans.lend(client, references);
  }
}
