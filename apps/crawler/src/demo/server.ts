import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DemoSite, type SiteOptions } from './site.ts';

/** What the server saw. */
export interface ServerStats {
  readonly requests: number;
  /** The most requests that were being answered at one time: proof that a crawler was concurrent. */
  readonly peakInFlight: number;
}

/** The demo site on a port. */
export class DemoServer {
  #site: DemoSite;
  readonly #server: Server;
  #requests = 0;
  #inFlight = 0;
  #peakInFlight = 0;

  constructor(options: SiteOptions) {
    this.#site = new DemoSite(options);
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
    this.#server.keepAliveTimeout = 10_000;
  }

  /** Becomes another site, and counts from nothing. What is being answered counts still. */
  become(options: SiteOptions): void {
    this.#site = new DemoSite(options);
    this.#requests = 0;
    this.#peakInFlight = this.#inFlight;
  }

  get stats(): ServerStats {
    return { requests: this.#requests, peakInFlight: this.#peakInFlight };
  }

  /** @returns the site's URL, once it can be reached. */
  async listen(port: number, host: string): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        resolve();
      });
    });
    const { port: actual } = this.#server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${actual}/`;
  }

  /** Closes the port and all connections. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#requests++;
    this.#inFlight++;
    this.#peakInFlight = Math.max(this.#peakInFlight, this.#inFlight);
    response.once('close', () => {
      this.#inFlight--;
    });
    request.resume();

    const path = request.url ?? '/';
    if (path === '/__stats') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.stats));
      return;
    }
    const origin = `http://${request.headers.host ?? 'localhost'}`;
    const {
      status,
      headers,
      body,
      delay = 0,
    } = this.#site.answer(path, origin, String(request.headers['accept-encoding'] ?? ''));
    const send = (): void => {
      if (response.destroyed) return;
      response.writeHead(status, { ...headers, 'content-length': body.length });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const wait = this.#site.latency(path) + delay;
    if (wait === 0) send();
    else setTimeout(send, wait);
  }
}
