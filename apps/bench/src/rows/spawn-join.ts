import type { Greenlet } from '@switchyard/gevent';
import type { Coroutine } from '@switchyard/greenlet';
import { aheadOf, atMost, atMostTimes } from '../mark.ts';
import { loadPeer } from '../npm/load.ts';
import { loadEffect, type Fiber } from '../npm/effect.ts';
import { loadEffection, type Task } from '../npm/effection.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';

// Every task returns a number at once; the one that started them holds all of them, and waits for all of them.

const ours: NodeContender = {
  id: OURS,
  label: 'ours: spawn, joinall',
  async load() {
    const { joinall, spawn } = await import('@switchyard/gevent');
    function* task(i: number): Coroutine<number> {
      return i;
    }
    return (n) => {
      const tasks: Greenlet<number>[] = [];
      for (let i = 0; i < n; i++) tasks.push(spawn(task, i));
      return joinall(tasks);
    };
  },
};

const asyncFunctions: NodeContender = {
  id: 'async',
  label: 'async functions, Promise.all',
  async load() {
    const task = async (i: number): Promise<number> => i;
    return (n) => {
      const tasks: Promise<number>[] = [];
      for (let i = 0; i < n; i++) tasks.push(task(i));
      return Promise.all(tasks);
    };
  },
};

/** Half of what the line above costs is Promise.all: this is the floor for tasks that all succeed. */
const asyncEach: NodeContender = {
  id: 'async-each',
  label: 'async functions, awaited in turn',
  async load() {
    const task = async (i: number): Promise<number> => i;
    return async (n) => {
      const tasks: Promise<number>[] = [];
      for (let i = 0; i < n; i++) tasks.push(task(i));
      for (const each of tasks) await each;
    };
  },
};

const co: NodeContender = {
  id: 'co',
  label: 'co, Promise.all',
  peer: 'co',
  async load() {
    type Co = (body: (i: number) => Generator<unknown, number>, i: number) => Promise<number>;
    const { default: start } = await loadPeer<{ default: Co }>('co');
    function* task(i: number): Generator<never, number, unknown> {
      return i;
    }
    return (n) => {
      const tasks: Promise<number>[] = [];
      for (let i = 0; i < n; i++) tasks.push(start(task, i));
      return Promise.all(tasks);
    };
  },
};

const effect: NodeContender = {
  id: 'effect',
  label: 'Effect: forkChild, join',
  peer: 'effect',
  async load() {
    const { Effect, Fiber } = await loadEffect();
    const task = (i: number) =>
      Effect.gen(function* () {
        return i;
      });
    return (n) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const fibers: Fiber<number>[] = [];
          for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(task(i)));
          for (const fiber of fibers) yield* Fiber.join(fiber);
        }),
      );
  },
};

/** Effect's own shortcut for the same: no fiber is handed out, so nothing can be joined or interrupted by itself. */
const effectForEach: NodeContender = {
  id: 'effect-foreach',
  label: 'Effect: forEach, unbounded',
  peer: 'effect',
  async load() {
    const { Effect } = await loadEffect();
    const task = (i: number) =>
      Effect.gen(function* () {
        return i;
      });
    return (n) => {
      const items = Array.from({ length: n }, (_, i) => i);
      return Effect.runPromise(Effect.forEach(items, task, { concurrency: 'unbounded', discard: true }));
    };
  },
};

const effection: NodeContender = {
  id: 'effection',
  label: 'Effection: spawn, yield* task',
  peer: 'effection',
  slow: true,
  async load() {
    const { run, spawn } = await loadEffection();
    return (n) =>
      run(function* () {
        const tasks: Task<number>[] = [];
        for (let i = 0; i < n; i++) {
          const task = yield* spawn(function* () {
            return i;
          });
          tasks.push(task);
        }
        for (const task of tasks) yield* task;
      });
  },
};

export const row: Row = {
  id: 'spawn-join',
  title: 'spawn + joinall',
  per: 'task',
  method: 'time',
  n: 100_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    asyncFunctions,
    asyncEach,
    co,
    effect,
    effectForEach,
    effection,
    { id: 'gevent', label: 'Python gevent: spawn, joinall', script: 'gevent_spawn.py' },
  ],
  marks: [
    atMost(800, 'at most 0.8 us each'),
    atMostTimes(4, 'async', 'within 4x of a bare async function'),
    aheadOf(3.5, 'effect', '3.5x ahead of Effect'),
    aheadOf(140, 'effection', '140x ahead of Effection'),
    aheadOf(15, 'gevent', '15x ahead of gevent'),
  ],
};
