import { connect as connectTls } from 'node:tls';
import { connect, type Socket, spawn } from '@switchyard/gevent';
import type { Coroutine } from '@switchyard/hub';
import type { Address } from '@switchyard/select';
import { certificate } from '@switchyard/testing';
import type { BaseServer } from '../src/index.ts';
import { RequestError } from '../src/index.ts';
import { getHub } from '@switchyard/hub';

export const LOCAL: Address = ['127.0.0.1', 0];

/** Sends a line and gives the one that comes back. */
export function* ask(address: Address, line: string): Coroutine<string> {
  using client = yield* connect(address);
  return yield* tell(client, line);
}

/** The same on a connection that is there. */
export function* tell(client: Socket, line: string): Coroutine<string> {
  yield* client.sendall(`${line}\n`);
  return (yield* client.readline({ encoding: 'utf8', timeout: 10_000 })).trimEnd();
}

/** What a server that speaks TLS answers to a line. */
export function askSecretly(address: Address): Promise<string> {
  const [host, port] = address as [string, number];
  return new Promise((resolve, reject) => {
    const options = { host, port, ca: certificate.cert, servername: 'localhost' };
    const client = connectTls(options, () => client.write('secret\n'));
    client.once('data', (bytes) => resolve(String(bytes))).once('error', reject);
  });
}

/** Has a server serve while a body runs, and then shuts it down. */
export function* serving<S extends BaseServer<any>>(server: S, body: (server: S) => Coroutine): Coroutine {
  const loop = spawn(() => server.serveForever());
  try {
    yield* server.start();
    yield* body(server);
  } finally {
    yield* server.shutdown({ grace: 0 });
    yield* server.serverClose();
    yield* loop;
  }
}

let found: RequestError[] = [];

/** What `reported` has gathered so far. */
export function seen(): RequestError[] {
  return found;
}

/** Gathers what the hub's error hook gets while a body runs. */
export function* reported(body: () => Coroutine): Coroutine<RequestError[]> {
  const hub = getHub();
  const before = hub.onError;
  found = [];
  hub.onError = (error) => {
    if (error instanceof RequestError) found.push(error);
    else throw error;
  };
  try {
    yield* body();
  } finally {
    hub.onError = before;
  }
  return found;
}

/** What a body throws. */
export function* thrown(body: () => Iterable<unknown>): Coroutine<Error & { code?: string }> {
  try {
    yield* body() as Coroutine<unknown>;
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected an error, and none was thrown');
}
