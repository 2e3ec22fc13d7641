import type { Coroutine } from '@switchyard/greenlet';
import { CPU_AND_WALL, OURS, type NodeContender, type Row, type Work } from '../row.ts';
import { openAgent } from './agent.ts';
import { forkChild, release, sendWritten } from './ipc-child.ts';
import { checkItem, itemOf, OBJECTS } from './queue-items.ts';

const ROUND_TRIP = 0;
const BYTES = 1;

const MEGABYTE = new Uint8Array(1_000_000).fill(1);

function checkWeight(weight: unknown, n: number): void {
  if (weight !== n * MEGABYTE.length)
    throw new Error(`Expected ${n} MB to arrive, got ${String(weight)} bytes`);
}

async function open(value: number) {
  const [{ Pipe }, tasks] = await Promise.all([
    import('@switchyard/multiprocessing'),
    import('./process-tasks.ts'),
  ]);
  const [here, there] = Pipe();
  const agent = await openAgent(value === BYTES ? tasks.drain : tasks.echo, there);
  there.close();
  return { here, agent };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: yield* send, yield* recv; sendBytes, recvBytes',
  async load(value): Promise<Work> {
    const [{ here, agent }, { spawn }] = await Promise.all([open(value), import('@switchyard/gevent')]);
    function* roundTrips(n: number): Coroutine<void> {
      for (let i = 0; i < n; i++) {
        yield* here.send(itemOf(OBJECTS, i));
        checkItem(OBJECTS, yield* here.recv(), i);
      }
    }
    function* bytes(n: number): Coroutine<void> {
      for (let i = 0; i < n; i++) yield* here.sendBytes(MEGABYTE);
    }
    return {
      async run(n) {
        const answer = agent.ask(n);
        await spawn(value === BYTES ? bytes : roundTrips, n);
        if (value === BYTES) checkWeight(await answer, n);
        else await answer;
      },
      close: () => agent.close(),
    };
  },
};

const awaited: NodeContender = {
  id: 'ours-await',
  label: 'ours: await send, await recv; sendBytes',
  async load(value): Promise<Work> {
    const { here, agent } = await open(value);
    return {
      async run(n) {
        const answer = agent.ask(n);
        for (let i = 0; i < n; i++) {
          if (value === BYTES) await here.sendBytes(MEGABYTE);
          else {
            await here.send(itemOf(OBJECTS, i));
            checkItem(OBJECTS, await here.recv(), i);
          }
        }
        if (value === BYTES) checkWeight(await answer, n);
        else await answer;
      },
      close: () => agent.close(),
    };
  },
};

/** The floor for one that has no more than Node. */
function ipc(serialization: 'json' | 'advanced', cannot: NodeContender['cannot']): NodeContender {
  return {
    id: `ipc-${serialization}`,
    label: `fork: send, 'message', '${serialization}'`,
    ...(cannot !== undefined && { cannot }),
    async load(value) {
      const child = await forkChild('ipc-echo', { serialization });
      const roundTrips = (n: number): Promise<void> =>
        new Promise((resolve, reject) => {
          let i = 0;
          child.removeAllListeners('message').on('message', (item) => {
            try {
              checkItem(OBJECTS, item, i);
            } catch (error) {
              return reject(error as Error);
            }
            if (++i === n) resolve();
            else child.send(itemOf(OBJECTS, i) as object);
          });
          child.send(itemOf(OBJECTS, i) as object);
        });
      const bytes = async (n: number): Promise<void> => {
        const answer = new Promise((resolve) => {
          child.removeAllListeners('message').once('message', resolve);
        });
        for (let i = 0; i < n; i++) await sendWritten(child, MEGABYTE);
        await sendWritten(child, 'weight');
        checkWeight(await answer, n);
      };
      return { run: value === BYTES ? bytes : roundTrips, close: () => release(child) };
    },
  };
}

export const row: Row = {
  id: 'process-pipe',
  title: 'pipe between the main process and a child',
  per: 'round trip, or MB',
  method: 'tree',
  n: 6_400,
  cases: [
    { id: 'trip', label: 'a small object there and back', value: ROUND_TRIP },
    { id: 'bytes', label: '1 MB of bytes, one way', value: BYTES, n: 400 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    awaited,
    ipc('json', { bytes: 'JSON has no bytes' }),
    ipc('advanced', undefined),
    {
      id: 'python',
      label: 'Python multiprocessing.Pipe: send, recv; send_bytes, recv_bytes',
      script: 'process_pipe.py',
      standard: true,
    },
  ],
  marks: [],
};
