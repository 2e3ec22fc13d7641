import type { Plain } from '../wire.ts';
import type { Client } from './client.ts';
import type { Served } from './served.ts';

/** A question that waits for its answer. @internal */
export class Ticket {
  readonly client: Client;
  readonly number: number;
  readonly object: Served;
  /** What the object keeps with it. */
  note: Plain;
  /** The same, for bytes. */
  body: Uint8Array | null;

  constructor(client: Client, number: number, object: Served) {
    this.client = client;
    this.number = number;
    this.object = object;
    this.note = null;
    this.body = null;
  }

  reply(value: Plain, body: Uint8Array | null = null): void {
    this.client.reply(this, value, body);
  }

  refuse(error: Error): void {
    this.client.refuse(this, error);
  }
}

/** The first of those that wait, which waits no more then. @internal */
export function shift(waiting: Set<Ticket>): Ticket | undefined {
  for (const ticket of waiting) {
    waiting.delete(ticket);
    return ticket;
  }
  return undefined;
}
