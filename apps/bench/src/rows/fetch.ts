import type { Coroutine } from '@switchyard/greenlet';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { aheadOf, atMostTimes } from '../mark.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';

const IN_FLIGHT = 64;
const BODY_LENGTH = 4096;

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const child = fork(new URL(`fetch-server${extname(import.meta.url)}`, import.meta.url), { execArgv: [] });
  const [port] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

interface Body {
  readonly text: () => Promise<string>;
}

/** As much of undici's surface as the row uses. */
interface Undici {
  request(url: string): Promise<{ readonly body: Body }>;
  fetch(url: string): Promise<Body>;
  readonly Agent: new () => {
    dispatch(
      options: { origin: string; path: string; method: 'GET' },
      handler: Record<string, (...args: any[]) => void>,
    ): boolean;
    destroy(): Promise<void>;
  };
}

/** The very undici that our fetch stands on: whatever it costs, it costs on both sides. */
function loadUndici(): Undici {
  return createRequire(import.meta.resolve('@switchyard/gevent'))('undici') as Undici;
}

function check(length: number): void {
  if (length !== BODY_LENGTH) throw new Error(`Expected a body of ${BODY_LENGTH} bytes, got ${length}`);
}

/** `IN_FLIGHT` async functions, each with one request after the other. */
function asyncClient(
  id: string,
  label: string,
  open: () => (url: string) => Promise<string>,
  n?: number,
): NodeContender {
  return {
    id,
    label,
    ...(n !== undefined && { n }),
    async load() {
      const get = open();
      const server = await startServer();
      const client = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) check((await get(server.url)).length);
      };
      return {
        run: (all) => Promise.all(Array.from({ length: IN_FLIGHT }, () => client(all / IN_FLIGHT))),
        close: () => server.close(),
      };
    },
  };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: fetch, text()',
  async load() {
    const { fetch, joinall, spawn } = await import('@switchyard/gevent');
    const server = await startServer();
    function* client(count: number): Coroutine<void> {
      for (let i = 0; i < count; i++) {
        const response = yield* fetch(server.url);
        check((yield* response.text()).length);
      }
    }
    return {
      // raiseError: a failed request is the end of the measurement, not a shorter one.
      run: (n) =>
        joinall(
          Array.from({ length: IN_FLIGHT }, () => spawn(client, n / IN_FLIGHT)),
          { raiseError: true },
        ),
      close: () => server.close(),
    };
  },
};

/** The floor: callbacks, nothing decoded, nothing kept of the body but its length. */
const dispatch: NodeContender = {
  id: 'dispatch',
  label: 'undici dispatch, bytes counted',
  async load() {
    const { Agent } = loadUndici();
    const server = await startServer();
    const agent = new Agent();
    const options = { origin: new URL(server.url).origin, path: '/', method: 'GET' } as const;
    const client = (count: number): Promise<void> =>
      new Promise((resolve, reject) => {
        let left = count;
        const next = (): void => {
          let length = 0;
          agent.dispatch(options, {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData(_controller: unknown, chunk: Buffer) {
              length += chunk.length;
            },
            onResponseEnd() {
              check(length);
              if (--left > 0) next();
              else resolve();
            },
            onResponseError(_controller: unknown, error: Error) {
              reject(error);
            },
          });
        };
        next();
      });
    return {
      run: (n) => Promise.all(Array.from({ length: IN_FLIGHT }, () => client(n / IN_FLIGHT))),
      async close() {
        await agent.destroy();
        await server.close();
      },
    };
  },
};

const request = asyncClient('request', 'undici request, text()', () => {
  const undici = loadUndici();
  return async (url) => (await undici.request(url)).body.text();
});

const undiciFetch = asyncClient(
  'undici-fetch',
  'undici fetch, text()',
  () => {
    const undici = loadUndici();
    return async (url) => (await undici.fetch(url)).text();
  },
  6_400,
);

const nodeFetch = asyncClient(
  'node-fetch',
  "Node's own fetch, text()",
  () => async (url) => (await fetch(url)).text(),
  6_400,
);

export const row: Row = {
  id: 'fetch',
  title: 'fetch, 64 in flight, 4 KB, keep-alive',
  per: 'request',
  method: 'time',
  n: 25_600,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [ours, dispatch, request, undiciFetch, nodeFetch],
  marks: [
    atMostTimes(1, 'request', 'no dearer than undici request'),
    aheadOf(5, 'undici-fetch', '5x cheaper than undici fetch'),
  ],
};
