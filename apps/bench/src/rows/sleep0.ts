import type { Coroutine } from '@switchyard/greenlet';
import { atMost } from '../mark.ts';
import { loadEffect } from '../npm/effect.ts';
import { CPU_AND_WALL, OURS, type Case, type NodeContender, type Row } from '../row.ts';

// `tasks` tasks give way to each other in turn, n times altogether. One operation is one time that a task gives way.

const ours: NodeContender = {
  id: OURS,
  label: 'ours: yield* sleep(0)',
  async load(tasks) {
    const { joinall, sleep, spawn } = await import('@switchyard/gevent');
    function* task(rounds: number): Coroutine<void> {
      for (let i = 0; i < rounds; i++) yield* sleep(0);
    }
    return (n) => joinall(Array.from({ length: tasks }, () => spawn(task, n / tasks)));
  },
};

const effect: NodeContender = {
  id: 'effect',
  label: 'Effect: yield* yieldNow',
  peer: 'effect',
  async load(tasks) {
    const { Effect } = await loadEffect();
    const task = (rounds: number) =>
      Effect.gen(function* () {
        for (let i = 0; i < rounds; i++) yield* Effect.yieldNow;
      });
    return (n) => {
      const all = Array.from({ length: tasks }, () => n / tasks);
      return Effect.runPromise(Effect.forEach(all, task, { concurrency: 'unbounded', discard: true }));
    };
  },
};

/** For scale: a promise job lets no timer and no socket have its turn, which sleep(0) must. */
const awaitNull: NodeContender = {
  id: 'await-null',
  label: 'async functions, await null',
  async load(tasks) {
    const task = async (rounds: number): Promise<void> => {
      for (let i = 0; i < rounds; i++) await null;
    };
    return (n) => Promise.all(Array.from({ length: tasks }, () => task(n / tasks)));
  },
};

/** For scale: a whole turn of the event loop for each time round. */
const immediate: NodeContender = {
  id: 'immediate',
  label: 'setImmediate chains',
  async load(tasks) {
    const task = (rounds: number): Promise<void> =>
      new Promise((resolve) => {
        let left = rounds;
        const turn = (): void => {
          if (--left > 0) setImmediate(turn);
          else resolve();
        };
        setImmediate(turn);
      });
    return (n) => Promise.all(Array.from({ length: tasks }, () => task(n / tasks)));
  },
};

const cases: readonly Case[] = [2, 10, 100].map((tasks) => ({
  id: `${tasks}`,
  label: `${tasks} tasks`,
  value: tasks,
}));

export const row: Row = {
  id: 'sleep0',
  title: 'sleep(0) round',
  per: 'sleep(0)',
  method: 'time',
  n: 500_000,
  cases,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    effect,
    { id: 'gevent', label: 'Python gevent: sleep(0)', script: 'gevent_sleep.py' },
    awaitNull,
    immediate,
  ],
  marks: cases.map((each) => atMost(100, `at most 100 ns, ${each.label}`, { case: each.id })),
};
