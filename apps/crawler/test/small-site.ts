import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site on a port of this machine: a front page that links to some paths, and what a test makes of these. */
export class SmallSite {
  /** How many connections it accepted. */
  connections = 0;
  /** The most requests that it was answering at one time. */
  peak = 0;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /**
   * @param links the paths that the front page links to
   * @param answer answers a path; by returning false it leaves that to the site, which sends a page without links
   */
  static async start(
    links: readonly string[],
    answer: (path: string, request: IncomingMessage, response: ServerResponse) => boolean = () => false,
    latency = 0,
  ): Promise<SmallSite> {
    let inFlight = 0;
    const server = createServer((request, response) => {
      site.peak = Math.max(site.peak, ++inFlight);
      response.once('close', () => inFlight--);
      const path = request.url ?? '/';
      if (path === '/robots.txt') response.writeHead(404).end();
      else if (path === '/' || !answer(path, request, response)) {
        const content = path === '/' ? links.map((link) => `<a href="${link}">${link}</a>`).join('\n') : path;
        setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end(content), latency);
      }
    });
    server.on('connection', () => site.connections++);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const site = new SmallSite(server);
    return site;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
