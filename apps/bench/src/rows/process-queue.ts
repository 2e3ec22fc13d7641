import { CPU_AND_WALL, OURS, type NodeContender, type Row } from '../row.ts';
import { openAgent } from './agent.ts';
import { forkChild, release, sendWritten } from './ipc-child.ts';
import type { ItemsOrder } from './process-tasks.ts';
import { BUFFERS, NUMBERS, OBJECTS, weightOfAll } from './queue-items.ts';

// From one child process to another, both of them up. A queue holds this many items at most: then it pushes back.
const SIZE = 1_000;

function check(weight: unknown, kind: number, n: number): void {
  const all = weightOfAll(kind, n);
  if (weight !== all) throw new Error(`Expected items that weigh ${all}, got ${String(weight)}`);
}

function ourQueue(id: string, label: string, simple: boolean): NodeContender {
  return {
    id,
    label,
    async load(kind) {
      const [{ Queue, SimpleQueue }, tasks] = await Promise.all([
        import('@switchyard/multiprocessing'),
        import('./process-tasks.ts'),
      ]);
      const queue = simple ? new SimpleQueue() : new Queue(SIZE);
      const [getter, putter] = await Promise.all([openAgent(tasks.get, queue), openAgent(tasks.put, queue)]);
      return {
        async run(n) {
          const order = { kind, times: n } satisfies ItemsOrder;
          const [weight] = await Promise.all([getter.ask(order), putter.ask(order)]);
          check(weight, kind, n);
        },
        close: () => Promise.all([getter.close(), putter.close()]),
      };
    },
  };
}

/** Node has no way from one child to another but through their parent. */
function ipc(serialization: 'json' | 'advanced', cannot: NodeContender['cannot']): NodeContender {
  return {
    id: `ipc-${serialization}`,
    label: `fork, passed on by the parent, '${serialization}' (no bound)`,
    ...(cannot !== undefined && { cannot }),
    async load(kind) {
      const [getter, putter] = await Promise.all([
        forkChild('ipc-queue', { serialization }),
        forkChild('ipc-queue', { serialization }),
      ]);
      return {
        async run(n) {
          const got = new Promise((resolve) => {
            getter.removeAllListeners('message').once('message', resolve);
          });
          putter.removeAllListeners('message').on('message', (item) => getter.send(item));
          await sendWritten(getter, { gets: true, kind, n });
          await sendWritten(putter, { gets: false, kind, n });
          check(((await got) as { weight: number }).weight, kind, n);
        },
        close: () => Promise.all([release(getter), release(putter)]),
      };
    },
  };
}

export const row: Row = {
  id: 'process-queue',
  title: 'queue from process to process',
  per: 'item',
  method: 'tree',
  n: 16_000,
  cases: [
    { id: 'numbers', label: 'numbers', value: NUMBERS },
    { id: 'objects', label: 'small objects', value: OBJECTS },
    { id: 'buffers', label: 'buffers of 64 KB', value: BUFFERS, n: 1_600 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ourQueue(OURS, 'ours: Queue of 1,000, yield* put, yield* get', false),
    ourQueue('ours-simple', 'ours: SimpleQueue, yield* put, yield* get (no bound)', true),
    ipc('json', { buffers: 'JSON has no bytes' }),
    ipc('advanced', undefined),
    {
      id: 'python',
      label: 'Python multiprocessing.Queue of 1,000',
      script: 'process_queue.py',
      standard: true,
    },
    {
      id: 'python-simple',
      label: 'Python multiprocessing.SimpleQueue (what a pipe holds)',
      script: 'process_simple_queue.py',
      standard: true,
    },
  ],
  marks: [],
};
