import type { Plain } from '../wire.ts';
import type { Client } from './client.ts';
import type { Ticket } from './ticket.ts';

/** An object that processes share, where it lives. @internal */
export abstract class Served {
  /** The clients that have opened it, and what each calls it. */
  readonly clients: Map<Client, number>;
  /** How many hold it beside them: the containers that it is in, and answers on their way that it is part of. */
  holds: number;

  constructor() {
    this.clients = new Map();
    this.holds = 0;
  }

  /** Somebody asks for something: the ticket is answered now or later. */
  abstract ask(ticket: Ticket, verb: string, arg: Plain, body: Uint8Array | null): void;
  /** Somebody says something, and waits for no answer. */
  abstract tell(client: Client, verb: string, arg: Plain, body: Uint8Array | null): void;
  /** Somebody waits no more for an answer. */
  abstract withdraw(ticket: Ticket): void;

  /** Somebody has opened it. */
  opened(_client: Client): void {}
  /** Somebody has closed it, or has ended. Its tickets were withdrawn before. */
  closed(_client: Client): void {}
  /** Nobody has it any more. Returns what it has held until now. */
  forgotten(): readonly Served[] {
    return [];
  }
}

/** What was asked, and is not known here: of two versions of this package, most likely. @internal */
export function unknownVerb(object: string, verb: string): Error {
  return new TypeError(`a ${object} of another version of this package: it knows no ${verb}`);
}
