import type { Coroutine } from '@switchyard/greenlet';
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type PythonContender, type Row } from '../row.ts';

// One operation: a thread started, which runs a trivial task, and joined. One after the other.

const COLD_N = 8;

function check(value: unknown, i: number): void {
  if (value !== i + 1) throw new Error(`Expected ${i + 1} of the thread, got ${String(value)}`);
}

function starting(label: string, own: boolean): NodeContender {
  return {
    id: OURS,
    label,
    async load() {
      const [{ Thread }, { increment }, { spawn }] = await Promise.all([
        import('@switchyard/threading'),
        import('./thread-tasks.ts'),
        import('@switchyard/gevent'),
      ]);
      // A thread with limits has a worker that nobody has used before, nor ever will again.
      const options = own ? { resourceLimits: { maxOldGenerationSizeMb: 512 } } : {};
      return (n) =>
        spawn(function* (): Coroutine<void> {
          for (let i = 0; i < n; i++) {
            const thread = new Thread<number>({ target: increment, args: [i] as never, ...options });
            thread.start();
            check(yield* thread, i);
          }
        });
    },
  };
}

const echo = (): Worker => new Worker(new URL(`echo-worker${extname(import.meta.url)}`, import.meta.url));

async function ask(worker: Worker, i: number): Promise<void> {
  worker.postMessage(i);
  const [value] = (await once(worker, 'message')) as [unknown];
  check(value, i);
}

/** The floor of a warm start: there and back. */
const message: NodeContender = {
  id: 'raw',
  label: 'postMessage to a waiting worker, and back',
  async load() {
    const worker = echo();
    await once(worker, 'online');
    return {
      run: (n) =>
        new Promise<void>((resolve, reject) => {
          let i = 0;
          worker.removeAllListeners('message').on('message', (value: unknown) => {
            if (value !== i + 1) return reject(new Error(`Expected ${i + 1}, got ${String(value)}`));
            if (++i === n) resolve();
            else worker.postMessage(i);
          });
          worker.postMessage(i);
        }),
      close: () => worker.terminate(),
    };
  },
};

const newWorker: NodeContender = {
  id: 'worker',
  label: 'new Worker(file), a message there and back, terminate',
  n: COLD_N,
  async load() {
    return async (n) => {
      for (let i = 0; i < n; i++) {
        const worker = echo();
        await ask(worker, i);
        await worker.terminate();
      }
    };
  },
};

/** The floor of a cold one: a worker that has nothing to load. */
const empty: NodeContender = {
  id: 'raw',
  label: "new Worker('', { eval: true }), until it exits",
  async load() {
    return async (n) => {
      for (let i = 0; i < n; i++) await once(new Worker('', { eval: true }), 'exit');
    };
  },
};

const python: PythonContender = {
  id: 'python',
  label: 'Python threading.Thread: start, join',
  script: 'thread_start.py',
  standard: true,
};

export const warm: Row = {
  id: 'thread-warm',
  title: 'Thread, start and join, on a worker that was used before',
  per: 'thread',
  method: 'time',
  n: 8_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [starting('ours: Thread', false), message, newWorker, python],
  marks: [],
};

export const cold: Row = {
  id: 'thread-cold',
  title: 'Thread, start and join, on a worker of its own',
  per: 'thread',
  method: 'time',
  n: COLD_N,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [starting('ours: Thread, as the first one', true), empty, newWorker, { ...python, n: 1_600 }],
  marks: [],
};
