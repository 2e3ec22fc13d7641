import type { Coroutine } from '@switchyard/greenlet';
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { atMost } from '../mark.ts';
import { loadAsyncMutex } from '../npm/async-mutex.ts';
import { CPU_AND_WALL, OURS, type NodeContender, type Row, type Work } from '../row.ts';
import { leave, tryEnter } from './bare-lock.ts';

// One operation is one acquire and one release. Two threads begin at the same time and do half of them each.

const MAIN = 0;

const newWord = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** The step that a lock guards: without a lock, two threads would lose some of them. */
function step(counter: Int32Array): void {
  counter[0] = (counter[0] as number) + 1;
}

function counted(counter: Int32Array, n: number): void {
  if (counter[0] !== n) throw new Error(`Expected the lock to have guarded ${n} steps, got ${counter[0]}`);
}

/** A round in as many threads as the case says; they are warm, as they are from the round before. */
async function inThreads(target: 'lockSync' | 'lockYielding', threads: number): Promise<Work['run']> {
  const [{ Barrier, Lock, Thread }, tasks] = await Promise.all([
    import('@switchyard/threading'),
    import('./thread-tasks.ts'),
  ]);
  return async (n) => {
    const counter = newWord();
    const args = [new Lock(), counter, new Barrier(threads), n / threads] as never;
    const all = Array.from({ length: threads }, () => new Thread({ target: tasks[target], args }));
    for (const thread of all) thread.start();
    for (const thread of all) await thread;
    counted(counter, n);
  };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: tryAcquire (main), acquireSync (workers)',
  async load(value) {
    if (value !== MAIN) return inThreads('lockSync', value);
    const { Lock } = await import('@switchyard/threading');
    return (n) => {
      const lock = new Lock();
      const counter = newWord();
      for (let i = 0; i < n; i++) {
        if (!lock.tryAcquire()) throw new Error('Expected the lock to be free');
        step(counter);
        lock.release();
      }
      counted(counter, n);
    };
  },
};

const yielding: NodeContender = {
  id: 'ours-yield',
  label: 'ours: yield* lock.acquire()',
  async load(value) {
    if (value !== MAIN) return inThreads('lockYielding', value);
    const [{ Lock }, { spawn }] = await Promise.all([
      import('@switchyard/threading'),
      import('@switchyard/gevent'),
    ]);
    return async (n) => {
      const lock = new Lock();
      const counter = newWord();
      await spawn(function* (): Coroutine<void> {
        for (let i = 0; i < n; i++) {
          yield* lock.acquire();
          step(counter);
          lock.release();
        }
      });
      counted(counter, n);
    };
  },
};

/** The floor. */
const raw: NodeContender = {
  id: 'raw',
  label: 'bare Atomics: three states of a word',
  async load(threads) {
    if (threads === MAIN) {
      return (n) => {
        const words = newWord();
        const counter = newWord();
        for (let i = 0; i < n; i++) {
          if (!tryEnter(words)) throw new Error('Expected the lock to be free');
          step(counter);
          leave(words);
        }
        counted(counter, n);
      };
    }
    const file = new URL(`bare-lock-worker${extname(import.meta.url)}`, import.meta.url);
    const workers = Array.from({ length: threads }, () => new Worker(file));
    await Promise.all(workers.map((worker) => once(worker, 'online')));
    return {
      async run(n) {
        const order = { words: newWord(), counter: newWord(), gate: newWord(), threads, times: n / threads };
        await Promise.all(
          workers.map((worker) => {
            const done = once(worker, 'message');
            worker.postMessage(order);
            return done;
          }),
        );
        counted(order.counter, n);
      },
      close: () => Promise.all(workers.map((worker) => worker.terminate())),
    };
  },
};

const ONE_THREAD_ONLY = 'it guards the code of one thread';

const asyncMutex: NodeContender = {
  id: 'async-mutex',
  label: 'async-mutex: await acquire()',
  peer: 'async-mutex',
  n: 200_000,
  cannot: { worker: ONE_THREAD_ONLY, contended: ONE_THREAD_ONLY },
  async load() {
    const { Mutex } = await loadAsyncMutex();
    return async (n) => {
      const mutex = new Mutex();
      const counter = newWord();
      for (let i = 0; i < n; i++) {
        const release = await mutex.acquire();
        step(counter);
        release();
      }
      counted(counter, n);
    };
  },
};

export const row: Row = {
  id: 'thread-lock',
  title: 'thread lock',
  per: 'acquire and release',
  method: 'time',
  n: 2_000_000,
  cases: [
    { id: 'main', label: 'main thread, uncontended', value: MAIN },
    { id: 'worker', label: 'a worker, uncontended', value: 1 },
    { id: 'contended', label: 'two workers, contended', value: 2 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    yielding,
    raw,
    asyncMutex,
    { id: 'python', label: 'Python threading.Lock', script: 'thread_lock.py', standard: true },
  ],
  marks: [
    atMost(25, 'at most 25 ns uncontended on the main thread', { case: 'main' }),
    atMost(25, 'at most 25 ns uncontended in a worker', { case: 'worker' }),
    atMost(60, 'at most 60 ns contended, the CPU time of both threads', { case: 'contended' }),
  ],
};
