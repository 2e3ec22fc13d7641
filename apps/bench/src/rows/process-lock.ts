import type { Coroutine } from '@switchyard/greenlet';
import type { ChildProcess } from 'node:child_process';
import { atMost } from '../mark.ts';
import { CPU_AND_WALL, OURS, type NodeContender, type Row, type Work } from '../row.ts';
import { openAgent } from './agent.ts';
import { forkChild, release } from './ipc-child.ts';
import type { LockOrder } from './process-tasks.ts';
import { scratchFile } from './scratch-file.ts';
import { setSteps, stepsIn } from './step-file.ts';

// One operation is one acquire and one release. Two processes begin at the same time and do half of them each.

const MAIN = 0;

function counted(steps: number, n: number): void {
  if (steps !== n) throw new Error(`Expected the lock to have guarded ${n} steps, got ${steps}`);
}

/** In as many processes as the case says, which are up before. */
async function inProcesses(processes: number): Promise<Work> {
  const [{ Barrier, Lock, Value }, tasks] = await Promise.all([
    import('@switchyard/multiprocessing'),
    import('./process-tasks.ts'),
  ]);
  const contended = processes > 1;
  const counter = new Value('i', 0, { lock: false });
  const shared = [new Lock(), counter, new Barrier(processes)];
  const agents = await Promise.all(Array.from({ length: processes }, () => openAgent(tasks.lock, ...shared)));
  return {
    arrange() {
      counter.value = 0;
    },
    async run(n) {
      const order = { times: n / processes, contended } satisfies LockOrder;
      const steps = (await Promise.all(agents.map((agent) => agent.ask(order)))) as number[];
      counted(contended ? counter.value : (steps[0] as number), n);
    },
    close: () => Promise.all(agents.map((agent) => agent.close())),
  };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: yield* lock.acquire()',
  async load(value) {
    if (value !== MAIN) return inProcesses(value);
    const [{ Lock }, { spawn }] = await Promise.all([
      import('@switchyard/multiprocessing'),
      import('@switchyard/gevent'),
    ]);
    return async (n) => {
      const lock = new Lock();
      let steps = 0;
      await spawn(function* (): Coroutine<void> {
        for (let i = 0; i < n; i++) {
          yield* lock.acquire();
          steps++;
          lock.release();
        }
      });
      counted(steps, n);
    };
  },
};

const NOT_OTHERWISE = 'a child process is measured with yield* only';

const awaited: NodeContender = {
  id: 'ours-await',
  label: 'ours: await lock.acquire()',
  n: 400_000,
  cannot: { child: NOT_OTHERWISE, contended: NOT_OTHERWISE },
  async load() {
    const { Lock } = await import('@switchyard/multiprocessing');
    return async (n) => {
      const lock = new Lock();
      let steps = 0;
      for (let i = 0; i < n; i++) {
        await lock.acquire();
        steps++;
        lock.release();
      }
      counted(steps, n);
    };
  },
};

/** Gives the lock to one child after the other, in the order in which they ask. Resolves when all are done. */
function grantAll(children: readonly ChildProcess[], times: number): Promise<void> {
  return new Promise((resolve) => {
    const line: ChildProcess[] = [];
    let held = false;
    let busy = children.length;
    const grant = (): void => {
      const next = line.shift();
      held = next !== undefined;
      next?.send('granted');
    };
    for (const child of children) {
      child.removeAllListeners('message').on('message', (message) => {
        if (message === 'acquire') {
          line.push(child);
          if (!held) grant();
        } else if (message === 'release') grant();
        else if (--busy === 0) resolve();
      });
      child.send(times);
    }
  });
}

/** What one writes without us: the parent, which has nothing else to do here, gives the lock to those who ask for it. */
const broker: NodeContender = {
  id: 'ipc',
  label: 'fork: ask the parent, wait for its answer',
  n: 16_000,
  cannot: { main: 'the parent has nobody to ask' },
  async load(processes) {
    const { path, file, unlink } = scratchFile(new Uint8Array(4));
    const children = await Promise.all(
      Array.from({ length: processes }, () => forkChild('ipc-lock', { args: [path] })),
    );
    unlink();
    return {
      arrange: () => setSteps(file, 0),
      async run(n) {
        await grantAll(children, n / processes);
        counted(stepsIn(file), n);
      },
      close: () => Promise.all(children.map(release)),
    };
  },
};

export const row: Row = {
  id: 'process-lock',
  title: 'process lock',
  per: 'acquire and release',
  method: 'tree',
  n: 1_600_000,
  cases: [
    { id: 'main', label: 'main process, one holder', value: MAIN },
    { id: 'child', label: 'a child process, one holder', value: 1 },
    { id: 'contended', label: 'two processes, contended, a step in shared memory', value: 2, n: 48_000 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    awaited,
    broker,
    {
      id: 'python',
      label: 'Python multiprocessing.Lock',
      script: 'process_lock.py',
      standard: true,
      n: 800_000,
    },
  ],
  marks: [
    atMost(300, 'at most 0.3 us, one holder, the main process', { case: 'main' }),
    atMost(300, 'at most 0.3 us, one holder, a child process', { case: 'child' }),
    atMost(20_000, 'at most 20 us contended, the CPU time of all, with the step', { case: 'contended' }),
  ],
};
