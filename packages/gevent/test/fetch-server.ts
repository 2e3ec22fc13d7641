/** Servers for the tests of fetch: one that speaks HTTP, and one that sends whatever bytes it likes. */
import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';

export interface TestServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`, without a slash. */
  readonly url: string;
  /** How many connections have been made so far. */
  readonly connections: number;
  /** How many are open. */
  open(): Promise<number>;
  /** Resolves when every connection made so far has been closed. */
  allClosed(): Promise<void>;
}

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => unknown;

/** A server of Node's own. */
export async function serve(handler: Handler): Promise<TestServer> {
  const server = http.createServer((request, response) => void handler(request, response));
  return listening(server, () => server.closeAllConnections());
}

/** A server whose handler has the bare socket, and is called when a request's headers have come. */
export async function serveRaw(
  handler: (socket: net.Socket, request: string, index: number) => unknown,
): Promise<TestServer> {
  let requests = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const request = received.slice(0, end);
        received = received.slice(end + 4);
        handler(socket, request, requests++);
      }
    });
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listening(server: net.Server, closeAll: () => void): Promise<TestServer> {
  let connections = 0;
  const closed: Promise<unknown>[] = [];
  server.on('connection', (socket: net.Socket) => {
    connections++;
    closed.push(new Promise((resolve) => socket.on('close', resolve)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    get connections() {
      return connections;
    },
    open: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    async allClosed() {
      await Promise.all(closed);
    },
    async [Symbol.asyncDispose]() {
      const done = once(server, 'close');
      server.close();
      closeAll();
      await done;
    },
  };
}

/** The whole body of a request. */
export async function read(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What a waitable, or a promise, was rejected with. */
export async function failure(waited: PromiseLike<unknown>): Promise<Error & { code?: string }> {
  let value: unknown;
  try {
    value = await waited;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error(`Expected a failure, got ${String(value)}`);
}

/** A promise and the way to settle it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
