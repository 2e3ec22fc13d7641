import { once } from 'node:events';
import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { CPU_AND_WALL, OURS, type NodeContender, type Row } from '../row.ts';
import { BUFFERS, NUMBERS, OBJECTS, STRINGS, weightOfAll } from './queue-items.ts';

// From one worker to another, both of them warm. A queue holds this many items at most: then it pushes back.
const SIZE = 1_000;

function check(weight: unknown, kind: number, n: number): void {
  const all = weightOfAll(kind, n);
  if (weight !== all) throw new Error(`Expected items that weigh ${all}, got ${String(weight)}`);
}

function ourQueue(id: string, label: string, form: 'Sync' | 'Yielding'): NodeContender {
  return {
    id,
    label,
    async load(kind) {
      const [{ Queue, Thread }, tasks] = await Promise.all([
        import('@switchyard/threading'),
        import('./thread-tasks.ts'),
      ]);
      return async (n) => {
        const args = [new Queue(SIZE), kind, n] as never;
        const getter = new Thread<number>({ target: tasks[`get${form}`], args });
        const putter = new Thread({ target: tasks[`put${form}`], args });
        getter.start();
        putter.start();
        await putter;
        check(await getter, kind, n);
      };
    },
  };
}

/** Has no bound, and one at each end: what it costs when nothing pushes back. */
const port: NodeContender = {
  id: 'port',
  label: 'MessagePort, bare (no bound)',
  async load(kind) {
    const file = new URL(`port-worker${extname(import.meta.url)}`, import.meta.url);
    const [putter, getter] = [new Worker(file), new Worker(file)];
    await Promise.all([once(putter, 'online'), once(getter, 'online')]);
    return {
      async run(n) {
        const { port1, port2 } = new MessageChannel();
        const got = once(getter, 'message');
        getter.postMessage({ gets: true, port: port2, kind, n }, [port2]);
        putter.postMessage({ gets: false, port: port1, kind, n }, [port1]);
        const [weight] = (await got) as [number];
        check(weight, kind, n);
      },
      close: () => Promise.all([putter.terminate(), getter.terminate()]),
    };
  },
};

export const row: Row = {
  id: 'thread-queue',
  title: 'queue from worker to worker',
  per: 'item',
  method: 'time',
  n: 160_000,
  cases: [
    { id: 'numbers', label: 'numbers', value: NUMBERS },
    { id: 'objects', label: 'small objects', value: OBJECTS },
    { id: 'strings', label: 'strings of 1 KB', value: STRINGS },
    { id: 'buffers', label: 'buffers of 64 KB', value: BUFFERS, n: 8_000 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ourQueue(OURS, 'ours: putSync, getSync', 'Sync'),
    ourQueue('ours-yield', 'ours: yield* put, yield* get', 'Yielding'),
    port,
    {
      id: 'python',
      label: 'Python queue.Queue (hands references over)',
      script: 'thread_queue.py',
      standard: true,
    },
  ],
  marks: [],
};
