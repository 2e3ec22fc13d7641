import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Hop } from './hop.ts';

/** The connections to one origin, and the requests that wait for one. @internal */
export class Origin {
  readonly name: string;
  readonly #pool: Connections;
  /** The one released last is on top; those at the bottom get old, and are closed. */
  readonly #idle: Connection[];
  /** Idle, busy and connecting together. */
  #open: number;
  // First come, first served: an intrusive list, because a request that is killed leaves from the middle.
  #first: Hop | null;
  #last: Hop | null;
  #serving: boolean;

  constructor(name: string, pool: Connections) {
    this.name = name;
    this.#pool = pool;
    this.#idle = [];
    this.#open = 0;
    this.#first = null;
    this.#last = null;
    this.#serving = false;
  }

  get open(): number {
    return this.#open;
  }

  /** Sends a request as soon as there is a connection for it, which may be now. */
  start(hop: Hop): void {
    const connection = this.#first === null ? this.#take(hop) : null;
    if (connection !== null) {
      hop.carry(connection);
      return;
    }
    hop.waitsAt = this;
    hop.previous = this.#last;
    if (this.#last === null) this.#first = hop;
    else this.#last.next = hop;
    this.#last = hop;
  }

  /** A request stops waiting for a connection. */
  leave(hop: Hop): void {
    if (hop.previous === null) this.#first = hop.next;
    else hop.previous.next = hop.next;
    if (hop.next === null) this.#last = hop.previous;
    else hop.next.previous = hop.previous;
    hop.previous = null;
    hop.next = null;
    hop.waitsAt = null;
  }

  /** A connection has nothing to do any more. */
  released(connection: Connection): void {
    if (connection.round !== this.#pool.round) {
      connection.discard();
      return;
    }
    this.#idle.push(connection);
    this.#pool.idle(connection);
    this.#serve();
  }

  /** A connection is no more. */
  lost(connection: Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index !== -1) {
      this.#idle.splice(index, 1);
      this.#pool.busy(connection);
    }
    this.#open--;
    this.#serve();
    if (this.#open === 0 && this.#first === null) this.#pool.forget(this);
  }

  /** A connection for this request, or null when it has to wait for one. */
  #take(hop: Hop): Connection | null {
    if (!hop.fresh) {
      const connection = this.#idle.pop();
      if (connection !== undefined) {
        this.#pool.busy(connection);
        return connection;
      }
    }
    // A request that wants a new connection gets one in place of an idle one.
    const full = this.#open >= this.#pool.limit;
    if (full && !(hop.fresh && this.#idle.length > 0)) return null;
    this.#open++;
    if (full) this.#idle[0]!.discard();
    return this.#pool.open(this);
  }

  /**
   * Lets the waiting ones go on, not in the stack of whoever freed a connection: that is undici's parser, which must
   * not be entered again.
   */
  #serve(): void {
    if (this.#serving || this.#first === null) return;
    this.#serving = true;
    queueMicrotask(() => {
      this.#serving = false;
      for (let hop: Hop | null = this.#first; hop !== null; hop = this.#first) {
        const connection = this.#take(hop);
        if (connection === null) break;
        this.leave(hop);
        hop.carry(connection);
      }
    });
  }
}
