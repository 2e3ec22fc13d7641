/** The servers of the rows of select: each of them echoes whatever comes, on each of its connections. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { createServer, type AddressInfo, type Socket as NetSocket } from 'node:net';
import type { Coroutine } from '@switchyard/greenlet';
import type { Socket } from '@switchyard/select';
import { startServerInC } from '../load/driven.ts';
import { noServerInC } from '../load/equip.ts';
import { OURS, type Work } from '../row.ts';

const MOST = 65_536;

export interface Server {
  readonly port: number;
  /** How many connections it has accepted. */
  accepted(): number;
  /** How many of them there still are. */
  open(): number | Promise<number>;
  close?(): unknown;
  cpuOfOthers?: Work['cpuOfOthers'];
}

/** What a contender has for each of the rows: a server, and how it is called there. */
export interface Echo {
  readonly id: string;
  readonly label: string;
  absence?(): string | undefined;
  start(): Promise<Server>;
}

const portOf = (listener: Socket): number => listener.getsockname()[1] as number;

function rawNet(id: string, label: string, serve: (socket: NetSocket) => void): Echo {
  return {
    id,
    label,
    async start() {
      let count = 0;
      const ignore = (): void => {};
      const server = createServer({ noDelay: true }, (socket) => {
        count++;
        socket.on('error', ignore);
        serve(socket);
      });
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
      await once(server, 'listening');
      return {
        port: (server.address() as AddressInfo).port,
        accepted: () => count,
        // Node counts them: a listener for it would weigh on each connection.
        open: () => promisify(server.getConnections).call(server),
      };
    },
  };
}

const echoChunk = function (this: NetSocket, bytes: Buffer): void {
  this.write(bytes);
};

/** The floor: one listener, and nothing between it and the stream. */
const net = rawNet('net', "raw net: 'data', write", (socket) => void socket.on('data', echoChunk));

/** The same with an eye on what there is room for. */
const pipe = rawNet('net-pipe', 'raw net: socket.pipe(socket)', (socket) => void socket.pipe(socket));

/** What a connection is called for, and what there was no room to send. */
interface Serving {
  ready(socket: Socket): void;
  rest: Uint8Array | null;
}

const selector: Echo = {
  id: OURS,
  label: 'ours: DefaultSelector, recv, send',
  async start() {
    const select = await import('@switchyard/select');
    const { DefaultSelector, EVENT_READ, EVENT_WRITE } = select;
    const watched = new DefaultSelector<Serving>();
    const listener = await select.createServer(['127.0.0.1', 0]);
    let [accepted, closed] = [0, 0];
    function accept(): void {
      for (let next = listener.tryAccept(); next !== null; next = listener.tryAccept()) {
        accepted++;
        watched.register(next[0], EVENT_READ, { ready: echo, rest: null });
      }
    }
    function echo(this: Serving, socket: Socket): void {
      const before = this.rest;
      const bytes = before ?? socket.recv(MOST);
      if (bytes.length === 0) {
        watched.unregister(socket);
        socket.close();
        closed++;
        return;
      }
      const sent = socket.trySend(bytes) ?? 0;
      this.rest = sent === bytes.length ? null : bytes.subarray(sent);
      // Only one who has something to send wants to hear that there is room.
      if ((this.rest === null) !== (before === null))
        watched.modify(socket, this.rest === null ? EVENT_READ : EVENT_WRITE, this);
    }
    watched.register(listener, EVENT_READ, { ready: accept, rest: null });
    void (async () => {
      for (;;) for (const [key] of await watched.select()) key.data.ready(key.fileobj);
    })();
    return { port: portOf(listener), accepted: () => accepted, open: () => accepted - closed };
  },
};

const greenlets: Echo = {
  id: 'ours-greenlets',
  label: 'ours: a greenlet each, yield* sockRecv, sockSendall',
  async start() {
    const [{ spawn }, { createServer: listen, sockAccept, sockRecv, sockSendall }] = await Promise.all([
      import('@switchyard/gevent'),
      import('@switchyard/select'),
    ]);
    const listener = await listen(['127.0.0.1', 0]);
    let [accepted, closed] = [0, 0];
    function* serve(socket: Socket): Coroutine<void> {
      for (;;) {
        const bytes = yield* sockRecv(socket, MOST);
        if (bytes.length === 0) break;
        yield* sockSendall(socket, bytes);
      }
      socket.close();
      closed++;
    }
    void spawn(function* (): Coroutine<void> {
      for (;;) {
        const [socket] = yield* sockAccept(listener);
        accepted++;
        void spawn(serve, socket);
      }
    });
    return { port: portOf(listener), accepted: () => accepted, open: () => accepted - closed };
  },
};

const awaiting: Echo = {
  id: 'ours-await',
  label: 'ours: an async function each, await sockRecv, sockSendall',
  async start() {
    const { createServer: listen, sockAccept, sockRecv, sockSendall } = await import('@switchyard/select');
    const listener = await listen(['127.0.0.1', 0]);
    let [accepted, closed] = [0, 0];
    async function serve(socket: Socket): Promise<void> {
      for (;;) {
        const bytes = await sockRecv(socket, MOST);
        if (bytes.length === 0) break;
        await sockSendall(socket, bytes);
      }
      socket.close();
      closed++;
    }
    void (async () => {
      for (;;) {
        const [socket] = await sockAccept(listener);
        accepted++;
        void serve(socket);
      }
    })();
    return { port: portOf(listener), accepted: () => accepted, open: () => accepted - closed };
  },
};

/** How far it is to the bottom: no runtime at all. */
const inC: Echo = {
  id: 'c',
  label: 'C: epoll, recv, send',
  absence: noServerInC,
  async start() {
    const { port, pid, close } = await startServerInC();
    return {
      port,
      accepted: () => 0,
      open: () => 0,
      close,
      // It has no thread but its first, whose time the kernel tells exactly.
      cpuOfOthers: () => Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]),
    };
  },
};

export { awaiting, greenlets, inC, net, pipe, selector };
