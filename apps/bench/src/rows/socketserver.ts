import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import type * as socketserver from '@switchyard/socketserver';
import { openLoad } from '../load/driven.ts';
import { equip } from '../load/equip.ts';
import { CPU_AND_WALL, type NodeContender, ONE_CASE, OURS, type Row } from '../row.ts';

/** Bytes of a message. Python's script says the same. */
const SIZE = 64;
/** Threads or processes of a server that has any, and the most that Python's has at a time. */
const WORKERS = 2;

/** The processes that this one has started, and that have not ended. */
function children(): string[] {
  return readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' ').filter(Boolean),
  );
}

/** What the threads of a process have run, in nanoseconds. */
function cpuOf(pid: string): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce(
    (sum, thread) =>
      sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
    0,
  );
}

function churned(port: number, close: () => unknown): Awaited<ReturnType<NodeContender['load']>> {
  // The load is not among them: it is started next.
  const workers = process.platform === 'linux' ? children() : [];
  const load = openLoad(port, SIZE);
  return {
    run: (n) => load.ask(`churn ${n}`),
    cpuOfOthers: () => workers.reduce((sum, pid) => sum + cpuOf(pid), 0),
    async close() {
      await load.close();
      await close();
    },
  };
}

type Kind = 'TCPServer' | 'GreenletTCPServer' | 'ThreadingTCPServer' | 'ForkingTCPServer';

function ours(
  id: string,
  kind: Kind,
  label: string,
  options: socketserver.ThreadingServerOptions = {},
): NodeContender {
  return {
    id,
    label: `ours: ${kind}${label}`,
    async load() {
      const [servers, { Echo }, { spawn }] = await Promise.all([
        import('@switchyard/socketserver'),
        import('./socketserver-handler.ts'),
        import('@switchyard/gevent'),
      ]);
      const server = new servers[kind](['127.0.0.1', 0], Echo, { maxChildren: WORKERS, ...options });
      void spawn(() => server.serveForever());
      await server.start();
      return churned(server.serverAddress[1] as number, () => server[Symbol.asyncDispose]());
    },
  };
}

/** The limit: one listener, and nothing between it and the stream. */
const net: NodeContender = {
  id: 'net',
  label: "raw net: 'data', write",
  async load() {
    const ignore = (): void => {};
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', ignore).on('data', (bytes) => void socket.write(bytes));
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(server, 'listening');
    return churned((server.address() as AddressInfo).port, () => server.close());
  },
};

export const row: Row = {
  id: 'socketserver',
  title: 'connections of servers, CPU time of the server and its threads or processes',
  per: 'connection: made, a message of 64 B echoed, closed; 16 at a time',
  method: 'time',
  n: 4_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours(OURS, 'GreenletTCPServer', ''),
    ours('ours-tcp', 'TCPServer', ', one after the other'),
    ours('ours-threads', 'ThreadingTCPServer', ', 2 threads'),
    ours('ours-relayed', 'ThreadingTCPServer', ', 2 threads, bytes relayed', { relay: true }),
    ours('ours-processes', 'ForkingTCPServer', ', 2 processes'),
    net,
    { id: 'gevent', label: 'Python gevent: StreamServer', script: 'gevent_churn.py' },
    { id: 'python', label: 'Python: TCPServer', script: 'select_churn.py', standard: true },
    { id: 'python-threads', label: 'Python: ThreadingTCPServer', script: 'thread_churn.py', standard: true },
    {
      id: 'python-processes',
      label: 'Python: ForkingTCPServer',
      script: 'process_churn.py',
      standard: true,
      n: 800,
    },
  ],
  marks: [],
  equip,
};
