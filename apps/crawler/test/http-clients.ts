/** What the tests of the select engine's client share: both clients for one URL, and a server that answers with any bytes. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Coroutine, spawn } from '@switchyard/gevent';
import { attempt } from '../src/attempt.ts';
import type { Arrival } from '../src/fetch/arrival.ts';
import { Fetcher } from '../src/fetch/fetcher.ts';
import { DEFAULT_FETCH, type FetchSettings } from '../src/fetch/settings.ts';
import { Client } from '../src/http/client.ts';
import type { Job, JobKind } from '../src/job.ts';
import type { Failure, Outcome } from '../src/outcome.ts';
import { digest } from '../src/page/digest.ts';

export function settingsWith(given: Partial<FetchSettings> = {}): FetchSettings {
  return { ...DEFAULT_FETCH, allowPrivate: true, ...given };
}

/** Does jobs with the client of the engine `select`, all at once. @returns what became of each, in their order */
export function* fetchAll(
  urls: readonly string[],
  settings: FetchSettings,
  kind: JobKind = 'page',
): Coroutine<(Arrival | Failure)[]> {
  const results: (Arrival | Failure)[] = [];
  const client = new Client(settings, (job, result) => (results[job.id] = result));
  try {
    urls.forEach((url, id) => client.start({ id, kind, url, attempt: 1 }));
    while (client.underWay > 0) yield* client.turn();
  } finally {
    client.close();
  }
  return results;
}

/** The outcome that the engine `select` has for a URL. */
export async function bySelect(
  url: string,
  settings: FetchSettings,
  kind: JobKind = 'page',
): Promise<Outcome> {
  const [result] = await spawn(fetchAll, [url], settings, kind);
  if (result === undefined) throw new Error(`nothing came back for ${url}`);
  return result.type === 'failure' ? result : digest({ id: 0, kind, url, attempt: 1 }, result, settings);
}

/** The outcome that the engine `greenlet` has for it. */
export async function byGreenlet(
  url: string,
  settings: FetchSettings,
  kind: JobKind = 'page',
): Promise<Outcome> {
  const fetcher = new Fetcher(settings);
  const job: Job = { id: 0, kind, url, attempt: 1 };
  try {
    return await spawn(attempt, job, fetcher, settings);
  } finally {
    fetcher.close();
  }
}

/** `failure kind status`, or `answer status content`. */
export function short(outcome: Outcome): string {
  return outcome.type === 'failure'
    ? `failure ${outcome.kind}${outcome.status === undefined ? '' : ` ${outcome.status}`}`
    : `answer ${outcome.status} ${outcome.content.type}`;
}

/** All that has to be the same, whichever client it was: not the times, nor the words. */
export function essence(outcome: Outcome): unknown {
  if (outcome.type === 'answer') return { ...outcome, timings: undefined };
  return { ...outcome, timings: undefined, message: undefined };
}

/** What a server does with the path of a request. */
export type Answer = (socket: Socket, path: string) => void;

/** A server that answers each request with what it is told, which need not be HTTP. */
export class RawServer {
  /** How many connections it accepted. */
  connections = 0;
  /** Those that are open. */
  readonly sockets = new Set<Socket>();
  /** The heads of the requests that came. */
  readonly requests: string[] = [];
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async start(answer: Answer): Promise<RawServer> {
    const server = createServer((socket) => {
      raw.connections++;
      raw.sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => raw.sockets.delete(socket));
      let come = '';
      socket.on('data', (bytes) => {
        come += bytes.toString('latin1');
        for (let end = come.indexOf('\r\n\r\n'); end >= 0; end = come.indexOf('\r\n\r\n')) {
          const head = come.slice(0, end + 4);
          come = come.slice(end + 4);
          raw.requests.push(head);
          answer(socket, head.split(' ')[1] ?? '');
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const raw = new RawServer(server);
    return raw;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
