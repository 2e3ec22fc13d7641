import type { Coroutine } from '@switchyard/greenlet';
import type { Waitable } from '@switchyard/hub';
import type * as selectModule from '@switchyard/select';
import type { Socket } from '@switchyard/select';
import { openLoad } from '../load/driven.ts';
import { equip } from '../load/equip.ts';
import { flat, type Mark } from '../mark.ts';
import { CPU_AND_WALL, OURS, type NodeContender, type PythonContender, type Row } from '../row.ts';
import { connectAll } from './select-connect-all.ts';
import { until } from './until.ts';

const ACTIVE = 10;
const LEAST = '100';

type Select = Pick<typeof selectModule, 'DefaultSelector' | 'epoll' | 'EVENT_READ' | 'EPOLLIN'>;
type Poll = () => Waitable<readonly unknown[]>;
type Watch = (select: Select) => {
  register(socket: Socket): unknown;
  poll: Poll;
};

/** Connections that are all watched, and ten of them with something to receive that nobody takes: each poll finds those. */
async function arrange(connections: number, watch: Watch): Promise<{ poll: Poll; close(): unknown }> {
  const select = await import('@switchyard/select');
  const { register, poll } = watch(select);
  const listener = await select.createServer(['127.0.0.1', 0]);
  const port = listener.getsockname()[1] as number;
  const load = openLoad(port, 1);
  const sockets: Socket[] = [];
  const server = {
    port,
    accepted(): number {
      for (let next = listener.tryAccept(); next !== null; next = listener.tryAccept()) sockets.push(next[0]);
      return sockets.length;
    },
    open: () => sockets.length,
  };
  await connectAll(load, server, connections);
  for (const socket of sockets) register(socket);
  await load.ask(`send ${ACTIVE}`);
  await until(
    () => sockets.filter((each) => select.selectNowait([each], [], [])[0].length > 0).length === ACTIVE,
  );
  return { poll, close: () => load.close() };
}

function check(found: readonly unknown[]): void {
  if (found.length !== ACTIVE) throw new Error(`Expected a poll to find ${ACTIVE}, got ${found.length}`);
}

function inGreenlet(id: string, label: string, watch: Watch): NodeContender {
  return {
    id,
    label,
    async load(connections) {
      const [{ poll, close }, { spawn }] = await Promise.all([
        arrange(connections, watch),
        import('@switchyard/gevent'),
      ]);
      function* polls(n: number): Coroutine<void> {
        for (let i = 0; i < n; i++) check(yield* poll());
      }
      return { run: (n) => spawn(polls, n), close };
    },
  };
}

const watchBySelector: Watch = ({ DefaultSelector, EVENT_READ }) => {
  const selector = new DefaultSelector();
  return { register: (socket) => selector.register(socket, EVENT_READ), poll: () => selector.select() };
};

const watchByEpoll: Watch = ({ epoll, EPOLLIN }) => {
  const poller = epoll();
  return { register: (socket) => poller.register(socket, EPOLLIN), poll: () => poller.poll() };
};

const awaited: NodeContender = {
  id: 'ours-await',
  label: 'ours: await selector.select()',
  async load(connections) {
    const { poll, close } = await arrange(connections, watchBySelector);
    return {
      async run(n) {
        for (let i = 0; i < n; i++) check(await poll());
      },
      close,
    };
  },
};

const python = (id: string, label: string, rest?: Partial<PythonContender>): PythonContender => ({
  id,
  label,
  script: `${id.replace('python', 'select').replace('-', '_')}_poll.py`,
  standard: true,
  ...rest,
});

function epollIsFlat(at: string, text: string): Mark {
  const { of, over, ...rest } = flat(1.1, at, LEAST, text);
  const contender = 'ours-epoll';
  return { ...rest, of: { ...of, contender }, ...(over && { over: { ...over, contender } }) };
}

export const row: Row = {
  id: 'select-poll',
  title: `a poll that finds ${ACTIVE} ready, of all that are registered`,
  per: 'poll',
  method: 'time',
  n: 160_000,
  cases: [
    { id: LEAST, label: '100 registered', value: 100 },
    { id: '1000', label: '1,000 registered', value: 1_000 },
    { id: '10000', label: '10,000 registered', value: 10_000 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    inGreenlet(OURS, 'ours: yield* selector.select()', watchBySelector),
    inGreenlet('ours-epoll', 'ours: yield* epoll.poll()', watchByEpoll),
    awaited,
    python('python-select', 'Python select.select', {
      n: 16_000,
      cannot: {
        '1000': 'it takes no file numbers above 1,023',
        '10000': 'it takes no file numbers above 1,023',
      },
    }),
    python('python-poll', 'Python select.poll', { n: 3_200 }),
    python('python-epoll', 'Python select.epoll'),
    python('python', 'Python selectors.DefaultSelector'),
  ],
  marks: [
    flat(1.1, '1000', LEAST, 'selector: 1,000 registered at most 1.1x 100'),
    flat(1.1, '10000', LEAST, 'selector: 10,000 registered at most 1.1x 100'),
    epollIsFlat('1000', 'epoll: 1,000 registered at most 1.1x 100'),
    epollIsFlat('10000', 'epoll: 10,000 registered at most 1.1x 100'),
  ],
  equip,
};
