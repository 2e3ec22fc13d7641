import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';
import { check } from './clients.ts';

// One operation: a process started, which runs a trivial task, and joined. One after the other.

const ours: NodeContender = {
  id: OURS,
  label: 'ours: Process, start, join, its value',
  async load() {
    const [{ Process }, { increment }] = await Promise.all([
      import('@switchyard/multiprocessing'),
      import('./process-tasks.ts'),
    ]);
    return async (n) => {
      for (let i = 0; i < n; i++) {
        const child = new Process({ target: increment, args: [i] });
        child.start();
        await child.join();
        check(await child, i);
        if (child.exitcode !== 0) throw new Error(`Expected exit code 0, got ${child.exitcode}`);
      }
    };
  },
};

/** The floor: it has nothing to load, and knows what to do before it is asked. */
const raw: NodeContender = {
  id: 'raw',
  label: 'fork(file), a message, until it exits',
  async load() {
    const file = new URL(`ipc-start${extname(import.meta.url)}`, import.meta.url);
    return async (n) => {
      for (let i = 0; i < n; i++) {
        const child = fork(file, [String(i)], { execArgv: [] });
        const [[value], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
        check(value, i);
        if (code !== 0) throw new Error(`Expected exit code 0, got ${code}`);
      }
    };
  },
};

export const row: Row = {
  id: 'process-start',
  title: 'Process, start and join',
  per: 'process',
  method: 'tree',
  n: 8,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    raw,
    {
      id: 'python-spawn',
      label: "Python Process, 'spawn'",
      script: 'process_spawn.py',
      standard: true,
    },
    {
      id: 'python-fork',
      label: "Python Process, 'fork'",
      script: 'process_fork.py',
      standard: true,
      n: 160,
    },
  ],
  marks: [],
};
