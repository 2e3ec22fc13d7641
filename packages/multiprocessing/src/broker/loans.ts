import type { Plain } from '../wire.ts';
import type { Broker } from './broker.ts';
import type { Client } from './client.ts';
import type { Served } from './served.ts';

const NONE: readonly Served[] = [];

/** Bytes on their way from one process to another, and the objects that live here and are in it: they are held. @internal */
export class Item {
  readonly bytes: Uint8Array;
  readonly references: readonly Served[];

  constructor(bytes: Uint8Array, references: readonly Served[]) {
    this.bytes = bytes;
    this.references = references;
  }
}

/** What is in items that were given to somebody, until he has opened them: nobody else may have it. @internal */
export class Loans {
  private readonly broker: Broker;
  private readonly lent: Map<Client, Map<number, readonly Served[]>>;
  private last: number;

  constructor(broker: Broker) {
    this.broker = broker;
    this.lent = new Map();
    this.last = 0;
  }

  /** What has come. @param ids of the objects in it; null for none */
  item(bytes: Uint8Array, ids: Plain): Item {
    return new Item(bytes, this.hold((ids ?? []) as readonly string[]));
  }

  /** Holds the objects with these ids that there are. */
  hold(ids: readonly string[]): readonly Served[] {
    if (ids.length === 0) return NONE;
    return ids.map((id) => this.broker.hold(id)).filter((object) => object !== undefined);
  }

  /** Gives it to somebody. Returns what to answer: true, or a number to be told by `got` when it has been opened. */
  give(item: Item, client: Client): Plain {
    return item.references.length === 0 ? true : this.lend(client, item.references);
  }

  /** Lends what is held to somebody. Returns a number to be told by `got` when it has been opened. */
  lend(client: Client, references: readonly Served[]): number {
    let loans = this.lent.get(client);
    if (loans === undefined) this.lent.set(client, (loans = new Map()));
    loans.set(++this.last, references);
    return this.last;
  }

  /** It has been opened. */
  got(client: Client, loan: Plain): void {
    this.release(this.take(client, loan));
  }

  /** It comes back as it was given. */
  back(client: Client, loan: Plain, bytes: Uint8Array): Item {
    return new Item(bytes, this.take(client, loan));
  }

  closed(client: Client): void {
    const loans = this.lent.get(client);
    if (loans === undefined) return;
    this.lent.delete(client);
    for (const references of loans.values()) this.release(references);
  }

  /** Nobody will get it. */
  drop(item: Item): void {
    this.release(item.references);
  }

  /** Holds these no more. */
  release(references: readonly Served[]): void {
    for (const object of references) this.broker.release(object);
  }

  private take(client: Client, loan: Plain): readonly Served[] {
    const loans = this.lent.get(client);
    const references = loans?.get(loan as number) ?? NONE;
    loans?.delete(loan as number);
    return references;
  }
}
