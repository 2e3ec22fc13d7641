import type { Connection } from './connection.ts';
import type { Deadlines } from './deadlines.ts';

/** How long a connection is kept that idles, in milliseconds, unless the server says less. */
const KEEP = 4000;
/** It is given up so long before the server does: a request might be on its way just then. */
const MARGIN = 2000;
/** As many connections may idle; of more, the one that has idled for longest is closed. */
const MOST_IDLE = 256;

/** The connections that idle, for the next request to their origin. */
export class Connections {
  readonly #deadlines: Deadlines;
  /** By origin; the one that came last is taken first, so that those at the bottom grow old. */
  readonly #origins = new Map<string, Connection[]>();
  /** In the order in which they came. */
  readonly #all = new Set<Connection>();

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** One that idles, which is then no longer here. */
  take(origin: string): Connection | undefined {
    const connection = this.#origins.get(origin)?.at(-1);
    if (connection !== undefined) this.forget(connection);
    return connection;
  }

  /** Keeps one, or closes it when the server would soon. */
  keep(connection: Connection): void {
    const time = Math.min(KEEP, connection.keptFor - MARGIN);
    if (time <= 0) {
      connection.close();
      return;
    }
    const others = this.#origins.get(connection.origin);
    if (others === undefined) this.#origins.set(connection.origin, [connection]);
    else others.push(connection);
    this.#all.add(connection);
    this.#deadlines.set(connection, performance.now() + time);
    if (this.#all.size > MOST_IDLE) {
      for (const oldest of this.#all) {
        oldest.close();
        break;
      }
    }
  }

  /** One is not to be taken any more, if it was here. */
  forget(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    this.#deadlines.cancel(connection);
    const { origin } = connection;
    const idle = this.#origins.get(origin) as Connection[];
    if (idle.at(-1) === connection) idle.pop();
    else idle.splice(idle.indexOf(connection), 1);
    if (idle.length === 0) this.#origins.delete(origin);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}
