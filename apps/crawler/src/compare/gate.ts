import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { plainPage } from '../demo/pages.ts';
import { Dice } from '../demo/words.ts';

/** How long it waits for those that do not come, in milliseconds: an engine with fewer places than it says is measured all the same. */
const PATIENCE = 15_000;

/**
 * A page on this machine that is answered when as many have asked for it as were expected, and to everybody after that: when the
 * first answer comes, all workers of an engine are up.
 */
export class Gate {
  readonly url: string;
  readonly #server: Server;
  readonly #page = plainPage('The gate', [], 8192, new Dice(1));
  #expected = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  readonly #waiting: ServerResponse[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    server.on('request', (request, response) => {
      request.resume();
      this.#waiting.push(response);
      if (this.#waiting.length >= this.#expected) this.#open();
    });
  }

  /** How many wait for others. */
  get waiting(): number {
    return this.#waiting.length;
  }

  static async open(): Promise<Gate> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Gate(server);
  }

  /** Shuts until `places` have asked. */
  shut(places: number): void {
    this.#waiting.length = 0;
    this.#expected = places;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), PATIENCE).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #open(): void {
    this.#expected = 0;
    clearTimeout(this.#timer);
    for (const response of this.#waiting.splice(0)) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(this.#page);
    }
  }
}
